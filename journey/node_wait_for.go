package journey

import (
	"encoding/json"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/spec"
)

// waitForDoc is a node that waits until something happens, for so long and no longer:
//
//	wait_for: {event: Order Completed, where: 'properties.total > 50', within: 7d, look_back: 2d}
//	wait_for: {segment: regulars, within: 30d}
//	wait_for: {rule: 'not in segment "at-risk"', within: 30d}
//
// then is where it leads when it happens, else when time is up; both default to the next node.
type waitForDoc struct {
	Event    string  `json:"event"`
	Type     string  `json:"type"`
	Where    ruleDoc `json:"where"`
	Segment  string  `json:"segment"`
	Rule     ruleDoc `json:"rule"`
	Within   string  `json:"within"`
	LookBack string  `json:"look_back"` // an event that came before the run did counts, when it is no older than this
}

type waitFor struct {
	at       *place
	name     string
	event    *eventMatch
	lookBack Span
	before   *condition // it happened within lookBack
	twice    *condition // it happened twice within lookBack: when the trigger itself is such an event
	segment  string
	rule     *condition
	within   Span
	text     string
}

func buildWaitFor(c *compiler, at *place, raw json.RawMessage) node {
	at.waits = true
	var d waitForDoc
	if !c.decode(raw, &d) {
		return nil
	}
	w := &waitFor{at: at, within: c.span("within", d.Within), lookBack: c.span("look_back", d.LookBack)}
	if w.within.IsZero() {
		c.failf("within", "say how long to wait at most, such as within: 7d")
	}
	n := 0
	if d.Event != "" {
		n++
		w.event = c.event("", d.Event, d.Type, d.Where)
		w.name, w.text = d.Event, "waits for "+d.Event
		if !w.lookBack.IsZero() {
			w.before = c.did("look_back", d.Event, d.Type, d.Where, 1, w.lookBack)
			w.twice = c.did("look_back", d.Event, d.Type, d.Where, 2, w.lookBack)
		}
	} else if d.LookBack != "" || len(d.Where) > 0 || d.Type != "" {
		c.failf("", "look_back, where and type belong to an event: a segment or a rule looks at what is true now")
	}
	if d.Segment != "" {
		n++
		w.segment, w.text = d.Segment, "waits to be in segment "+d.Segment
		c.refer("segment", spec.Segment, d.Segment)
	}
	if len(d.Rule) > 0 {
		n++
		w.rule, w.text = c.rule("rule", d.Rule), "waits for a rule to hold"
	}
	if n != 1 {
		c.failf("", "want one of event, segment and rule, got %d", n)
	}
	return w
}

func (w *waitFor) links() []string { return []string{w.met(), w.late()} }
func (w *waitFor) why() string     { return w.text + ", at most " + w.within.String() }

func (w *waitFor) met() string {
	if w.at.then != "" {
		return w.at.then
	}
	return w.at.next
}

func (w *waitFor) late() string {
	if w.at.els != "" {
		return w.at.els
	}
	return w.at.next
}

func (w *waitFor) arrive(x *step) move {
	x.until(w.within.After(x.run.Since, x.zone()))
	switch {
	case w.before != nil:
		// The event that brings the run here is in the memory already, but it is not what the node waits for.
		look := w.before
		if w.event.matches(x.e) {
			look = w.twice
		}
		if look.holds(x.p, x.e, x.now) {
			return next(w.met())
		}
	case w.event == nil && w.holds(x):
		return next(w.met())
	}
	return still()
}

func (w *waitFor) look(x *step) move {
	if w.event != nil {
		if w.event.matches(x.e) && w.fresh(x) {
			x.run.Vars = withVar(x.run.Vars, w.at.id, x.e.Properties)
			return next(w.met())
		}
	} else if w.holds(x) {
		return next(w.met())
	}
	if x.due() {
		return next(w.late())
	}
	return still()
}

// fresh says whether an event that has just arrived happened late enough to count: an import of last year's orders
// fulfils nothing.
func (w *waitFor) fresh(x *step) bool {
	return x.e.Timestamp >= x.run.Since.Add(-w.lookBack.Exact()-lateArrival)
}

func (w *waitFor) holds(x *step) bool {
	if w.segment != "" {
		_, in := x.p.Segments[w.segment]
		return in || x.e.Type == heed.SegmentEntered && x.e.Name == w.segment
	}
	return w.rule.holds(x.p, x.e, x.now)
}
