package stream_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/stream"
)

// tally counts in the state store how often each event was applied, as a spec per message id.
type tally struct {
	names []string
}

func (c *tally) Name() string                                      { return "tally" }
func (c *tally) Begin(context.Context, db.Tx, *stream.Batch) error { c.names = nil; return nil }
func (c *tally) Apply(b *stream.Batch, _ *heed.Person, e *heed.Event) {
	if e.Name == "explode" {
		panic("a stage has a bug")
	}
	if e.Type == heed.Track {
		c.names = append(c.names, e.MessageID)
		b.Record(&heed.Event{Type: heed.TaskWanted, Name: e.MessageID, Person: heed.NewID(b.Now)})
	}
}

func (c *tally) Flush(ctx context.Context, tx db.Tx, _ *stream.Batch) error {
	for _, name := range c.names {
		if _, err := spec.Put(ctx, tx, spec.Spec{Kind: "tally", Name: name}); err != nil {
			return err
		}
	}
	return nil
}

func (c *tally) applied(t *testing.T, d db.DB) map[string]int {
	t.Helper()
	out := map[string]int{}
	err := d.Read(context.Background(), func(q db.Querier) error {
		all, err := spec.Latest(context.Background(), q, "tally")
		for _, s := range all {
			out[s.Name] = s.Version
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func start(t *testing.T, d db.DB, l stream.Log, owner string) (*stream.Worker, func()) {
	t.Helper()
	return startWith(t, d, l, owner, &tally{})
}

func startWith(t *testing.T, d db.DB, l stream.Log, owner string, s stream.Stage) (*stream.Worker, func()) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	w := &stream.Worker{Engine: &stream.Engine{DB: d, Clock: clock.NewSystem(), Stages: []stream.Stage{s}}, Log: l, Owner: owner, Logger: log}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { w.Run(ctx) })
	stop := sync.OnceFunc(func() { cancel(); wg.Wait() })
	t.Cleanup(stop)
	return w, stop
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestEveryEventIsAppliedExactlyOnce(t *testing.T) {
	testx.Each(t, []string{stream.Queries}, func(t *testing.T, d db.DB) {
		l := embedded(t, t.TempDir(), stream.Options{})
		out := stream.NewWriter(l)
		var pos stream.Position
		for round := range 6 {
			// Two processes compete, and one of them dies after each round.
			a, stopA := start(t, d, l, "a")
			_, stopB := start(t, d, l, "b")
			var wg sync.WaitGroup
			var mu sync.Mutex
			for c := range 4 {
				wg.Go(func() {
					e := event(c, round)
					got, err := out.Write(context.Background(), []heed.Event{e, e})
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					if pos == nil || got[0] > pos[0] {
						pos = got
					}
					mu.Unlock()
				})
			}
			wg.Wait()
			if round%2 == 0 {
				stopA()
				stopB()
				release(t, d, "a", "b")
				continue
			}
			if err := a.WaitFor(within(t), pos[0]); err != nil {
				t.Fatal(err)
			}
			stopB()
			stopA()
			release(t, d, "a", "b")
		}
		got := (&tally{}).applied(t, d)
		if len(got) != 24 {
			t.Errorf("%d events applied, want 24", len(got))
		}
		for id, n := range got {
			if n != 1 {
				t.Errorf("%s was applied %d times", id, n)
			}
		}
	})
}

func release(t *testing.T, d db.DB, owners ...string) {
	t.Helper()
	for _, o := range owners {
		lease := stream.Lease{DB: d, Clock: clock.NewSystem(), Part: 0, Owner: o}
		if err := lease.Release(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnEventThatBreaksAStageBecomesADeadLetter(t *testing.T) {
	d := testx.SQLite(t, spec.Queries, stream.Queries)
	l := embedded(t, t.TempDir(), stream.Options{})
	w, _ := start(t, d, l, "a")
	var events []heed.Event
	for i := range 20 {
		e := event(0, i)
		if i == 13 {
			e.Name = "explode"
		}
		events = append(events, e)
	}
	pos, err := stream.NewWriter(l).Write(context.Background(), events)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WaitFor(within(t), pos[0]); err != nil {
		t.Fatal(err)
	}
	if got := (&tally{}).applied(t, d); len(got) != 19 || got["0-13"] != 0 {
		t.Errorf("applied %v", got)
	}
	r, err := l.Read(context.Background(), stream.Dead, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	recs, err := r.Next(context.Background(), 10, 5*time.Second)
	if err != nil || len(recs) != 1 {
		t.Fatalf("%d dead letters, %v", len(recs), err)
	}
	var letter stream.DeadLetter
	if err := json.Unmarshal(recs[0].Data, &letter); err != nil {
		t.Fatal(err)
	}
	if letter.Index != 13 || letter.Seq != pos[0] || letter.Reason == "" || letter.Event == "" {
		t.Errorf("got %+v", letter)
	}
}

func TestFactsArePublishedOnce(t *testing.T) {
	testx.Each(t, []string{stream.Queries}, func(t *testing.T, d db.DB) {
		l := embedded(t, t.TempDir(), stream.Options{})
		w, _ := start(t, d, l, "a")
		out := stream.NewWriter(l)
		seen := map[string]int{}
		r, err := l.Read(context.Background(), stream.Facts, 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		for round := range 3 {
			pos, err := out.Write(context.Background(), []heed.Event{event(round, 0), event(round, 1)})
			if err != nil {
				t.Fatal(err)
			}
			if err := w.WaitFor(within(t), pos[0]); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			p := &stream.Publisher{Engine: w.Engine, Log: l, Owner: "a", Logger: slog.New(slog.DiscardHandler)}
			var wg sync.WaitGroup
			wg.Go(func() { p.Run(ctx) })
			for len(seen) < 2*(round+1) {
				recs, err := r.Next(within(t), 10, 5*time.Second)
				if err != nil || len(recs) == 0 {
					t.Fatalf("facts do not come: %v", err)
				}
				for _, rec := range recs {
					events, err := stream.DecodeEnvelope(rec.Data, nil)
					if err != nil {
						t.Fatal(err)
					}
					for _, e := range events {
						seen[e.Name]++
						if e.Person.IsZero() || e.Type != heed.TaskWanted {
							t.Errorf("came back as %+v", e)
						}
					}
				}
			}
			cancel()
			wg.Wait()
		}
		for name, n := range seen {
			if n != 1 {
				t.Errorf("%s was published %d times", name, n)
			}
		}
		if len(seen) != 6 {
			t.Error(fmt.Sprint(seen))
		}
	})
}
