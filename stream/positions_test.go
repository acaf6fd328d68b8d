package stream_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/stream"
)

// Workers that are each in the middle of a batch of their own partition, and then all want every partition, come to an end
// without the server having to pick a victim.
func TestWorkersThatWantEachOthersPartitions(t *testing.T) {
	d := testx.Postgres(t, stream.Queries, `
-- name: test.take
INSERT INTO stream_position (part, seq) VALUES ($1, 1) ON CONFLICT (part) DO UPDATE SET seq = stream_position.seq + 1;`)
	ctx := within(t)
	const workers = 4
	take := func(tx db.Tx, part int) error {
		_, err := tx.Exec(ctx, "test.take", part)
		return err
	}
	for part := range workers {
		if err := d.Write(ctx, func(tx db.Tx) error { return take(tx, part) }); err != nil {
			t.Fatal(err)
		}
	}
	var all, met sync.WaitGroup
	met.Add(workers)
	for part := range workers {
		var first sync.Once
		all.Go(func() {
			err := d.Write(ctx, func(tx db.Tx) error {
				if err := take(tx, part); err != nil {
					return err
				}
				first.Do(met.Done)
				met.Wait() // all hold theirs
				pos, err := stream.LockPositionsAtWork(ctx, tx)
				if err == nil && len(pos) != workers {
					t.Errorf("%d positions are locked", len(pos))
				}
				if err != nil && !errors.Is(err, db.ErrAgain) {
					t.Errorf("partition %d: %v", part, err)
				}
				return err
			})
			if err != nil {
				t.Errorf("partition %d: %v", part, err)
			}
		})
	}
	all.Wait()
}
