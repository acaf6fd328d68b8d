package broadcast_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/broadcast"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
)

func each(t *testing.T, f func(t *testing.T, w *world)) {
	testx.Each(t, queries(), func(t *testing.T, d db.DB) { f(t, newWorld(t, d)) })
}

const simple = `
kind: broadcast
name: spring
segment: all
message: {channel: email, purpose: news, template: hello}
`

func TestEverybodyOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.put(simple)
		ids := w.people(120)
		w.track(ids[3], "Consent Denied", `{"purpose":"news","channel":"email","act":"said no"}`)
		w.process(&heed.Event{Type: heed.SegmentLeft, Name: "all", Person: ids[4], Timestamp: w.clock.Now()}) // after the list was read
		w.runner.Limit = 50
		w.start("spring")
		w.run()
		x := w.find("spring")
		if x.State != broadcast.Done || x.Audience != 120 || x.Turned != 120 || x.EndedAt == 0 {
			t.Errorf("the run stands at %+v", x)
		}
		if got, want := w.tally("spring"), "1 skipped  LEFT_SEGMENT, 1 wanted drop OPTED_OUT, 118 wanted send OK"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		for id, ms := range w.messages() {
			if len(ms) != 1 || ms[0].By != "broadcast:spring" || ms[0].Template != "hello" || ms[0].ID != w.peopleOf("spring")[id].Message {
				t.Fatalf("messages of %s: %+v", id, ms)
			}
		}
		if err := broadcast.Start(t.Context(), w.d, "spring", 0, "ana", w.clock.Now()); heed.CodeOf(err) != heed.Conflict {
			t.Errorf("started twice: %v", err)
		}
	})
}

// TestDiesAtAnyPoint lets the transaction fail at every point in turn: nobody is left out, nobody gets it twice.
func TestDiesAtAnyPoint(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.put(simple)
		w.people(40)
		w.runner.Limit = 7
		w.start("spring")
		for fail := 1; w.find("spring").EndedAt == 0; fail++ {
			if fail > 300 {
				t.Fatal("it does not come to an end")
			}
			f := &failing{DB: w.d, at: fail % 17}
			w.runner = w.newRunner()
			w.runner.Limit, w.runner.DB, w.runner.Engine.DB = 7, f, f
			_, _ = w.runner.Step(t.Context()) // a new process goes on where this one died
		}
		if got := w.tally("spring"); got != "40 wanted send OK" {
			t.Error(got)
		}
		for id, ms := range w.messages() {
			if len(ms) != 1 {
				t.Errorf("%s has %d messages", id, len(ms))
			}
		}
	})
}

// failing is a store whose write transactions fail at the n-th statement.
type failing struct {
	db.DB
	at int
}

type failingTx struct {
	db.Tx
	left int
}

func (f *failing) Write(ctx context.Context, do func(tx db.Tx) error) error {
	return f.DB.Write(ctx, func(tx db.Tx) error { return do(&failingTx{tx, f.at}) })
}

func (f *failingTx) dies() error {
	if f.left--; f.left == 0 {
		return context.Canceled
	}
	return nil
}

func (f *failingTx) Exec(ctx context.Context, name string, args ...any) (int64, error) {
	if err := f.dies(); err != nil {
		return 0, err
	}
	return f.Tx.Exec(ctx, name, args...)
}

func (f *failingTx) ExecEach(ctx context.Context, name string, n int, args func(i int) []any) error {
	if err := f.dies(); err != nil {
		return err
	}
	return f.Tx.ExecEach(ctx, name, n, args)
}

// TestTwoProcesses lets several runners work at once: on PostgreSQL they share the work, and nobody is reached twice.
func TestTwoProcesses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.put(simple)
		w.people(200)
		w.start("spring")
		var wg sync.WaitGroup
		for range 3 {
			r := w.newRunner()
			r.Limit = 9
			wg.Go(func() {
				for range 2000 {
					more, err := r.Step(t.Context())
					if err != nil {
						t.Error(err)
						return
					}
					if !more && w.ended("spring") {
						return
					}
				}
				t.Error("it does not come to an end")
			})
		}
		wg.Wait()
		if got := w.tally("spring"); got != "200 wanted send OK" {
			t.Error(got)
		}
		for id, ms := range w.messages() {
			if len(ms) != 1 {
				t.Errorf("%s has %d messages", id, len(ms))
			}
		}
	})
}

func (w *world) ended(name string) bool {
	var x *broadcast.Run
	err := w.d.Read(context.Background(), func(q db.Querier) (err error) { x, err = broadcast.Find(context.Background(), q, name); return err })
	return err == nil && x.EndedAt > 0
}

