package collect

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/heedcx/heed"
)

// Status is what became of one event.
type Status string

// The statuses.
const (
	Accepted  Status = "accepted"  // on disk
	Duplicate Status = "duplicate" // its messageId came before, in this request or in the last 72 h: counted once
	Rejected  Status = "rejected"  // kept as a dead letter
)

// EventResult is what became of one event of a request.
type EventResult struct {
	Index     int    `json:"index"`
	Status    Status `json:"status"`
	MessageID string `json:"message_id,omitempty"`
	Field     string `json:"field,omitempty"`
	Error     string `json:"error,omitempty"`
}

// EventsResult is the answer to POST /api/v1/events.
type EventsResult struct {
	Accepted   int           `json:"accepted"`
	Duplicates int           `json:"duplicates"`
	Rejected   int           `json:"rejected"`
	Events     []EventResult `json:"events"` // in the order of the request
}

// EventsHandler is POST /api/v1/events: one event, an array of events, or {"events": [...], "context": {...}}, in the
// form of the Segment spec, answered event by event. source authenticates the request, by API key or session; its error
// is answered as it is. The status is 200 when at least one event was stored or was there already, else 400.
func (h *Handler) EventsHandler(source func(r *http.Request) (Source, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		src, err := source(r)
		if err != nil {
			status := http.StatusUnauthorized
			if heed.CodeOf(err) == heed.Forbidden {
				status = http.StatusForbidden
			}
			h.problem(w, status, err, nil)
			return
		}
		q := takeRequest()
		defer q.release()
		done, ok := h.admit(w, r)
		if !ok {
			return
		}
		defer done()
		if err := q.read(r); err != nil {
			h.unread(w, r, q, src, true, err)
			return
		}
		h.stats.bytes.Add(int64(len(q.body)))
		more := q.parseAny()
		q.builder.source = src
		if !h.prepare(w, r, q, src, 0, "events", more) {
			return
		}
		// Asked first: once the events are stored, a worker may have seen them.
		before, err := h.before(r.Context(), q)
		if err == nil {
			err = h.store(r.Context(), q)
		}
		if err != nil {
			h.notStored(w, r, err)
			return
		}
		res := q.results(before)
		body, err := json.Marshal(res)
		if err != nil {
			h.notStored(w, r, err)
			return
		}
		status := http.StatusOK
		if res.Rejected > 0 && res.Rejected == len(res.Events) {
			status = http.StatusBadRequest
		}
		h.json(w, status, body)
	})
}

// parseAny notes the events of a body that is a batch, an array, or a single event.
func (q *request) parseAny() (more int) {
	q.text.reset(q.padded())
	t := &q.text
	if i := space(t.b, t.start()); t.b[i] == '{' {
		// An object without a list of events is an event itself.
		if more = t.batch(MaxBatchEvents); t.listed || t.broken.text != "" {
			return more
		}
		t.reset(t.b)
		t.single()
		return 0
	}
	return t.batch(MaxBatchEvents)
}

// before tells which of the events came before this request.
func (h *Handler) before(ctx context.Context, q *request) ([]bool, error) {
	if h.o.Duplicates == nil || len(q.events) == 0 {
		return nil, nil
	}
	ids := make([]string, len(q.events))
	for i := range q.events {
		ids[i] = q.events[i].MessageID
	}
	return h.o.Duplicates.Seen(ctx, q.builder.source.Name, ids)
}

// results tells what became of each event, once they are stored.
func (q *request) results(before []bool) *EventsResult {
	res := &EventsResult{Events: make([]EventResult, 0, len(q.events)+len(q.refused))}
	ri := 0
	rejected := func(until int) {
		for ; ri < len(q.refused) && q.refused[ri].Index < until; ri++ {
			r := &q.refused[ri]
			res.Rejected++
			res.Events = append(res.Events, EventResult{Index: r.Index, Status: Rejected, MessageID: r.ID, Field: r.Field, Error: r.Message})
		}
	}
	for i := range q.events {
		rejected(int(q.index[i]))
		id := q.events[i].MessageID
		out := EventResult{Index: int(q.index[i]), Status: Accepted, MessageID: id}
		if _, twice := q.seen[id]; twice || i < len(before) && before[i] {
			out.Status = Duplicate
			res.Duplicates++
		} else {
			res.Accepted++
			q.seen[id] = struct{}{}
		}
		res.Events = append(res.Events, out)
	}
	rejected(MaxBatchEvents + 1)
	return res
}
