package broadcast_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/broadcast"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/profile"
)

// claim lets a sender take one message in hand.
func (w *world) claim(t *testing.T) heed.Message {
	t.Helper()
	got, err := w.ledger.Claim(t.Context(), "email", 1)
	w.must(err)
	if len(got) != 1 {
		t.Fatalf("%d messages to claim", len(got))
	}
	return got[0].Message
}

func (w *world) memory() (out []*heed.Person) {
	w.t.Helper()
	w.must(w.d.Read(w.t.Context(), func(q db.Querier) (err error) {
		out, err = profile.NewStore().Page(w.t.Context(), q, heed.ID{}, 1000)
		return err
	}))
	return out
}

func (w *world) check(name string) {
	w.t.Helper()
	w.must(broadcast.StartCheck(w.t.Context(), w.d, name, "ana", w.clock.Now()))
	w.run()
}

// TestCheckSaysWhoAndWhy asks decide about everybody at the moment at which their turn would come, and sends nothing.
func TestCheckSaysWhoAndWhy(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.put(`
{kind: quiet_hours, name: nights, from: "21:00", to: "08:00", channels: [email], classes: [marketing]}
---
kind: broadcast
name: spring
segment: all
message: {channel: email, purpose: news, template: hello}
when: {at: 2026-01-15T07:30:00Z}
`)
		ids := w.people(60)
		w.track(ids[1], "Consent Denied", `{"purpose":"news","channel":"email","act":"said no"}`)
		w.track(ids[2], "Preferences Updated", `{"zone":"Asia/Tokyo"}`) // 16:30 there: no quiet hours
		w.runner.Limit = 25
		w.check("spring")
		var got []string
		w.must(w.d.Read(t.Context(), func(q db.Querier) error {
			c, err := broadcast.FindCheck(t.Context(), q, "spring")
			if err != nil {
				return err
			}
			if c.State != broadcast.CheckDone || c.People != 60 || c.Version != 1 {
				t.Errorf("%+v", c)
			}
			counts, err := broadcast.CheckedReasons(t.Context(), q, "spring")
			for _, c := range counts {
				got = append(got, strings.TrimSpace(fmt.Sprintf("%d %s %s %s", c.People, c.Outcome, c.Reason, c.Rule)))
			}
			return err
		}))
		if s := strings.Join(got, ", "); s != "58 hold QUIET_HOURS nights, 1 drop OPTED_OUT, 1 send OK" {
			t.Error(s)
		}
		if c := w.checked("spring", ids[0]); c.Until.String() != "2026-01-15T08:00:00Z" || !strings.HasPrefix(c.Text, "held until 08:00") {
			t.Errorf("%+v", c)
		}
		if n := len(w.messages()); n != 0 {
			t.Errorf("a check made %d messages", n)
		}
		w.track(ids[1], "Consent Granted", `{"purpose":"news","channel":"email","act":"ticked"}`)
		w.clock.Advance(time.Minute)
		w.check("spring") // again: what was found before is forgotten
		if c := w.checked("spring", ids[1]); c.Outcome != heed.Hold {
			t.Errorf("%+v", c)
		}
	})
}

func (w *world) checked(name string, id heed.ID) broadcast.Checked {
	w.t.Helper()
	before := id
	for i := 15; i >= 0; i-- { // the id just below
		before[i]--
		if before[i] != 255 {
			break
		}
	}
	var page []broadcast.Checked
	w.must(w.d.Read(w.t.Context(), func(q db.Querier) (err error) {
		page, err = broadcast.CheckedPeople(w.t.Context(), q, name, broadcast.Filter{After: before, Limit: 1})
		return err
	}))
	if len(page) != 1 || page[0].Person != id {
		w.t.Fatalf("%s is not in the check", id)
	}
	return page[0]
}

func TestWhatCameOfIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.put(simple)
		ids := w.people(6)
		w.start("spring")
		w.run()
		people := w.peopleOf("spring")
		for i, what := range []string{"sent", "sent delivered opened", "sent clicked clicked unsubscribed", "sent complained", "sent bounced"} {
			for _, one := range strings.Fields(what) {
				w.clock.Advance(time.Second)
				w.feedback(people[ids[i]].Message, ids[i], one)
			}
		}
		w.feedback(heed.NewID(noon), ids[5], "opened") // of another message
		var got []broadcast.Result
		w.must(w.d.Read(t.Context(), func(q db.Querier) (err error) { got, err = broadcast.Results(t.Context(), q, "spring"); return err }))
		want := broadcast.Result{State: broadcast.Wanted, Outcome: "send", People: 6, Sent: 5, Delivered: 1, Opened: 2, Clicked: 1, Bounced: 1, OptedOut: 1, Complained: 1}
		if len(got) != 1 || got[0] != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

// TestHeldAndThenDecided follows a message that decide holds and lets go later.
func TestHeldAndThenDecided(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.put(simple + "---\n" + `{kind: quiet_hours, name: noon, from: "11:00", to: "13:00", channels: [email], classes: [marketing]}`)
		w.people(3)
		w.start("spring")
		w.run()
		if got := w.tally("spring"); got != "3 wanted hold QUIET_HOURS" {
			t.Error(got)
		}
		w.clock.Advance(time.Hour)
		if _, err := w.engine.WakeDue(t.Context(), w.clock.Now(), 10); err != nil {
			t.Fatal(err)
		}
		if got := w.tally("spring"); got != "3 wanted send OK" {
			t.Error(got)
		}
	})
}

// TestQuietHoursEndAtItsPace: whom quiet hours keep from their turn get it when those end, one after the other; who lives
// elsewhere has theirs at once, who is held out with the others.
func TestQuietHoursEndAtItsPace(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.put(strings.Replace(simple, "segment: all", "segment: all\npace: 60 per minute\nholdout: 20", 1) + "---\n" +
			`{kind: quiet_hours, name: noon, from: "11:00", to: "13:00", channels: [email], classes: [marketing]}`)
		ids := w.people(30)
		w.track(ids[29], "Preferences Updated", `{"zone":"Asia/Tokyo"}`) // nine in the evening
		w.start("spring")
		w.run()
		if got := w.tally("spring"); got != "1 wanted send OK, 29 waiting hold QUIET_HOURS" {
			t.Error(got)
		}
		if p := w.peopleOf("spring")[ids[0]]; p.Until != noon.Add(time.Hour) || p.Due != p.Until || p.Rule != "noon" || !strings.Contains(p.Text, "13:00") {
			t.Errorf("the first one: %+v", p)
		}
		w.clock.Set(noon.Add(time.Hour))
		var counts []int
		for range 32 {
			w.run()
			counts = append(counts, int(w.find("spring").Turned))
			w.clock.Advance(time.Second)
		}
		if counts[0] != 2 || counts[1] != 3 || counts[10] != 12 || counts[31] != 30 || !w.ended("spring") {
			t.Errorf("turns after each second: %v; ended %v", counts, w.ended("spring"))
		}
		if got := w.tally("spring"); got != "26 wanted send OK, 4 held_out" {
			t.Error(got)
		}
	})
}

// TestPeopleWhoBecomeOne merges people before and after their turns: one message for one person, if that is still
// possible.
func TestPeopleWhoBecomeOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.put(strings.Replace(simple, "segment: all", "segment: all\npace: 60 per minute", 1))
		ids := w.people(6)
		w.start("spring")
		w.run() // ids[0] has had their turn
		merge := func(into, loser int) {
			w.process(&heed.Event{Type: heed.PeopleMerged, Person: ids[into], Loser: ids[loser], Timestamp: w.clock.Now()})
		}
		merge(0, 1) // who waits goes with who has had it
		merge(2, 3) // both wait: one turn
		merge(4, 0) // who has had it becomes one who waits
		w.process(&heed.Event{Type: heed.PersonErased, Person: ids[5], Timestamp: w.clock.Now()})
		for range 10 {
			w.clock.Advance(time.Second)
			w.run()
		}
		if got := w.tally("spring"); got != "2 wanted send OK" || !w.ended("spring") {
			t.Errorf("%s; ended %v", got, w.ended("spring"))
		}
		if ms := w.messages(); len(ms) != 2 || len(ms[ids[4]]) != 1 || len(ms[ids[2]]) != 1 {
			t.Errorf("%+v", ms)
		}
	})
}

