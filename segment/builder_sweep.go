package segment

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/stream"
)

// fill lets what waits be asked from now on: all counters are complete when no build is left.
func (b *Builder) fill(ctx context.Context, all []Status) error {
	return b.DB.Write(ctx, func(tx db.Tx) error {
		if _, err := stream.LockPositions(ctx, tx); err != nil { // whoever begins after this one asks them too
			return err
		}
		now := b.Engine.Clock.Now()
		for _, s := range all {
			if s.State != Waiting {
				continue
			}
			if _, err := tx.Exec(ctx, "segment.set_state", s.Kind, s.Name, string(Filling), now); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, "segment.tick")
		return err
	})
}

// sweep looks at the next people; when there are none, what was filling is live.
func (b *Builder) sweep(ctx context.Context, after heed.ID) error {
	return b.wakeAll(ctx, func(tx db.Tx) (list []heed.ID, err error) {
		if list, err = db.IDs(tx.Query(ctx, "segment.people_after", after[:], b.batch())); err == nil && len(list) > 0 {
			_, err = tx.Exec(ctx, "segment.swept", list[len(list)-1])
		}
		return list, err
	}, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, "segment.filled", b.Engine.Clock.Now())
		return err
	})
}

// remove makes the next members of a removed segment leave.
func (b *Builder) remove(ctx context.Context, s Status) error {
	return b.wakeAll(ctx, func(tx db.Tx) ([]heed.ID, error) {
		return db.IDs(tx.Query(ctx, "segment.some_members", s.Name, b.batch()))
	}, func(tx db.Tx) error {
		for _, query := range []string{"segment.drop", "segment.drop_count"} {
			if _, err := tx.Exec(ctx, query, s.Name); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, "segment.delete_status", s.Kind, s.Name)
		return err
	})
}

// wakeAll hands people to the stages. When there are none, it ends the work in a transaction of its own: what changes
// the state of segments must not share one with a stage that reads it.
func (b *Builder) wakeAll(ctx context.Context, next func(tx db.Tx) ([]heed.ID, error), end func(tx db.Tx) error) error {
	n := 0
	err := b.Engine.Process(ctx, nil, func(tx db.Tx, batch *stream.Batch) error {
		list, err := next(tx)
		n = len(list)
		for _, id := range list {
			batch.Events = append(batch.Events, wake(batch, id, wakeSweep, nil))
		}
		return err
	})
	if err != nil || n > 0 {
		return err
	}
	return b.DB.Write(ctx, func(tx db.Tx) error {
		if err := end(tx); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "segment.tick")
		return err
	})
}
