package journey_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/internal/zone"
	"github.com/heedcx/heed/journey"
	"github.com/heedcx/heed/stream"
)

const dueSpec = `
kind: journey
name: j
trigger: {event: Go}
nodes:
  - {id: a, wait: 1h}
  - {id: hi, message: {channel: email, purpose: news, template: hi}}
  - {id: b, wait: 1h}
  - {id: ho, message: {channel: email, purpose: news, template: hi}}
---
kind: purpose
name: news
---
kind: template
name: hi
channel: email
`

// tally counts what is wanted, per transaction: a rolled back one does not count.
type tally struct {
	mu      sync.Mutex
	pending map[*stream.Batch][]heed.ID
	wanted  map[heed.ID]int
	people  map[heed.ID]int
	fail    bool
}

func newTally() *tally {
	return &tally{pending: map[*stream.Batch][]heed.ID{}, wanted: map[heed.ID]int{}, people: map[heed.ID]int{}}
}

func (c *tally) Name() string                                      { return "tally" }
func (c *tally) Begin(context.Context, db.Tx, *stream.Batch) error { return nil }

func (c *tally) Apply(b *stream.Batch, p *heed.Person, e *heed.Event) {
	if e.Type != heed.MessageWanted {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pending[b] = append(c.pending[b], e.Intent.ID)
	c.people[p.ID]++
	b.Emit(&heed.Event{Type: heed.MessageDecided, Person: e.Person, Ref: e.Intent.ID, Name: string(heed.Send)})
}

var errFail = errors.New("the disk is on fire")

func (c *tally) Flush(_ context.Context, _ db.Tx, b *stream.Batch) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fail {
		return errFail
	}
	for _, id := range c.pending[b] {
		c.wanted[id]++
	}
	delete(c.pending, b)
	return nil
}

// engineWith makes an engine; the journey stage is the same in all of them, as it is in the program.
func (w *world) engineWith(j, last stream.Stage) *stream.Engine {
	m := &memory{}
	return &stream.Engine{DB: w.d, Clock: w.clock, Sleepers: m, Stages: []stream.Stage{m, j, last}}
}

func newStage() *journey.Stage { return journey.New(slog.New(slog.DiscardHandler), &zone.Cache{}) }

// TestTwoSchedulersStepOnce lets two schedulers race for people who are all due at once.
func TestTwoSchedulersStepOnce(t *testing.T) {
	testx.Each(t, []string{stream.Queries, journey.Queries, memoryQueries}, func(t *testing.T, d db.DB) {
		w := newWorld(t, d)
		w.clock.Set(heed.At(time.Date(2026, 3, 10, 10, 0, 0, 0, time.UTC)))
		w.put(dueSpec)
		const people = 200
		var events []*heed.Event
		for i := range people {
			events = append(events, &heed.Event{Type: heed.Track, Name: "Go", Person: w.id(fmt.Sprint("p", i))})
		}
		w.send(events...)
		c := newTally()
		w.clock.Advance(time.Hour)
		j := newStage()
		var wg sync.WaitGroup
		errs := make([]error, 2)
		for k := range errs {
			g := w.engineWith(j, c)
			wg.Go(func() {
				for n := 1; n > 0 && errs[k] == nil; {
					n, errs[k] = g.WakeDue(w.ctx, w.clock.Now(), 7)
				}
			})
		}
		wg.Wait()
		w.must(errors.Join(errs...))
		// Whoever found everybody locked by the other went home early; the rest is worked off now.
		for n := 1; n > 0; {
			var err error
			n, err = w.engineWith(j, c).WakeDue(w.ctx, w.clock.Now(), 100)
			w.must(err)
		}
		if len(c.wanted) != people || len(c.people) != people {
			t.Fatalf("%d messages for %d people, want %d for as many", len(c.wanted), len(c.people), people)
		}
		for id, n := range c.wanted {
			if n != 1 {
				t.Errorf("message %s is wanted %d times", id, n)
			}
		}
	})
}

