package rule

import (
	"strings"

	"github.com/heedcx/heed"
)

// node is a compiled condition: everything that can be worked out beforehand is.
type node struct {
	kind   Kind
	op     opcode
	kids   []node
	id     string // of the counter; name of a trait, segment, consent; key
	id2    string // consent: the key for every channel; a channel with a colon
	name   string
	topic  string
	good   bool
	is     string
	n      int
	within heed.Time
	path   []string
	test   test
}

type opcode uint8

const (
	opAll opcode = iota
	opAny
	opNot
	opTrue
	opFalse
	opCount
	opWithin
	opSequence
	opFirst
	opLast
	opTrait
	opOrderNumber
	opTime
	opStage
	opKnown
	opSegment
	opConsent
	opCase
	opMoment
	opPreference
	opBlocked
	opPromise
	opEvent
	opProperty
	opPlace
	opInHistory // SQL only
)

// Eval answers the rule for p at now. e is the event that the rule is asked about, nil if there is none. It does not
// allocate.
func (r *Rule) Eval(p *heed.Person, e *heed.Event, now heed.Time) bool {
	a := asking{p: p, e: e, now: now}
	ok, _ := r.root.eval(&a)
	return ok
}

// NextChange is the next moment at which the answer can change by time alone, heed.Never if there is none. The answer
// may be the same after it; it cannot be different before.
func (r *Rule) NextChange(p *heed.Person, now heed.Time) heed.Time {
	_, next := r.EvalNext(p, now)
	return next
}

// EvalNext is Eval and NextChange in one pass.
func (r *Rule) EvalNext(p *heed.Person, now heed.Time) (bool, heed.Time) {
	a := asking{p: p, now: now, next: true}
	return r.root.eval(&a)
}

type asking struct {
	p    *heed.Person
	e    *heed.Event
	now  heed.Time
	next bool // work out the next change as well
}

func (n *node) eval(a *asking) (bool, heed.Time) {
	switch n.op {
	case opAll, opAny:
		return n.group(a)
	case opNot:
		ok, next := n.kids[0].eval(a)
		return !ok, next
	case opTrue:
		return true, heed.Never
	case opCount:
		return compareCount(n.is, count(a.p.Counters[n.id]), int64(n.n)), heed.Never
	case opWithin:
		return n.did(a.p.Counters[n.id], a.now)
	case opSequence:
		return count(a.p.Counters[n.id]) > 0, heed.Never
	case opFirst, opLast:
		c := a.p.Counters[n.id]
		if c == nil {
			return false, heed.Never
		}
		t := c.First
		if n.op == opLast {
			t = c.Last
		}
		if t == 0 {
			return false, heed.Never
		}
		return n.test.when(t, a.now, true)
	case opTrait:
		return n.trait(a)
	case opOrderNumber:
		if n.name == "count" {
			return n.test.number(float64(a.p.Orders.Count)), heed.Never
		}
		return n.test.number(a.p.Orders.Revenue), heed.Never
	case opTime:
		t := timeOf(n, a.p)
		if t == 0 {
			return false, heed.Never
		}
		return n.test.when(t, a.now, true)
	case opEvent:
		return a.e != nil && n.event(a.e), heed.Never
	}
	return n.memory(a)
}

// group stops at the first part that settles the answer for good. Otherwise an all that is false stays so until the
// last of its false parts can change; one that is true, until the first of its parts can. An any the other way round.
func (n *node) group(a *asking) (bool, heed.Time) {
	settles := n.op == opAny
	first, last, found := heed.Never, heed.Time(0), false
	for i := range n.kids {
		ok, next := n.kids[i].eval(a)
		if ok == settles {
			if !a.next || next == heed.Never {
				return ok, heed.Never
			}
			found, last = true, max(last, next)
			continue
		}
		first = min(first, next)
	}
	if found {
		return settles, last
	}
	return !settles, first
}

func count(c *heed.Counter) int64 {
	if c == nil {
		return 0
	}
	return c.N
}

func compareCount(is string, got, want int64) bool {
	switch is {
	case AtMost:
		return got <= want
	case Exactly:
		return got == want
	}
	return got >= want
}

// did counts what happened within the time, up to one more than the rule asks about; the count drops when the oldest
// of those leaves the window.
func (n *node) did(c *heed.Counter, now heed.Time) (bool, heed.Time) {
	top := n.n
	if n.is != AtLeast {
		top++
	}
	got := 0
	if c != nil {
		for got < top && got < len(c.Recent) && c.Recent[got] > now-n.within {
			got++
		}
	}
	ok := compareCount(n.is, int64(got), int64(n.n))
	if got == 0 || n.is == AtLeast && !ok || n.is == AtMost && ok || n.is == Exactly && got < n.n {
		return ok, heed.Never
	}
	return ok, c.Recent[got-1] + n.within
}

func timeOf(n *node, p *heed.Person) heed.Time {
	switch n.kind {
	case StageSince:
		return p.StageSince
	case Seen:
		if n.name == "first" {
			return p.FirstSeen
		}
		return p.LastSeen
	}
	if n.name == "first" {
		return p.Orders.First
	}
	return p.Orders.Last
}

func (n *node) trait(a *asking) (bool, heed.Time) {
	t, ok := a.p.Traits[n.id]
	if !ok {
		return false, heed.Never
	}
	v := lookup(string(t.Value), n.path)
	if v == "" {
		return false, heed.Never
	}
	if n.test.op == Within || n.test.op == Ago || n.test.op == InNext {
		at, ok := timeIn(v)
		if !ok {
			return false, heed.Never
		}
		return n.test.when(at, a.now, false)
	}
	return n.test.json(v), heed.Never
}

// event tests the event that the rule is asked about.
func (n *node) event(e *heed.Event) bool {
	switch n.name {
	case "properties":
		v := lookup(plain(e.Properties), n.path)
		return v != "" && n.test.json(v)
	case "name":
		return n.test.text(e.Name)
	case "type":
		return n.test.text(e.Type.String())
	}
	return n.test.text(place(n.name, e))
}

func place(name string, e *heed.Event) string {
	switch name {
	case "touchpoint":
		return e.Touchpoint
	case "channel":
		return e.Channel
	case "source":
		return e.Source
	case "department":
		return e.Department
	}
	return string(e.Direction)
}

// where tests an event for a counter.
func (n *node) where(e *heed.Event, properties string) bool {
	switch n.op {
	case opAll, opAny:
		for i := range n.kids {
			if n.kids[i].where(e, properties) == (n.op == opAny) {
				return n.op == opAny
			}
		}
		return n.op == opAll
	case opNot:
		return !n.kids[0].where(e, properties)
	case opProperty:
		v := lookup(properties, n.path)
		return v != "" && n.test.json(v)
	}
	return n.test.text(place(n.name, e))
}

func hasKey(m map[string]heed.Blocked, channel, withColon string) bool {
	if _, ok := m[channel]; ok {
		return true
	}
	for k := range m {
		if strings.HasPrefix(k, withColon) {
			return true
		}
	}
	return false
}
