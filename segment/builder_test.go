package segment_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/rule"
)

// Two workers and the Builder at once, while the brand adds segments: in the end every document counts every event
// exactly once, and is in exactly the segments whose rule holds.
func TestBuildingWhileWorking(t *testing.T) {
	rounds := map[db.Dialect]int{db.SQLite: 12, db.Postgres: 4}
	for _, d := range []db.Dialect{db.SQLite, db.Postgres} {
		t.Run(string(d), func(t *testing.T) {
			for round := range rounds[d] {
				t.Run(fmt.Sprint(round), func(t *testing.T) {
					var state db.DB
					if d == db.SQLite {
						state = testx.SQLite(t, append(queries(), spec.Queries)...)
					} else {
						state = testx.Postgres(t, append(queries(), spec.Queries)...)
					}
					race(t, newWorld(t, state), uint64(round))
				})
			}
		})
	}
}

var raceRules = []string{
	`did "A" at least 2 times within 30d`, `did "A" at least 5 times within 60d`, `did "B" where properties.n > 1`, `did "A" at most 3 times`,
	`"A" then "B" within 1d`, `did "C" exactly 2 times within 10d`, `not did "A"`, `last "B" within 20d and did "A" at least 12 times within 60d`,
}

func race(t *testing.T, w *world, seed uint64) {
	var wg sync.WaitGroup
	worker := func(part int) {
		defer wg.Done()
		r := rand.New(rand.NewPCG(seed, uint64(part)))
		engine := w.engine
		if part == 1 {
			engine = w.second
		}
		for range 25 {
			var batch []*heed.Event
			for range 1 + r.IntN(4) {
				e := &heed.Event{Type: heed.Track, Name: string(rune('A' + r.IntN(3))), Person: idOf(fmt.Sprintf("p%d-%d", r.IntN(4), part)), ReceivedAt: w.clock.Now()}
				// No two at the same moment: see Deepen.
				e.Timestamp = w.clock.Now().Add(-time.Duration(r.IntN(40*24))*time.Hour - time.Duration(r.IntN(1e9))*time.Microsecond)
				e.Properties = heed.RawJSON(fmt.Sprintf(`{"n":%d}`, r.IntN(4)))
				batch = append(batch, e)
			}
			if err := w.work(part, engine, batch...); err != nil {
				t.Error(err)
			}
		}
	}
	// Both partitions bring events of the same people, under other keys.
	for i := range 4 {
		for part := range 2 {
			w.owner[idOf(fmt.Sprintf("p%d-%d", i, part))] = idOf(fmt.Sprintf("p%d-0", i))
		}
	}
	// A worker has a position from its lease on: whoever cuts waits for the batch that is under way there, also the first.
	w.must(w.db.Write(context.Background(), func(tx db.Tx) error {
		for part := range 2 {
			if _, err := tx.Exec(context.Background(), "memory.advance", part, 0); err != nil {
				return err
			}
		}
		return nil
	}))
	for i := range 4 { // who is new is made by identity, under its locks
		w.process(&heed.Event{Type: heed.Track, Name: "Start", Person: idOf(fmt.Sprintf("p%d-0", i)), Timestamp: w.clock.Now()})
	}
	wg.Add(3)
	go worker(0)
	go worker(1)
	go func() {
		defer wg.Done()
		r := rand.New(rand.NewPCG(seed, 9))
		for i, text := range raceRules {
			doc, err := json.Marshal(map[string]string{"rule": text})
			if err != nil {
				t.Error(err)
			}
			w.put(spec.Segment, fmt.Sprintf("s%d", i), string(doc), false)
			for range r.IntN(8) {
				if _, err := w.builder.Step(context.Background()); err != nil && heed.CodeOf(err) != heed.Unavailable {
					t.Error(err)
				}
			}
		}
	}()
	wg.Wait()
	w.process(&heed.Event{Type: heed.Track, Name: "End", Person: idOf("p0-0"), Timestamp: w.clock.Now()})
	w.build()
	for _, s := range w.statuses() {
		if s.State != "live" {
			t.Errorf("%s is %s", s.Name, s.State)
		}
	}
	w.compare()
}

// compare counts everything anew and compares.
func (w *world) compare() {
	w.t.Helper()
	var needs []rule.CounterSpec
	rules := map[string]*rule.Rule{}
	for i, text := range raceRules {
		r, err := rule.Parse(text)
		w.must(err)
		rules[fmt.Sprintf("s%d", i)] = r
		needs = append(needs, r.Counters()...)
	}
	x := rule.NewIndex(rule.Union(needs))
	want := map[heed.ID]*heed.Person{}
	for i := range w.past {
		id := w.owner[w.past[i].Person]
		if want[id] == nil {
			want[id] = &heed.Person{ID: id}
		}
		x.Fold(want[id], &w.past[i], nil)
	}
	for id, p := range want {
		got := w.person(id)
		for _, s := range x.Specs() {
			if len(s.Steps) > 0 {
				continue // when it was noticed may differ; that it was, the segment shows
			}
			a, _ := json.Marshal(got.Counters[s.ID])
			b, _ := json.Marshal(p.Counters[s.ID])
			if string(a) != string(b) {
				w.t.Errorf("%s, %s: %s, want %s", nameOf(id), s.Text, a, b)
			}
		}
		var in []string
		for name, r := range rules {
			if r.Eval(p, nil, w.clock.Now()) {
				in = append(in, name)
			}
		}
		slices.Sort(in)
		if members := w.members(id); !slices.Equal(members, in) {
			w.t.Errorf("%s is in %v, want %v", nameOf(id), members, in)
		}
	}
}
