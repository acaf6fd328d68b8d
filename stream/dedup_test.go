package stream

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/testx"
)

func withIDs(ids ...string) []*heed.Event {
	var out []*heed.Event
	for _, id := range ids {
		out = append(out, &heed.Event{MessageID: id, Source: "web"})
	}
	return out
}

// pass takes ids through d in one transaction and returns how many were fresh.
func pass(t *testing.T, store db.DB, d *dedup, now heed.Time, events []*heed.Event) int {
	t.Helper()
	ctx := context.Background()
	var fresh []*heed.Event
	err := store.Write(ctx, func(tx db.Tx) (err error) {
		if fresh, _, err = d.filter(ctx, tx, events); err != nil {
			return err
		}
		return d.put(ctx, tx, now)
	})
	if err != nil {
		t.Fatal(err)
	}
	d.committed(now)
	return len(fresh)
}

func reopened(t *testing.T, store db.DB, limit int) *dedup {
	t.Helper()
	d := newDedup(0)
	d.limit = limit
	if err := store.Read(context.Background(), func(q db.Querier) error { return d.load(context.Background(), q) }); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestDuplicatesAreDroppedOnceAndForAll(t *testing.T) {
	testx.Each(t, []string{Queries}, func(t *testing.T, store db.DB) {
		day := heed.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		d := newDedup(0)
		d.limit = 50
		rnd := rand.New(rand.NewPCG(1, 2))
		seen := map[string]bool{}
		for round := range 60 {
			var ids []string
			want := 0
			for range 20 {
				id := fmt.Sprint("m", rnd.IntN(900))
				if !seen[id] {
					seen[id] = true
					want++
				}
				ids = append(ids, id)
			}
			if got := pass(t, store, d, day, withIDs(ids...)); got != want {
				t.Fatalf("round %d: %d fresh, want %d", round, got, want)
			}
			if d.frozen != nil && round%3 == 0 {
				<-d.frozen.done // so that sealing happens in the next transaction
			}
			if round%7 == 0 {
				d = reopened(t, store, 50)
			}
		}
		if len(d.sealed) == 0 {
			t.Error("no bucket was sealed: the test does not test that")
		}
		// 25 hours later, after a restart, all are still known.
		d = reopened(t, store, 50)
		for id := range seen {
			if pass(t, store, d, day.Add(25*time.Hour), withIDs(id)) != 0 {
				t.Fatalf("%s passed again after 25 hours", id)
			}
		}
		// After the window the sealed ones are forgotten, on disk too.
		before := len(d.sealed)
		pass(t, store, d, day.Add(DuplicateWindow+time.Hour), withIDs("fresh"))
		if before == 0 || len(d.sealed) != 0 || len(reopened(t, store, 50).sealed) != 0 {
			t.Errorf("%d buckets before, %d left", before, len(d.sealed))
		}
	})
}

func TestOneSourceCannotHideEventsOfAnother(t *testing.T) {
	store := testx.SQLite(t, Queries)
	d := newDedup(0)
	events := withIDs("a", "a")
	events[1].Source = "app"
	if got := pass(t, store, d, 1, events); got != 2 {
		t.Errorf("%d fresh, want both", got)
	}
}

func TestARolledBackBatchIsNotRemembered(t *testing.T) {
	store := testx.SQLite(t, Queries)
	d, ctx := newDedup(0), context.Background()
	_ = store.Write(ctx, func(tx db.Tx) error {
		if _, _, err := d.filter(ctx, tx, withIDs("a")); err != nil {
			t.Error(err)
		}
		return context.Canceled
	})
	if got := pass(t, store, d, 1, withIDs("a")); got != 1 {
		t.Error("it was dropped as a duplicate of an attempt that failed")
	}
}

func BenchmarkDedup(b *testing.B) {
	store := testx.SQLite(b, Queries)
	d, ctx, n := newDedup(0), context.Background(), 0
	events := make([]*heed.Event, 5000)
	b.ReportAllocs()
	for b.Loop() {
		for i := range events {
			n++
			events[i] = &heed.Event{MessageID: fmt.Sprintf("6e0f7f0c-6f5e-4c11-9d63-%012d", n), Source: "web"}
		}
		err := store.Write(ctx, func(tx db.Tx) error {
			if _, _, err := d.filter(ctx, tx, events); err != nil {
				return err
			}
			return d.put(ctx, tx, 1)
		})
		if err != nil {
			b.Fatal(err)
		}
		d.committed(1)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/event")
}
