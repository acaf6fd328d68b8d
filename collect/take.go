package collect

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"unsafe"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/stream"
)

// parse notes what the body says. as is the type that the path says; 0 is a batch.
func (q *request) parse(as heed.Type) (more int) {
	q.text.reset(q.padded())
	if as != 0 {
		q.text.single()
		return 0
	}
	more = q.text.batch(MaxBatchEvents)
	if t := &q.text; !t.listed && t.broken.text == "" {
		// Whoever sends a single event here would else be told that it is stored.
		t.broken, t.rest = fault{at: t.start(), path: "batch", text: "is missing: want an array of events"}, 0
	}
	return more
}

// key returns the write key that the body carries: its own, else that of its first event (analytics-next).
func (q *request) key() string {
	f := q.text.writeKey
	for i := 0; i < len(q.text.notes) && f.kind == isNone; i++ {
		f = q.text.notes[i].writeKey
	}
	if f.kind != isString {
		return ""
	}
	return q.text.string(f)
}

// build turns the notes into q.events and q.refused. list is what the array of events is called in refusals, "" for a
// single event.
func (q *request) build(src Source, received heed.Time, as heed.Type, list string) error {
	b, t := &q.builder, &q.text
	b.text, b.source, b.received = t, src, received
	b.bad = nil
	if b.sent = b.time(t.sentAt, "sentAt"); b.bad != nil {
		b.sent = 0 // the batch is worth more than its clock
	}
	if size := t.context.all.end - t.context.all.start; size > MaxEventBytes || int(size)*len(t.notes) > maxSpread {
		return heed.FieldErrorf("context", "is %d bytes long for %d events: put large things into the event that they are about", size, len(t.notes))
	}
	if cap(q.events) < len(t.notes) {
		q.events = make([]heed.Event, 0, max(len(t.notes), 128))
	}
	b.makeID = q.newID
	for i := range t.notes {
		n := &t.notes[i]
		var bad *Refusal
		if n.bad.text != "" {
			bad = t.syntax(n.start, n.bad)
		} else {
			q.events = q.events[:len(q.events)+1]
			e := &q.events[len(q.events)-1]
			*e = heed.Event{}
			if bad = b.event(n, as, e); bad == nil {
				q.index = append(q.index, int32(i))
				continue
			}
			*e = heed.Event{} // nothing may point into the buffer once it is given back
			q.events = q.events[:len(q.events)-1]
			if n.messageID.kind == isString {
				bad.ID = string([]byte(t.string(n.messageID)))
			}
		}
		q.refuse(bad, list, i, t.b[n.start:n.end])
	}
	if t.broken.text != "" {
		rest := t.b[min(t.rest, len(t.b)-pad) : len(t.b)-pad]
		if !t.listed && t.broken.path != "" {
			list = "" // it is the list itself that is wrong
		}
		q.refuse(t.syntax(int32(t.rest), t.broken), list, len(t.notes), rest)
	}
	return nil
}

// syntax makes a refusal of a fault in the JSON that begins at start.
func (t *text) syntax(start int32, f fault) *Refusal {
	path := f.path
	if path == "" && int(start) < f.at {
		path = pathAt(t.b, int(start), f.at)
	}
	if len(path) > 0 && path[0] == '.' {
		path = path[1:]
	}
	return &Refusal{Code: "syntax", Field: path, Message: f.text + " (at byte " + strconv.Itoa(f.at+1) + " of the request)"}
}

// refuse notes a refusal and its dead letter. raw is the event as it arrived; it is copied.
func (q *request) refuse(r *Refusal, list string, i int, raw []byte) {
	r.Index = i
	if list != "" {
		field := list + "[" + strconv.Itoa(i) + "]"
		if r.Field != "" && r.Field[0] != '[' {
			field += "."
		}
		r.Field = field + r.Field
	}
	q.refused = append(q.refused, *r)
	q.letters = append(q.letters, letter(q.builder.source.Name, q.builder.received, r.Error(), i, raw, r.Code != "syntax"))
}

// letter makes a dead letter whose event is valid JSON.
func letter(source string, at heed.Time, reason string, index int, raw []byte, valid bool) stream.DeadLetter {
	l := stream.DeadLetter{ID: heed.NewID(at).String(), At: at, Stage: "collect", Source: source, Reason: reason, Index: index}
	if len(raw) > maxRaw {
		raw, valid = raw[:maxRaw], false
	}
	if valid {
		l.Event = heed.RawValue(raw)
	} else if len(raw) > 0 {
		quoted, _ := json.Marshal(string(raw)) // a string always encodes
		l.Event = heed.RawValue(quoted)
	}
	return l
}

// newID makes the messageId of an event that came without one. It is random: two equal events may both have happened.
func (q *request) newID() string {
	b := &q.builder
	if b.idBase == "" {
		var r [16]byte
		_, _ = rand.Read(r[:]) // never fails since Go 1.24
		b.idBase = hex.EncodeToString(r[:]) + "-"
	}
	id := make([]byte, 0, len(b.idBase)+4)
	id = strconv.AppendInt(append(id, b.idBase...), int64(len(q.index)+len(q.refused)), 10)
	return unsafe.String(&id[0], len(id)) // never written to again
}

// store writes what the request holds: first what was refused (kept twice when the sender has to try again, which
// harms nobody), then the events. Any error is transient.
func (h *Handler) store(ctx context.Context, q *request) error {
	if len(q.letters) == 0 && len(q.events) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, h.o.Timeout)
	defer cancel()
	if len(q.letters) > 0 {
		if err := h.o.Rejects.Reject(ctx, q.letters); err != nil {
			return err
		}
	}
	if len(q.events) > 0 {
		if _, err := h.o.Sink.Write(ctx, q.events); err != nil {
			return err
		}
	}
	h.stats.took(q)
	if h.o.Observer != nil {
		h.o.Observer(q.builder.source, q.events, q.refused)
	}
	return nil
}
