package stream_test

import (
	"context"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/stream"
)

func TestLease(t *testing.T) {
	later := `-- name: t.later
UPDATE stream_position SET lease_until = lease_until - $1;`
	testx.Each(t, []string{stream.Queries, later}, func(t *testing.T, d db.DB) {
		ctx := context.Background()
		c := clock.NewVirtual(heed.At(time.Date(2026, 5, 9, 12, 0, 0, 0, time.UTC)))
		one, two := stream.Lease{DB: d, Clock: c, Owner: "one"}, stream.Lease{DB: d, Clock: c, Owner: "two"}
		take := func(l *stream.Lease, want bool, when string) {
			t.Helper()
			if got, err := l.Take(ctx); err != nil || got != want {
				t.Errorf("%s takes it %s: %v, %v", l.Owner, when, got, err)
			}
		}
		release := func(l *stream.Lease) {
			t.Helper()
			if err := l.Release(ctx); err != nil {
				t.Error(err)
			}
		}
		// PostgreSQL goes by its own clock, which does not jump for us: there it is what was noted that moves.
		advance := func(by time.Duration) {
			t.Helper()
			c.Advance(by)
			if d.Dialect() == db.SQLite {
				return
			}
			err := d.Write(ctx, func(tx db.Tx) error {
				_, err := tx.Exec(ctx, "t.later", by.Microseconds())
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		take(&one, true, "first")
		take(&two, false, "while one has it")
		advance(9 * time.Second)
		take(&two, false, "before it has run out")
		take(&one, true, "again")
		advance(11 * time.Second)
		take(&two, true, "when it has run out")
		release(&one) // has nothing to release
		take(&one, false, "after releasing what was not its own")
		release(&two)
		take(&one, true, "when it was released")

		advance(-30 * time.Second) // a clock that is a little late
		take(&two, false, "by a late clock")
		advance(-time.Hour) // the machine's clock was set back, and one is gone
		take(&two, true, "an hour before it was taken")
		take(&one, false, "from who took it over")
	})
}
