package decide

import (
	"bytes"
	"slices"

	"github.com/heedcx/heed"
)

// Before says which of two intents goes first: the higher priority, then the one that was asked for earlier, then the
// smaller id, so that there is always one winner whatever the order of arrival.
func Before(a, b *heed.Intent) int {
	switch {
	case a.Priority != b.Priority:
		if a.Priority > b.Priority {
			return -1
		}
		return 1
	case a.Asked != b.Asked:
		if a.Asked < b.Asked {
			return -1
		}
		return 1
	}
	return bytes.Compare(a.ID[:], b.ID[:])
}

// Round decides everything that wants to go to p at this moment, the best first, and hands each decision to each
// before it looks at the next; each reserves what is sent. At most one of those that compete (see Competition) is
// sent; the others give way. It sorts cs.
//
// p.Pending must not hold any of cs any more; what it still holds with the reason ARBITRATION tells whether a window
// is open.
func (o *Policy) Round(cs []Candidate, p *heed.Person, now heed.Time, each func(c *Candidate, d heed.Decision)) {
	slices.SortFunc(cs, func(a, b Candidate) int { return Before(a.Intent, b.Intent) })
	winner, window := heed.ID{}, OpenWindow(p, now)
	for i := range cs {
		c := &cs[i]
		c.Winner, c.Window = winner, window
		d := o.DecideOne(c, p, now)
		pu := o.purposes[c.Intent.Purpose]
		if d.Outcome == heed.Send && pu != nil && o.competes(pu.Class) {
			winner = c.Intent.ID
		}
		if d.Reason == Arbitration && window == 0 {
			window = d.Until
		}
		each(c, d)
	}
}

// OpenWindow is the end of the arbitration window that is open for p; 0 when none is.
func OpenWindow(p *heed.Person, now heed.Time) heed.Time {
	var end heed.Time
	for i := range p.Pending {
		if m := &p.Pending[i]; m.Reason == Arbitration && m.Until > now && (end == 0 || m.Until < end) {
			end = m.Until
		}
	}
	return end
}

// arbitrate is the last step: everything else allows the message, and one of several may go.
func (o *Policy) arbitrate(c *Candidate, pu *Purpose, v *view) (heed.Decision, bool) {
	if !o.competes(pu.Class) {
		return heed.Decision{}, false
	}
	if c.Window > v.now {
		return v.hold(Arbitration, "", c.Window, "it competes with other messages for the same moment"), true
	}
	if !c.Winner.IsZero() {
		if o.brand.Arbitration.Then == "drop" {
			return v.drop(LowerPriority, "", "a message with a higher priority goes instead"), true
		}
		return v.hold(LowerPriority, "", v.now+o.retry, "a message with a higher priority goes first"), true
	}
	if w := heed.Time(o.brand.Arbitration.Window); w > 0 && !c.Waited {
		return v.hold(Arbitration, "", v.now+w, "it waits for its window to close, in case something better comes"), true
	}
	return heed.Decision{}, false
}