func TestVariantsAndHoldoutStick(t *testing.T) {
	w := newWorld(t, testx.SQLite(t, append(queries(), spec.Queries)...))
	w.put(`
kind: broadcast
name: spring
segment: all
message: {channel: email, purpose: news}
variants: [{name: a, weight: 75, template: hello}, {name: b, weight: 25, template: short}]
holdout: 10
`)
	w.people(2000)
	w.start("spring")
	w.check("spring")
	w.run()
	n := map[string]int{}
	people := w.peopleOf("spring")
	for _, p := range people {
		n[p.State+" "+p.Variant]++
		if c := w.checked("spring", p.Checked.Person); c.Variant != p.Variant || (c.Reason == broadcast.Holdout) != (p.State == broadcast.HeldOut) {
			t.Fatalf("the check said %+v, it became %+v", c, p)
		}
	}
	// Binomial with n = 2000: four standard deviations.
	within(t, "held out", n["held_out a"]+n["held_out b"], 200, 54)
	within(t, "variant a", n["wanted a"]+n["held_out a"], 1500, 78)
	for _, m := range w.messages() {
		if want := map[string]string{"a": "hello", "b": "short"}[people[m[0].Person].Variant]; m[0].Template != want {
			t.Fatalf("template %s, want %s", m[0].Template, want)
		}
	}
}

func within(t *testing.T, what string, got, want, off int) {
	t.Helper()
	if got < want-off || got > want+off {
		t.Errorf("%s: %d, want %d ± %d", what, got, want, off)
	}
}

func TestPace(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.put(strings.Replace(simple, "segment: all", "segment: all\npace: 60 per minute", 1))
		w.people(100)
		w.start("spring")
		w.run()
		counts := []int{len(w.messages())}
		for range 3 {
			w.clock.Advance(time.Second)
			w.run()
			counts = append(counts, len(w.messages()))
		}
		w.clock.Advance(time.Hour) // the process was down: it does not catch up at once
		w.run()
		counts = append(counts, len(w.messages()))
		if got := fmt.Sprint(counts); got != "[1 2 3 4 5]" {
			t.Errorf("sent after each second: %s", got)
		}
	})
}

func TestOnEverybodysClock(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.put(strings.Replace(simple, "segment: all", `segment: all
when: {local: "2026-01-15 09:00"}`, 1))
		ids := w.people(4)
		for i, zone := range []string{"Asia/Tokyo", "Europe/Lisbon", "America/New_York"} {
			w.track(ids[i], "Preferences Updated", fmt.Sprintf(`{"zone":%q}`, zone))
		}
		w.start("spring")
		w.run()
		if x := w.find("spring"); x.State != broadcast.Scheduled || x.Begins.String() != "2026-01-14T19:00:00Z" {
			t.Errorf("it begins at %s and is %s", x.Begins, x.State)
		}
		var got []string
		for at := noon; at < noon.Add(40*time.Hour); at = at.Add(time.Hour) {
			w.clock.Set(at)
			before := w.messages()
			w.run()
			for id := range w.messages() {
				if before[id] == nil {
					got = append(got, fmt.Sprintf("%d at %s", slices.Index(ids, id), at))
				}
			}
		}
		slices.Sort(got)
		want := "0 at 2026-01-15T00:00:00Z, 1 at 2026-01-15T09:00:00Z, 2 at 2026-01-15T14:00:00Z, 3 at 2026-01-15T09:00:00Z"
		if strings.Join(got, ", ") != want || !w.ended("spring") {
			t.Errorf("got %v, ended: %v", got, w.ended("spring"))
		}
	})
}

func TestPauseAndStop(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.put(strings.Replace(simple, "segment: all", "segment: all\npace: 60 per minute", 1))
		w.people(10)
		w.start("spring")
		w.run()
		w.must(broadcast.Pause(t.Context(), w.d, "spring", true))
		w.clock.Advance(time.Minute)
		w.run()
		if n := len(w.messages()); n != 1 {
			t.Errorf("%d messages while it is paused", n)
		}
		w.must(broadcast.Pause(t.Context(), w.d, "spring", false))
		w.run()
		w.clock.Advance(time.Second)
		w.run()
		m := w.claim(t)
		w.feedback(m.ID, m.Person, "sent")
		w.must(broadcast.Stop(t.Context(), w.d, "spring", "ana", w.clock.Now()))
		w.run()
		x := w.find("spring")
		if x.State != broadcast.Stopped || x.EndedBy != "ana" {
			t.Errorf("%+v", x)
		}
		canceled := 0
		for _, ms := range w.messages() {
			if ms[0].State == heed.MessageCanceled {
				canceled++
			}
		}
		if got := w.tally("spring"); got != "1 wanted send OK, 9 canceled  WITHDRAWN" {
			t.Error(got)
		}
		if err := broadcast.Pause(t.Context(), w.d, "spring", true); heed.CodeOf(err) != heed.Conflict {
			t.Errorf("paused when it was over: %v", err)
		}
		for _, p := range w.memory() {
			if len(p.Contacts) > 1 {
				t.Errorf("%s has %d contacts", p.ID, len(p.Contacts))
			}
		}
		if canceled != 2 {
			t.Errorf("%d messages were taken back, want those 2 that no sender had", canceled)
		}
	})
}
