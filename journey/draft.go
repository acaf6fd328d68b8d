package journey

import (
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/spec"
)

// Draft is a journey read for questions about it, published or not.
type Draft struct{ plan *plan }

// ReadDraft reads a journey. The errors are those of CheckSpec.
func ReadDraft(s spec.Spec, all spec.Set) (*Draft, []error) {
	if all == nil {
		all = spec.Set{}
	}
	p, errs := compile(s, all)
	if len(errs) > 0 {
		return nil, errs
	}
	return &Draft{p}, nil
}

// Event is the type and name of the events that start it; false when it does not start by an event.
func (d *Draft) Event() (heed.Type, string, bool) {
	if m := d.plan.trigger.event; m != nil {
		return m.spec.Type, m.spec.Name, true
	}
	return 0, "", false
}

// Starts says whether e is what starts it, whoever may then enter.
func (d *Draft) Starts(e *heed.Event) bool {
	t := &d.plan.trigger
	switch e.Type {
	case heed.SegmentEntered:
		return t.entered == e.Name && e.Name != ""
	case heed.SegmentLeft:
		return t.left == e.Name && e.Name != ""
	}
	return t.event != nil && t.event.matches(e)
}

// Node is the type of the node of that id; "" when there is none.
func (d *Draft) Node(id string) (kind string) {
	if at := d.plan.byID[id]; at != nil {
		return at.kind
	}
	return ""
}

// Goal says whether the goal is an event, and if so whether e is such a one.
func (d *Draft) Goal(e *heed.Event) (byEvent, reached bool) {
	if g := d.plan.goal; g != nil && g.event != nil {
		return true, e != nil && g.event.matches(e)
	}
	return false, false
}

// GoalEvent is the type and name of the events that are the goal; false when the goal is not an event.
func (d *Draft) GoalEvent() (heed.Type, string, bool) {
	if g := d.plan.goal; g != nil && g.event != nil {
		return g.event.spec.Type, g.event.spec.Name, true
	}
	return 0, "", false
}

// Why somebody does not enter although the trigger happened.
const (
	RefusedPaused = "paused"  // the journey is paused
	RefusedOld    = "too_old" // it happened longer ago than entry.max_age
	RefusedKey    = "no_key"  // the event does not have what the runs are told apart by
	RefusedInside = "inside"  // they are in it already
	RefusedLimit  = "limit"   // they have been in it as often as entry.limit says
	RefusedEvery  = "every"   // entry.every has not passed since
	RefusedRule   = "rule"    // entry.rule does not hold
	RefusedExit   = "exit"    // the exit rule holds for them
)

// Refusal says why e, which starts the journey, does not let p enter as they are now; "" when nothing speaks against it.
func (d *Draft) Refusal(p *heed.Person, e *heed.Event, now heed.Time, loc *time.Location) string {
	key := ""
	if d.plan.key != nil {
		key = keyOf(e, d.plan.key)
	}
	return d.plan.refusal(p, e, key, now, loc)
}

// refusal says why e does not let p enter, with that key, as they are now. loc is where their clock stands; entry.every
// alone asks for it.
func (pl *plan) refusal(p *heed.Person, e *heed.Event, key string, now heed.Time, loc *time.Location) string {
	switch {
	case pl.paused:
		return RefusedPaused
	case now.Sub(e.Timestamp) > pl.maxAge:
		return RefusedOld
	case (pl.key != nil) != (key != ""):
		return RefusedKey // none in a keyed journey, or one in a journey that has none
	}
	for i := range p.Runs {
		if r := &p.Runs[i]; r.Journey == pl.name && r.Key == key {
			return RefusedInside // once at a time
		}
	}
	if ran, ok := p.Past[pastKey(pl.name, key)]; ok {
		if pl.limit > 0 && ran.N >= pl.limit {
			return RefusedLimit
		}
		if !pl.every.IsZero() && now < pl.every.After(ran.Last, loc) {
			return RefusedEvery
		}
	}
	switch {
	case pl.entry != nil && !pl.entry.holds(p, e, now):
		return RefusedRule
	case pl.exit != nil && pl.exit.holds(p, e, now):
		return RefusedExit
	}
	return ""
}
