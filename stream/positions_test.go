package stream_test

import (
	"context"
	"errors"
	"testing"

	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/stream"
)

// Two workers, each in the middle of a batch of its own partition, ask for all partitions: neither waits.
func TestWorkersDoNotWaitForEachOthersPartitions(t *testing.T) {
	d := testx.Postgres(t, stream.Queries, `
-- name: test.take
INSERT INTO stream_position (part, seq) VALUES ($1, 1) ON CONFLICT (part) DO UPDATE SET seq = stream_position.seq + 1;`)
	ctx := within(t)
	take := func(tx db.Tx, part int) {
		if _, err := tx.Exec(ctx, "test.take", part); err != nil {
			t.Error(err)
		}
	}
	ask := func(tx db.Tx, want bool) {
		if got, err := stream.TryLockPositions(ctx, tx); got != want || err != nil {
			t.Errorf("alone: %v, %v, want %v", got, err, want)
		}
	}
	rollback := errors.New("enough")
	for _, part := range []int{0, 1} {
		if err := d.Write(ctx, func(tx db.Tx) error { take(tx, part); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	err := d.Write(ctx, func(one db.Tx) error {
		take(one, 0)
		ask(one, true)
		return rollback
	})
	if !errors.Is(err, rollback) {
		t.Fatal(err)
	}
	err = d.Write(ctx, func(one db.Tx) error {
		take(one, 0)
		return d.Write(context.WithoutCancel(ctx), func(two db.Tx) error {
			take(two, 1)
			ask(one, false)
			ask(two, false)
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}
