package ledger_test

import (
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/decide"
	"github.com/heedcx/heed/decide/ledger"
)

// What is held is bounded: the least important goes, and says so.
func checkTooManyHeld(t *testing.T, r *rig) {
	r.basics(map[string]string{"quiet_hours nights": nights})
	p := ana(1)
	r.put(p)
	r.at(at(22, 0))
	priority := func(n int) func(*heed.Intent) { return func(in *heed.Intent) { in.Priority = n } }
	for i := range ledger.MaxHeld {
		r.process(wanted(p.ID, byte(i+1), "email", "news", priority(5)))
		r.clock.Advance(time.Second)
	}
	r.expect(mid(1), heed.MessageHeld, decide.QuietHours)
	// More important: the one that has waited longest makes room. Less important: it goes itself.
	r.process(wanted(p.ID, 200, "email", "news", priority(9)))
	r.expect(mid(1), heed.MessageDropped, decide.Crowded)
	r.expect(mid(200), heed.MessageHeld, decide.QuietHours)
	r.decided = nil
	r.process(wanted(p.ID, 201, "email", "news", priority(1)))
	r.expect(mid(201), heed.MessageDropped, decide.Crowded)
	r.expect(mid(2), heed.MessageHeld, decide.QuietHours)
	if last := r.decided[len(r.decided)-1]; last.Ref != mid(201) || last.Name != string(heed.Drop) {
		t.Errorf("the journey hears %+v", last)
	}
	if n := len(r.person(p.ID).Pending); n != ledger.MaxHeld {
		t.Errorf("%d are held", n)
	}
	// Also when two people with many become one.
	q := ana(2)
	r.put(q)
	for i := range 3 {
		r.process(wanted(q.ID, byte(210+i), "email", "news", priority(7)))
	}
	r.process(&heed.Event{Type: heed.PeopleMerged, Person: p.ID, Loser: q.ID})
	if n := len(r.person(p.ID).Pending); n != ledger.MaxHeld {
		t.Errorf("%d are held after the merge", n)
	}
	r.expect(mid(210), heed.MessageHeld, decide.QuietHours)
	for _, id := range []byte{2, 3, 4} {
		r.expect(mid(id), heed.MessageDropped, decide.Crowded)
	}
	r.expect(mid(5), heed.MessageHeld, decide.QuietHours)
}