// TestARepeatedBatchWantsTheSameMessages fails the first attempt of each batch: the second, later by the clock, makes
// the same ids, so nobody is written to twice.
func TestARepeatedBatchWantsTheSameMessages(t *testing.T) {
	w := newWorld(t, testx.SQLite(t, spec.Queries, stream.Queries, journey.Queries, memoryQueries))
	w.clock.Set(heed.At(time.Date(2026, 3, 10, 10, 0, 0, 0, time.UTC)))
	w.put(dueSpec)
	w.send(&heed.Event{Type: heed.Track, Name: "Go", Person: w.id("ana")})
	for step := range 2 {
		w.clock.Advance(time.Hour)
		ids := map[heed.ID]bool{}
		c := newTally()
		c.fail = true
		g := w.engineWith(newStage(), c)
		for range 3 {
			if _, err := g.WakeDue(w.ctx, w.clock.Now(), 10); !errors.Is(err, errFail) {
				t.Fatalf("got %v", err)
			}
			w.clock.Advance(time.Second)
		}
		for _, list := range c.pending {
			for _, id := range list {
				ids[id] = true
			}
		}
		if len(c.pending) != 3 || len(ids) != 1 {
			t.Errorf("step %d: %d attempts wanted %d different messages, want 3 and 1", step, len(c.pending), len(ids))
		}
		c.fail = false
		if _, err := g.WakeDue(w.ctx, w.clock.Now(), 10); err != nil {
			t.Fatal(err)
		}
		for id := range c.wanted {
			if !ids[id] {
				t.Errorf("step %d: the attempt that succeeded wanted another message", step)
			}
		}
	}
}

// TestADuplicateInOneBatchStartsOneRun sends the trigger twice in one batch, as two tabs do.
func TestADuplicateInOneBatchStartsOneRun(t *testing.T) {
	testx.Each(t, []string{stream.Queries, journey.Queries, memoryQueries}, func(t *testing.T, d db.DB) {
		w := newWorld(t, d)
		w.clock.Set(heed.At(time.Date(2026, 3, 10, 10, 0, 0, 0, time.UTC)))
		w.put(dueSpec)
		w.send(&heed.Event{Type: heed.Track, Name: "Go", Person: w.id("ana")}, &heed.Event{Type: heed.Track, Name: "Go", Person: w.id("ana")})
		if n := len(w.load(w.id("ana")).Runs); n != 1 {
			t.Errorf("%d runs, want 1", n)
		}
		w.must(d.Read(w.ctx, func(q db.Querier) error {
			rows, err := journey.List(w.ctx, q, "j", journey.Filter{Node: "a", State: journey.StateActive}, heed.ID{}, 10)
			if len(rows) != 1 {
				t.Errorf("%d rows, want 1", len(rows))
			}
			return err
		}))
	})
}

// TestRebuildStartsNothing folds the same events with Rebuild set.
func TestRebuildStartsNothing(t *testing.T) {
	w := newWorld(t, testx.SQLite(t, spec.Queries, stream.Queries, journey.Queries, memoryQueries))
	w.clock.Set(heed.At(time.Date(2026, 3, 10, 10, 0, 0, 0, time.UTC)))
	w.put(dueSpec)
	w.engine.Rebuild = true
	w.send(&heed.Event{Type: heed.Track, Name: "Go", Person: w.id("ana")})
	if p := w.load(w.id("ana")); len(p.Runs) != 0 || p.Wake != 0 {
		t.Errorf("a rebuild started %+v", p.Runs)
	}
	if lines := w.said(); len(lines) > 0 {
		t.Errorf("a rebuild said %q", lines)
	}
}

// TestListPages walks through runs by keyset.
func TestListPages(t *testing.T) {
	testx.Each(t, []string{stream.Queries, journey.Queries, memoryQueries}, func(t *testing.T, d db.DB) {
		w := newWorld(t, d)
		w.clock.Set(heed.At(time.Date(2026, 3, 10, 10, 0, 0, 0, time.UTC)))
		w.put(dueSpec)
		for i := range 5 {
			w.clock.Advance(time.Second)
			w.send(&heed.Event{Type: heed.Track, Name: "Go", Person: w.id(fmt.Sprint("p", i))})
		}
		w.must(d.Read(w.ctx, func(q db.Querier) error {
			for _, f := range []journey.Filter{{}, {State: "active"}, {Node: "a"}, {Node: "a", State: "active"}} {
				seen, before := map[heed.ID]bool{}, heed.ID{}
				for {
					rows, err := journey.List(w.ctx, q, "j", f, before, 2)
					if err != nil {
						return err
					}
					if len(rows) == 0 {
						break
					}
					for _, r := range rows {
						seen[r.Person] = true
						before = r.ID
					}
				}
				if len(seen) != 5 {
					t.Errorf("%+v: %d people, want 5", f, len(seen))
				}
			}
			one, err := journey.List(w.ctx, q, "j", journey.Filter{}, heed.ID{}, 1)
			if err != nil {
				return err
			}
			got, err := journey.Get(w.ctx, q, one[0].ID)
			if err != nil || got.Why == "" || got.Person != w.id("p4") {
				t.Errorf("got %+v, %v: want the newest run and what it waits for", got, err)
			}
			if _, err := journey.Get(w.ctx, q, heed.ID{1}); heed.CodeOf(err) != heed.NotFound {
				t.Errorf("an unknown run: %v", err)
			}
			return nil
		}))
	})
}