// TestOneWhoCannotBeDecided is passed over; the others get theirs.
func TestOneWhoCannotBeDecided(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.put(simple)
		ids := w.people(20)
		w.bad = ids[7]
		w.start("spring")
		w.run()
		if got := w.tally("spring"); got != "1 skipped  BROKEN, 19 wanted send OK" {
			t.Error(got)
		}
	})
}

func TestWaitsForItsSegment(t *testing.T) {
	w := newWorld(t, testx.SQLite(t, append(queries(), spec.Queries)...))
	w.put(simple)
	w.people(3)
	w.live = false
	w.start("spring")
	w.run()
	if x := w.find("spring"); x.State != broadcast.Scheduled || !strings.Contains(x.Trouble, "is being built") {
		t.Errorf("%+v", x)
	}
	w.live = true
	w.run()
	if x := w.find("spring"); x.State != broadcast.Done || x.Trouble != "" {
		t.Errorf("%+v", x)
	}
}

func TestCheckSpec(t *testing.T) {
	all, err := spec.Read("brand.yaml", []byte(brand))
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]string{
		`{segment: all, message: {channel: email, purpose: news, template: hello}}`:                                                                                         "",
		`{segment: all, message: {channel: email, purpose: news, template: hello}, when: now, pace: 90 per minute, holdout: 5, goal: {event: Order Completed, within: 3d}}`: "",
		`{segment: all, message: {channel: email, purpose: news, template: hello}, goal: {event: Order Completed, where: "properties.revenue > 50"}}`:                       "",
		`{segment: all, message: {channel: email, purpose: news, template: hello}, goal: {event: Order Completed, where: "revenue >"}}`:                                     "goal.where: ",
		`{segment: all, message: {channel: email, purpose: news, template: hello}, goal: {event: Order Completed, where: "did \"Order Completed\""}}`:                       "goal.where: ",
		`{segment: some, message: {channel: email, purpose: news, template: hello}}`:                                                                                        `segment: there is no segment "some"`,
		`{message: {channel: email, purpose: news, template: hello}}`:                                                                                                       "segment: say which segment",
		`{segment: all, message: {channel: email, purpose: x, template: hook}}`:                                                                                             `message.purpose: there is no purpose "x"; message.template: template "hook" is for webhook, not for email`,
		`{segment: all, message: {channel: email, purpose: news, template: hello}, pace: 5 per day}`:                                                                        "pace: \"5 per day\" is not a pace",
		`{segment: all, message: {channel: email, purpose: news, template: hello}, holdout: 100}`:                                                                           "holdout: want 0 or more",
		`{segment: all, message: {channel: email, purpose: news, template: hello}, when: {at: tomorrow}}`:                                                                   "when.at: \"tomorrow\" is not an instant",
		`{segment: all, message: {channel: email, purpose: news, template: hello}, when: {local: "2026-02-30 09:00"}}`:                                                      "when.local",
		`{segment: all, message: {channel: email, purpose: news, template: hello}, variants: [{name: a, weight: 1, template: short}]}`:                                      "message.template: each variant names its template: leave this one out; variants: want 2 to 10",
		`{segment: all, message: {channel: email, purpose: news}, variants: [{name: a, weight: 1, template: short}, {name: a, weight: 0, template: none}]}`:                 `variants[1].name: there are two variants "a"; variants[1].weight: want more than 0 and at most 1000000; variants[1].template: there is no template "none"`,
		`{segment: all, message: {channel: email, purpose: news, template: hello, ttl: soon}, goal: {within: 1d}}`:                                                          `message.ttl: "soon" is not a duration`,
		`{segment: all, message: {channel: email, purpose: news, template: hello}, when: later}`:                                                                            "when is now",
	} {
		set, err := spec.Read("test.yaml", []byte("{kind: broadcast, name: x, "+body[1:]))
		if err != nil {
			t.Fatal(err)
		}
		s, _ := set.Get(spec.Broadcast, "x")
		var got []string
		for _, err := range broadcast.CheckSpec(s, all) {
			field := ""
			if e, ok := err.(*heed.Error); ok && e.Field != "broadcast x" {
				field = e.Field + ": "
			}
			got = append(got, field+heed.MessageOf(err))
		}
		if text := strings.Join(got, "; "); want == "" && text != "" || !strings.Contains(text, want) {
			t.Errorf("%s\n  got  %s\n  want %s", body, text, want)
		}
	}
}
