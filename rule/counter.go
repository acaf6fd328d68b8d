package rule

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"unsafe"

	"github.com/heedcx/heed"
)

// SequenceDepth is how many of the latest occurrences of each step a sequence looks at.
const SequenceDepth = 16

// CounterSpec is one thing that some rule needs counted: the events that match one condition, or the completions of
// one sequence. Its ID is a hash of its text, so that the same condition in two rules is one counter.
type CounterSpec struct {
	ID   string
	Text string // canonical: "Order Completed" where properties.revenue > 50
	Type heed.Type
	Name string // "" matches every name
	// Depth is how many of the latest times are kept: the largest n that any rule asks for within a time, plus one
	// where "at most" or "exactly" must see one more.
	Depth int
	// Steps are the counters of a sequence's steps, in order; empty for an event. Within bounds first to last; 0 does not.
	Steps  []string
	Within heed.Time

	event *Event
	where *node
}

// counterID hashes the canonical text: 64 bits, as 11 characters that need no escape in JSON.
func counterID(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:8])
}

func eventText(e *Event) string {
	return (&Expr{Kind: Then, Steps: []*Event{e}}).String()
}

func eventCounter(e *Event, depth int) CounterSpec {
	text := eventText(e)
	s := CounterSpec{ID: counterID(text), Text: text, Type: e.typ(), Name: e.Name, Depth: depth, event: e}
	if e.Where != nil {
		w := compile(e.Where)
		s.where = &w
	}
	return s
}

func sequenceCounter(e *Expr) CounterSpec {
	text := (&Expr{Kind: Then, Steps: e.Steps, Within: e.Within}).String()
	s := CounterSpec{ID: counterID(text), Text: text, Within: heed.Time(e.Within)}
	for _, step := range e.Steps {
		s.Steps = append(s.Steps, counterID(eventText(step)))
	}
	return s
}

// Counters lists what a tree needs counted, by ID, each once. Steps of a sequence are in it.
func Counters(e *Expr) []CounterSpec {
	var out []CounterSpec
	walk(e, func(e *Expr) {
		switch e.Kind {
		case Did:
			out = append(out, eventCounter(e.Event, didDepth(e)))
		case First, Last:
			out = append(out, eventCounter(e.Event, 0))
		case Then:
			for _, s := range e.Steps {
				out = append(out, eventCounter(s, SequenceDepth))
			}
			out = append(out, sequenceCounter(e))
		}
	})
	return Union(out)
}

func didDepth(e *Expr) int {
	if e.Within == 0 {
		return 0
	}
	is, n := atLeastOnce(e.Count)
	if is == AtLeast {
		return n
	}
	return n + 1
}

func atLeastOnce(c *Count) (string, int) {
	if c == nil {
		return AtLeast, 1
	}
	return c.Is, c.N
}

// walk visits every node of a person's rule; it does not go into a where.
func walk(e *Expr, f func(*Expr)) {
	f(e)
	for _, k := range e.Of {
		walk(k, f)
	}
}

// Union joins lists of counters: each once, as deep as the deepest, sorted by ID.
func Union(lists ...[]CounterSpec) []CounterSpec {
	all := slices.Concat(lists...)
	slices.SortStableFunc(all, func(a, b CounterSpec) int { return cmp.Compare(a.ID, b.ID) })
	out := all[:0]
	for _, s := range all {
		if n := len(out); n > 0 && out[n-1].ID == s.ID {
			out[n-1].Depth = max(out[n-1].Depth, s.Depth)
			continue
		}
		out = append(out, s)
	}
	return out
}

// Match says whether the event is one that the counter counts. It does not allocate.
func (s *CounterSpec) Match(e *heed.Event) bool {
	if s.Type != e.Type || s.Name != "" && s.Name != e.Name || len(s.Steps) > 0 {
		return false
	}
	return s.where == nil || s.where.where(e, plain(e.Properties))
}

// plain looks at JSON as a string without copying it; nobody writes to it while the rule reads.
func plain(b heed.RawJSON) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// Fold counts one more event at ts into c, which may arrive in any order: Recent stays sorted, newest first, and holds
// the latest Depth.
func (s *CounterSpec) Fold(c *heed.Counter, ts heed.Time) {
	c.N++
	if c.N == 1 || ts < c.First {
		c.First = ts
	}
	if c.N == 1 || ts > c.Last {
		c.Last = ts
	}
	insert(c, ts, s.Depth)
}

func insert(c *heed.Counter, ts heed.Time, depth int) {
	n := len(c.Recent)
	if n >= depth && (n == 0 || ts <= c.Recent[n-1]) {
		return
	}
	i := n
	for i > 0 && c.Recent[i-1] < ts {
		i--
	}
	if n < depth {
		c.Recent = append(c.Recent, 0)
		n++
	}
	copy(c.Recent[i+1:n], c.Recent[i:n-1])
	c.Recent[i] = ts
}

// Merge adds what from counted to into: two people who are one, or history and what happened since. Depth 0 keeps
// every time, for a caller that does not know the depth; whoever does cuts it with Trim.
func Merge(into, from *heed.Counter, depth int) {
	if from == nil || from.N == 0 {
		return
	}
	if into.N == 0 || from.First < into.First {
		into.First = from.First
	}
	if into.N == 0 || from.Last > into.Last {
		into.Last = from.Last
	}
	into.N += from.N
	if depth == 0 {
		depth = len(into.Recent) + len(from.Recent)
	}
	for _, ts := range from.Recent {
		insert(into, ts, depth)
	}
}

// Deepen adds to Recent the times of history that a shallower counter did not keep. Times that both know are one: of
// each time, as many stay as the one of the two that has more of it.
func Deepen(into *heed.Counter, history []heed.Time, depth int) {
	for i, ts := range history {
		want := 1
		for j := i - 1; j >= 0 && history[j] == ts; j-- {
			want++
		}
		have := 0
		for _, x := range into.Recent {
			if x == ts {
				have++
			}
		}
		if have < want {
			insert(into, ts, depth)
		}
	}
}

// Trim cuts Recent to the counter's depth.
func (s *CounterSpec) Trim(c *heed.Counter) bool {
	if len(c.Recent) <= s.Depth {
		return false
	}
	c.Recent = c.Recent[:s.Depth:s.Depth]
	return true
}

// Completed looks whether a sequence has come about among the latest SequenceDepth occurrences of each step, and when
// the latest one did: strictly one after the other, the last at most Within after the first. Looking from each last
// step back to the nearest step before it finds the shortest way there is.
func (s *CounterSpec) Completed(counters map[string]*heed.Counter) (heed.Time, bool) {
	if len(s.Steps) == 0 {
		return 0, false
	}
	last := counters[s.Steps[len(s.Steps)-1]]
	if last == nil {
		return 0, false
	}
	for _, end := range recent(last, SequenceDepth) {
		at, ok := end, true
		for i := len(s.Steps) - 2; i >= 0 && ok; i-- {
			at, ok = before(counters[s.Steps[i]], at)
		}
		if ok && (s.Within == 0 || end-at <= s.Within) {
			return end, true
		}
	}
	return 0, false
}

func recent(c *heed.Counter, n int) []heed.Time { return c.Recent[:min(n, len(c.Recent))] }

func before(c *heed.Counter, at heed.Time) (heed.Time, bool) {
	if c == nil {
		return 0, false
	}
	for _, ts := range recent(c, SequenceDepth) {
		if ts < at {
			return ts, true
		}
	}
	return 0, false
}
