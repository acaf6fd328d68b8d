package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/decide"
	"github.com/heedcx/heed/stream"
)

// outcome is what a Feedback event says of a message.
type outcome struct {
	message  heed.ID
	state    heed.MessageState
	at       heed.Time
	detail   string
	provider string
}

// rank orders the states in which a message may be once a sender had it; a state never gives way to one of a lower
// rank, in whatever order reports arrive. The query ledger.feedback has the same numbers.
func rank(s heed.MessageState) int64 {
	switch s {
	case heed.MessageUnknown:
		return 3
	case heed.MessageSent:
		return 4
	case heed.MessageFailed:
		return 5
	case heed.MessageDelivered:
		return 6
	case heed.MessageBounced:
		return 7
	case heed.MessageComplained:
		return 8
	}
	return 0
}

// take notes what a channel learned of a message. One that failed never reached the person, so it does not count.
func (w *work) take(p *heed.Person, e *heed.Event) {
	state := heed.MessageState(e.Name)
	if rank(state) == 0 {
		return // opened, clicked, unsubscribed: not a state
	}
	var f struct {
		Message  heed.ID `json:"message"`
		Detail   string  `json:"detail"`
		Provider string  `json:"provider"`
	}
	if json.Unmarshal(e.Properties, &f) != nil || f.Message.IsZero() {
		return
	}
	w.feedback = append(w.feedback, outcome{f.Message, state, e.Timestamp, cut(f.Detail, 500), cut(f.Provider, 200)})
	if p != nil && state == heed.MessageFailed {
		decide.Release(p, f.Message)
	}
}

func cut(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return s
}

// merge moves what belongs to the loser to the survivor. Profile has merged the documents; what it left of the
// loser's reservations and held messages is taken over here.
func (w *work) merge(b *stream.Batch, p *heed.Person, e *heed.Event) {
	if p == nil || e.Loser.IsZero() || e.Loser == p.ID {
		return
	}
	w.moves = append(w.moves, [2]heed.ID{e.Loser, p.ID})
	for _, m := range w.messages {
		if m.Person == e.Loser {
			m.Person = p.ID
		}
	}
	for i := range w.rows {
		if w.rows[i].Person == e.Loser {
			w.rows[i].Person = p.ID
		}
	}
	if l := b.Person(e.Loser); l != nil && l != p {
		for _, h := range l.Pending {
			if !slices.ContainsFunc(p.Pending, func(x heed.Pending) bool { return x.Message == h.Message }) {
				p.Pending, p.Dirty = append(p.Pending, h), true
			}
		}
		for _, c := range l.Contacts {
			if !slices.ContainsFunc(p.Contacts, func(x heed.Contact) bool { return x.Message == c.Message }) {
				p.Contacts, p.Dirty = append(p.Contacts, c), true
			}
		}
	}
	slices.SortStableFunc(p.Contacts, func(a, b heed.Contact) int { return int(max(-1, min(1, a.At-b.At))) })
	if v := w.wanted[e.Loser]; v != nil {
		for _, in := range v.intents {
			in.Person = p.ID
			into := w.of(p.ID)
			into.intents = append(into.intents, in)
		}
		v.intents = nil
	}
	if len(p.Pending) > 0 {
		v := w.of(p.ID) // the strictest consent of both holds now
		v.look = atAll
	}
}

// erase forgets a person: messages go, decisions stay without the person's data.
func (w *work) erase(id heed.ID) {
	w.erased = append(w.erased, id)
	for k, m := range w.messages {
		if m.Person == id {
			delete(w.messages, k)
		}
	}
	w.changed = slices.DeleteFunc(w.changed, func(m *message) bool { return m.Person == id })
	for i := range w.rows {
		if r := &w.rows[i]; r.Person == id {
			r.Person, r.Message, r.Text, r.Inputs = heed.ID{}, heed.ID{}, "", heed.RawJSON("{}")
		}
	}
	if v := w.wanted[id]; v != nil {
		*v = wish{queued: v.queued}
	}
}

// Limits of what a command may carry.
const (
	maxWord = 200
	maxVars = 32 << 10
)

// command turns a SendMessage event into a wish.
func (s *Stage) command(w *work, b *stream.Batch, p *heed.Person, e *heed.Event) {
	in, err := intentOf(e)
	if err != nil {
		s.l.log.Warn("a SendMessage command cannot be understood", "message_id", e.MessageID, "error", err)
		return
	}
	if p == nil {
		d := heed.Decision{Outcome: heed.Drop, Reason: decide.UnknownPerson, Text: "dropped: nobody is known by that"}
		w.rows = append(w.rows, w.ids.rowOf(in, d, w.o.Inputs(&decide.Candidate{Intent: in}, nil, b.Now), b.Now))
		return
	}
	in.Person = p.ID
	w.want(p, in, b.Now)
}

func intentOf(e *heed.Event) (*heed.Intent, error) {
	in := &heed.Intent{}
	if err := json.Unmarshal(e.Properties, in); err != nil {
		return nil, heed.FieldErrorf("properties", "are not an intent: %v", err)
	}
	if in.ID.IsZero() { // the same command gives the same message
		sum := sha256.Sum256([]byte(e.MessageID))
		in.ID = heed.MakeID(e.Timestamp, [10]byte(sum[:10]))
	}
	if in.Asked == 0 {
		in.Asked = e.Timestamp
	}
	in.Run, in.Version = heed.ID{}, 0 // only journeys have runs
	if in.By == "" {
		in.By = "api"
	}
	return in, checkIntent(in)
}

func checkIntent(in *heed.Intent) error {
	for _, f := range [][2]string{{"channel", in.Channel}, {"purpose", in.Purpose}, {"topic", in.Topic}, {"template", in.Template},
		{"about", in.About}, {"journey", in.Journey}, {"node", in.Node}, {"by", in.By}} {
		if len(f[1]) > maxWord {
			return heed.FieldErrorf(f[0], "has %d bytes; at most %d are allowed", len(f[1]), maxWord)
		}
	}
	switch {
	case in.Channel == "":
		return heed.FieldErrorf("channel", "is missing: name the channel, such as email")
	case in.Purpose == "":
		return heed.FieldErrorf("purpose", "is missing: name the purpose, as the brand declared it")
	case len(in.Vars) > maxVars:
		return heed.FieldErrorf("vars", "has %d bytes; at most %d are allowed", len(in.Vars), maxVars)
	case in.Vars != "" && (!json.Valid([]byte(in.Vars)) || bytes.TrimSpace([]byte(in.Vars))[0] != '{'):
		return heed.FieldErrorf("vars", "must be a JSON object")
	case in.TTL < 0:
		return heed.FieldErrorf("ttl", "is negative")
	}
	return nil
}
