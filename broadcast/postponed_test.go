package broadcast_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/broadcast"
	"github.com/heedcx/heed/decide/ledger"
)

const noonQuiet = `{kind: quiet_hours, name: noon, from: "11:00", to: "13:00", channels: [email], classes: [marketing]}`

// decisions are those of the ledger that sent or held back something, the oldest first.
func (w *world) decisions() []ledger.Row {
	w.t.Helper()
	real := false
	rows, err := w.ledger.Decisions(w.t.Context(), ledger.Filter{Dry: &real, Limit: 1000})
	w.must(err)
	slices.Reverse(rows)
	return rows
}

// counted are the counts of the ledger by reason.
func (w *world) counted() string {
	w.t.Helper()
	counts, err := w.ledger.Counts(w.t.Context(), noon-1)
	w.must(err)
	var out []string
	for _, c := range counts {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%d %s %s %s", c.N, c.Outcome, c.Reason, c.Rule)))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// TestATurnThatIsPutOffIsInTheLedger: once for each time, about the message that comes of it, of everybody who was to get
// one; with inputs that give the same answer again.
func TestATurnThatIsPutOffIsInTheLedger(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.put(strings.Replace(simple, "segment: all", "segment: all\npace: 600 per minute\nholdout: 20", 1) + "---\n" + noonQuiet)
		ids := w.people(20)
		w.start("spring")
		for range 3 { // nobody's turn comes twice
			w.run()
			w.clock.Advance(time.Second)
		}
		first := w.decisions()
		if got := w.counted(); got != "17 hold QUIET_HOURS noon" || len(first) != 17 {
			t.Fatalf("%d rows: %s", len(first), got)
		}
		d := first[0]
		if d.Person != ids[0] || d.By != broadcast.By("spring") || d.Message.IsZero() || d.Channel != "email" || d.Purpose != "news" || d.Until != noon.Add(time.Hour) || !strings.Contains(d.Text, "13:00") {
			t.Errorf("%+v", d)
		}
		again, err := w.ledger.Replay(t.Context(), d.ID)
		if err != nil || !again.Same || !again.Policy {
			t.Errorf("replayed: %+v, %v", again, err)
		}
		story, err := w.ledger.Story(t.Context(), d.Message)
		if err != nil || story.Message.State != heed.MessageHeld || story.Message.Due != d.Until || story.Message.Person != ids[0] || len(story.Decisions) != 1 {
			t.Errorf("before it is wanted: %+v, %v", story, err)
		}
		w.clock.Set(noon.Add(time.Hour))
		w.put(strings.Replace(noonQuiet, "13:00", "14:00", 1))
		w.run()
		if got := w.counted(); got != "34 hold QUIET_HOURS noon" {
			t.Errorf("put off twice: %s", got)
		}
		w.clock.Set(noon.Add(2 * time.Hour))
		for range 20 {
			w.run()
			w.clock.Advance(time.Second)
		}
		if got := w.counted(); got != "17 send OK, 34 hold QUIET_HOURS noon" || !w.ended("spring") {
			t.Errorf("%s; ended %v", got, w.ended("spring"))
		}
		story, err = w.ledger.Story(t.Context(), d.Message)
		if err != nil || story.Message.State != heed.MessageReserved || len(story.Decisions) != 3 || story.Decisions[2].Outcome != heed.Send {
			t.Errorf("afterwards: %+v, %v", story, err)
		}
	})
}

// TestATurnThatWasPutOffAndDoesNotCome ends with why: they left the segment, the broadcast was stopped. Of one who is
// forgotten nothing is said.
func TestATurnThatWasPutOffAndDoesNotCome(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.put(strings.Replace(simple, "segment: all", "segment: all\npace: 60 per minute", 1) + "---\n" + noonQuiet)
		ids := w.people(6)
		w.start("spring")
		w.run()
		first := w.decisions()
		w.process(&heed.Event{Type: heed.SegmentLeft, Name: "all", Person: ids[0], Timestamp: w.clock.Now()},
			&heed.Event{Type: heed.PersonErased, Person: ids[1], Timestamp: w.clock.Now()})
		w.clock.Set(noon.Add(time.Hour))
		w.run()
		w.must(broadcast.Stop(t.Context(), w.d, "spring", "ana", w.clock.Now()))
		w.run()
		if got := w.tally("spring"); got != "1 skipped  LEFT_SEGMENT, 4 canceled  WITHDRAWN" {
			t.Error(got)
		}
		if got := w.counted(); got != "5 drop WITHDRAWN, 6 hold QUIET_HOURS noon" {
			t.Error(got)
		}
		said := map[heed.ID]string{}
		for _, d := range w.decisions() {
			said[d.Person] += d.Text + "; "
		}
		for i, want := range map[int]string{0: "canceled: they had left the segment when their turn came; ", 5: "canceled: the broadcast that wanted it was stopped; "} {
			if got := said[ids[i]]; !strings.HasPrefix(got, "held until 13:00") || !strings.HasSuffix(got, want) {
				t.Errorf("%d: %s", i, got)
			}
		}
		if m, err := w.ledger.Message(t.Context(), first[0].Message); err != nil || m.State != heed.MessageCanceled || m.Class != heed.Marketing {
			t.Errorf("%+v, %v", m, err)
		}
		if got := said[ids[1]]; got != "" {
			t.Errorf("of one who is forgotten: %s", got)
		}
		if _, err := w.ledger.Message(t.Context(), first[1].Message); heed.CodeOf(err) != heed.NotFound {
			t.Errorf("the message to one who is forgotten: %v", err)
		}
	})
}

