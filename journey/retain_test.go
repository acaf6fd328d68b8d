package journey_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/retain"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/journey"
)

// Runs that ended long ago go; who is still inside stays, however long that has been.
func TestOldRunsGo(t *testing.T) {
	const day = 24 * time.Hour
	testx.Each(t, []string{journey.Queries}, func(t *testing.T, d db.DB) {
		ctx, now := context.Background(), heed.At(time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC))
		put := func(tx db.Tx, id byte, entered, exited heed.Time) error {
			_, err := tx.Exec(ctx, "journey.put_run", heed.ID{id}, "welcome", 1, heed.ID{9}, "", "a", "waiting", entered, entered, 0, exited, "", 0, 1)
			return err
		}
		err := d.Write(ctx, func(tx db.Tx) error {
			for id, ended := range map[byte]heed.Time{1: now.Add(-500 * day), 2: 0, 3: now.Add(-399 * day), 4: now.Add(-401 * day)} {
				if err := put(tx, id, now.Add(-600*day), ended); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		k := &retain.Keeper{DB: d, Clock: clock.NewVirtual(now), Log: slog.New(slog.DiscardHandler), Keep: 400 * day}
		n, err := k.Table(ctx, retain.Table{Name: "runs", Piece: journey.OldRuns})
		if err != nil || n != 2 {
			t.Fatalf("%d went, %v, want 2", n, err)
		}
		for id, there := range map[byte]bool{1: false, 2: true, 3: true, 4: false} {
			err := d.Read(ctx, func(q db.Querier) error {
				_, err := journey.Get(ctx, q, heed.ID{id})
				return err
			})
			if (err == nil) != there {
				t.Errorf("run %d: %v", id, err)
			}
		}
	})
}
