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
