package app

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/journey"
	"github.com/heedcx/heed/profile"
)

// A journey is stuck when its runs are overdue, or when not one of its messages arrives; not when it waits, is paused or
// loses a few.
func TestAJourneyThatDoesNotGetOnIsFound(t *testing.T) {
	ctx, d, clk := context.Background(), emptyState(t), clock.NewSystem()
	now := clk.Now()
	n := 0
	put := func(sql string, args ...any) {
		t.Helper()
		n++
		id := heed.NewID(now.Add(-time.Hour))
		err := d.Write(ctx, func(tx db.Tx) error {
			rows, err := tx.QuerySQL(ctx, sql, append([]any{id[:]}, args...)...)
			if err == nil {
				rows.Next()
				rows.Close()
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	run := func(journey, state string, due, exited heed.Time) {
		put(`INSERT INTO journey_run (id, journey, version, person, node, state, entered, due, exited) VALUES ($1, $2, 1, x'01', 'wait', $3, 1, $4, $5)`, journey, state, due, exited)
	}
	late := now.Add(-20 * time.Minute)
	run("late", "active", late, 0)
	run("late", "active", now.Add(-time.Hour), 0)
	run("late", "active", now.Add(time.Hour), 0)
	run("soon", "active", now.Add(-time.Minute), 0)
	run("paused", "paused", late, 0)
	run("ended", "active", late, now)
	messages := func(journey string, states ...string) {
		for _, s := range states {
			reason := "OK"
			if s == "dropped" {
				reason = "NO_CONSENT"
			}
			put(`INSERT INTO message (id, person, channel, purpose, class, state, reason, journey, node, address, made, due, expires, sent_at, changed_at, provider, detail, attempts, intent)
				VALUES ($1, x'01', 'email', 'p', 'service', $2, $3, $4, 'n', '', 1, 0, 0, 0, 1, '', '', 1, '{}')`, s, reason, journey)
		}
	}
	messages("failing", "failed", "failed", "bounced", "unknown", "dropped", "held")
	messages("forbidden", "dropped", "dropped", "dropped", "failed", "dropped")
	messages("few", "failed", "failed", "failed", "failed", "held", "reserved")
	messages("fine", "failed", "failed", "failed", "failed", "failed", "sent")

	a := &App{DB: d, clock: clk, ledger: ledger.New(ledger.Options{DB: d, Clock: clk})}
	s := &stuck{}
	if err := s.look(ctx, a); err != nil {
		t.Fatal(err)
	}
	want := []api.JourneyTrouble{
		{Journey: "late", What: "overdue", Count: 2, Since: api.Time(now.Add(-time.Hour))},
		{Journey: "failing", What: "failed", Count: 4},
		{Journey: "forbidden", What: "dropped", Count: 4, Reason: "NO_CONSENT"},
	}
	if got := s.journeys(); fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// Every run is looked at when somebody is late to be woken, as long as something is late, and once an hour.
func TestRunsAreLookedAtWhenSomebodyIsLate(t *testing.T) {
	testx.Each(t, []string{profile.Queries, journey.Queries}, func(t *testing.T, d db.DB) {
		clk := clock.NewVirtual(heed.At(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)))
		begin := clk.Now()
		do := func(sql string, args ...any) {
			t.Helper()
			err := d.Write(t.Context(), func(tx db.Tx) error {
				rows, err := tx.QuerySQL(t.Context(), sql, args...)
				if err != nil {
					return err
				}
				defer rows.Close()
				rows.Next()
				return rows.Err()
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		wake := func(at heed.Time) { do("UPDATE person SET wake = $1", at) }
		ana := heed.NewID(begin)
		do("INSERT INTO person (id, rev, wake, stage, first_seen, last_seen, doc, open_cases, words) VALUES ($1, 1, 0, '', 0, 0, '{}', 0, '')", ana[:])
		s := &stuck{}
		look := func(want int64, when string) {
			t.Helper()
			err := d.Read(t.Context(), func(q db.Querier) error { return s.overdue(t.Context(), q, clk.Now()) })
			n := int64(0)
			for _, o := range s.late {
				n += o.Runs
			}
			if err != nil || n != want {
				t.Errorf("%s: %d are late, want %d (%v)", when, n, want, err)
			}
		}
		look(0, "at the start")
		run := heed.NewID(begin)
		do(`INSERT INTO journey_run (id, journey, version, person, node, state, entered, due) VALUES ($1, 'welcome', 1, $2, 'wait', 'active', 1, $3)`, run[:], ana[:], begin.Add(-time.Hour))
		wake(begin.Add(time.Minute)) // they could not be woken
		look(0, "nobody is late to be woken")
		clk.Advance(10 * time.Minute)
		look(0, "they are late, but not by much")
		clk.Advance(7 * time.Minute)
		look(1, "they are late by a quarter of an hour")
		wake(clk.Now().Add(time.Hour))
		look(1, "as long as something was late")
		do("UPDATE journey_run SET due = $1", clk.Now().Add(time.Minute))
		look(0, "it has gone on")
		clk.Advance(20 * time.Minute)
		look(0, "again nobody is late to be woken")
		clk.Advance(39 * time.Minute)
		look(0, "an hour is not over")
		clk.Advance(time.Minute)
		look(1, "every hour")
	})
}
