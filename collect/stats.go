package collect

import (
	"net/http"
	"sync/atomic"
)

// codes are the reasons by which refusals are counted.
var codes = [...]string{"syntax", "type", "missing", "value", "too_large", "other"}

// stats counts for metrics.
type stats struct {
	accepted, bytes, metrics atomic.Int64
	refused                  [len(codes)]atomic.Int64
	answers                  [600]atomic.Int64 // by status
}

// Counts is a reading of a handler's counters.
type Counts struct {
	Accepted int64            // events on disk
	Bytes    int64            // of bodies, after decompression
	Rejected map[string]int64 // events, by reason: syntax, type, missing, value, too_large, other
	Requests map[int]int64    // by HTTP status
	InFlight int64            // bytes of the bodies under way
}

// Counts reads the counters.
func (h *Handler) Counts() Counts {
	c := Counts{Accepted: h.stats.accepted.Load(), Bytes: h.stats.bytes.Load(), InFlight: h.inFlight.Load(),
		Rejected: map[string]int64{}, Requests: map[int]int64{}}
	for i, name := range codes {
		c.Rejected[name] = h.stats.refused[i].Load()
	}
	for status := range h.stats.answers {
		if n := h.stats.answers[status].Load(); n > 0 {
			c.Requests[status] = n
		}
	}
	return c
}

func (s *stats) took(q *request) {
	s.accepted.Add(int64(len(q.events)))
	for i := range q.refused {
		s.refuse(q.refused[i].Code)
	}
}

func (s *stats) refuse(code string) {
	for i, name := range codes {
		if name == code || i == len(codes)-1 {
			s.refused[i].Add(1)
			return
		}
	}
}

func (s *stats) answer(status int) {
	if status < len(s.answers) {
		s.answers[status].Add(1)
	} else {
		s.answers[http.StatusInternalServerError].Add(1)
	}
}