// closings are what the ledger says at last of the messages that were put off and never wanted.
func (w *world) closings() map[heed.ID]string {
	w.t.Helper()
	said := map[heed.ID]string{}
	for _, d := range w.decisions() {
		said[d.Message] = string(d.Outcome) + " " + d.Text + " " + d.Person.String()
	}
	return said
}

// TestOneWhoWasPutOffAndCannotBeDecided is passed over, or taken back with the others when the broadcast is stopped, and
// the ledger says so.
func TestOneWhoWasPutOffAndCannotBeDecided(t *testing.T) {
	for name, c := range map[string]struct {
		stop        bool
		tally, said string
	}{
		"passed over": {false, "1 skipped  BROKEN, 3 wanted send OK", "drop canceled: nothing could be decided about them when their turn came "},
		"stopped":     {true, "4 canceled  WITHDRAWN", "drop canceled: the broadcast that wanted it was stopped "},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				w.put(strings.Replace(simple, "segment: all", "segment: all\npace: 600 per minute", 1) + "---\n" + noonQuiet)
				ids := w.people(4)
				w.start("spring")
				w.run()
				promised := map[heed.ID]heed.ID{}
				for _, d := range w.decisions() {
					promised[d.Person] = d.Message
				}
				w.bad = ids[2]
				w.clock.Set(noon.Add(time.Hour))
				if c.stop {
					w.must(broadcast.Stop(t.Context(), w.d, "spring", "ana", w.clock.Now()))
				}
				for range 5 {
					w.run()
					w.clock.Advance(time.Second)
				}
				if got := w.tally("spring"); got != c.tally || !w.ended("spring") {
					t.Errorf("%s; ended %v", got, w.ended("spring"))
				}
				if got := w.closings()[promised[ids[2]]]; got != c.said+ids[2].String() {
					t.Error(got)
				}
			})
		})
	}
}

// TestAPutOffTurnOfPeopleWhoBecomeOne ends in the ledger, whichever of the two turns is given up; the one that is left is
// the survivor's.
func TestAPutOffTurnOfPeopleWhoBecomeOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.put(strings.Replace(simple, "segment: all", "segment: all\npace: 600 per minute", 1) + "---\n" + noonQuiet)
		ids := w.people(9)
		w.track(ids[0], "Preferences Updated", `{"zone":"Asia/Tokyo"}`) // where it is evening: their turn comes now
		w.track(ids[1], "Preferences Updated", `{"zone":"Asia/Tokyo"}`)
		w.members["all"] = ids[:8] // who is last is not in it
		w.start("spring")
		for range 3 {
			w.run()
			w.clock.Advance(time.Second)
		}
		if got := w.counted(); got != "2 send OK, 6 hold QUIET_HOURS noon" {
			t.Fatal(got)
		}
		promised := map[heed.ID]heed.ID{}
		for _, d := range w.decisions() {
			promised[d.Person] = d.Message
		}
		merge := func(into, loser int) *heed.Event {
			return &heed.Event{Type: heed.PeopleMerged, Person: ids[into], Loser: ids[loser], Timestamp: w.clock.Now()}
		}
		w.process(merge(0, 2))              // who waits goes with who has had it
		w.process(merge(3, 1))              // who has had it becomes one who waits
		w.process(merge(8, 4))              // who waits becomes one whom it was not about
		w.process(merge(5, 6), merge(7, 5)) // three who wait: one turn
		w.process(&heed.Event{Type: heed.SegmentEntered, Name: "all", Person: ids[8], Timestamp: w.clock.Now()})
		w.clock.Set(noon.Add(time.Hour))
		for range 8 {
			w.run()
			w.clock.Advance(time.Second)
		}
		if got := w.tally("spring"); got != "4 wanted send OK" || !w.ended("spring") {
			t.Errorf("%s; ended %v", got, w.ended("spring"))
		}
		said := w.closings()
		for of, now := range map[int]int{2: 0, 3: 3, 4: 8, 5: 7, 6: 7} {
			if got := said[promised[ids[of]]]; got != "drop canceled: they became one with another person, and have one turn together "+ids[now].String() {
				t.Errorf("%d: %s", of, got)
			}
		}
		if got := said[promised[ids[7]]]; !strings.HasPrefix(got, "send ") {
			t.Errorf("the turn of those who became one: %s", got)
		}
		if got := w.counted(); got != "4 send OK, 5 drop WITHDRAWN, 6 hold QUIET_HOURS noon" {
			t.Error(got)
		}
	})
}
