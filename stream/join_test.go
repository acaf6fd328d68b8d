package stream_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/stream"
)

// join starts a process's worth of workers that share the partitions with others.
func join(t *testing.T, d db.DB, l stream.Log, owner string) (leave func()) {
	t.Helper()
	log, c := slog.New(slog.DiscardHandler), clock.NewSystem()
	var stops []func()
	run := func(f func(context.Context)) {
		ctx, cancel := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		wg.Go(func() { f(ctx) })
		stops = append(stops, func() { cancel(); wg.Wait() })
	}
	share := &stream.Share{DB: d, Clock: c, Owner: owner, Partitions: l.Partitions(), Logger: log}
	run(share.Run)
	for p := range l.Partitions() {
		w := &stream.Worker{Engine: &stream.Engine{DB: d, Clock: c, Stages: []stream.Stage{&tally{}}}, Log: l, Partition: p, Owner: owner, Share: share, Logger: log}
		run(w.Run)
	}
	leave = sync.OnceFunc(func() {
		for i := len(stops) - 1; i >= 0; i-- {
			stops[i]()
		}
	})
	t.Cleanup(leave)
	return leave
}

// holdings counts the partitions whose lease each has.
func holdings(t *testing.T, d db.DB) map[string]int {
	t.Helper()
	out := map[string]int{}
	err := d.Read(context.Background(), func(q db.Querier) error {
		rows, err := q.Query(context.Background(), "t.holders")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var owner string
			if err := rows.Scan(&owner); err != nil {
				return err
			}
			out[owner]++
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Processes come and go under load: each soon has its fair share, and every event counts once.
func TestWhoJoinsTakesItsShare(t *testing.T) {
	query := `-- name: t.holders
SELECT owner FROM stream_position WHERE lease_until > 0;`
	testx.Each(t, []string{stream.Queries, query}, func(t *testing.T, d db.DB) {
		l := embedded(t, t.TempDir(), stream.Options{Partitions: 4})
		out := stream.NewWriter(l)
		ctx, stop := context.WithCancel(context.Background())
		var load sync.WaitGroup
		sent := 0
		load.Go(func() {
			for ctx.Err() == nil {
				e := event(sent%7, sent)
				e.UserID = fmt.Sprint("u", sent%40)
				if _, err := out.Write(context.Background(), []heed.Event{e}); err != nil {
					t.Error(err)
					return
				}
				sent++
				time.Sleep(2 * time.Millisecond)
			}
		})
		defer load.Wait()
		defer stop()
		settle := func(want map[string]int) {
			t.Helper()
			for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
				got := holdings(t, d)
				if fmt.Sprint(got) == fmt.Sprint(want) {
					return
				}
				if time.Since(began) > 15*time.Second {
					t.Fatalf("the partitions are held by %v, want %v", got, want)
				}
			}
		}
		join(t, d, l, "a")
		settle(map[string]int{"a": 4})
		leave := join(t, d, l, "b")
		settle(map[string]int{"a": 2, "b": 2})
		join(t, d, l, "c")
		for began := time.Now(); len(holdings(t, d)) < 3 && time.Since(began) < 15*time.Second; {
			time.Sleep(50 * time.Millisecond)
		}
		leave()
		settle(map[string]int{"a": 2, "c": 2})
		stop()
		load.Wait()
		applied := map[string]int{}
		for began := time.Now(); len(applied) < sent && time.Since(began) < 15*time.Second; time.Sleep(50 * time.Millisecond) {
			applied = (&tally{}).applied(t, d)
		}
		onceEach(t, d, sent)
	})
}
