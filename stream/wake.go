package stream

import (
	"context"
	"slices"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Postponer is a Sleepers that can let somebody sleep on; profile satisfies it.
type Postponer interface {
	// Postpone has the person woken at until and not before.
	Postpone(ctx context.Context, tx db.Tx, person heed.ID, until heed.Time) error
}

// postponed is for how long somebody sleeps on whom a stage could not wake.
const postponed = time.Hour

// WakeDue wakes at most limit people whose time has come by now and returns how many it found.
func (g *Engine) WakeDue(ctx context.Context, now heed.Time, limit int) (int, error) {
	ids, err := g.wake(ctx, now, limit, nil)
	return len(ids), err
}

// wake wakes those who are due, or of them only some, and returns whom it found.
func (g *Engine) wake(ctx context.Context, now heed.Time, limit int, only []heed.ID) (ids []heed.ID, err error) {
	var b *Batch
	write := func(tx db.Tx) (err error) {
		b = &Batch{}
		if ids, err = g.Sleepers.Due(ctx, tx, now, limit); err != nil {
			return err
		}
		if only != nil {
			ids = slices.DeleteFunc(ids, func(id heed.ID) bool { return !slices.Contains(only, id) })
		}
		if len(ids) == 0 {
			return nil
		}
		b = &Batch{Now: now, People: make(map[heed.ID]*heed.Person, len(ids)), Rebuild: g.Rebuild}
		for _, id := range ids {
			b.Events = append(b.Events, &heed.Event{Type: heed.Wake, Person: id, Timestamp: now, ReceivedAt: now})
		}
		return g.run(ctx, tx, b)
	}
	if err = guarded(func() error { return g.DB.Write(ctx, write) }); err == nil {
		b.committed()
	}
	return ids, err
}

// apart wakes by halves people whom a stage could not wake together, so that one of them does not keep all others
// asleep. Who cannot be woken at all sleeps on for a while, and bad is told.
func (s *Scheduler) apart(ctx context.Context, now heed.Time, ids []heed.ID, bad error) error {
	if len(ids) <= 1 {
		return s.postpone(ctx, now, ids, bad)
	}
	for _, half := range [][]heed.ID{ids[:len(ids)/2], ids[len(ids)/2:]} {
		_, err := s.Engine.wake(ctx, now, wakeBatch, half)
		if err != nil && (ctx.Err() != nil || db.Trouble(err)) {
			return err
		}
		if err != nil {
			if err = s.apart(ctx, now, half, err); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Scheduler) postpone(ctx context.Context, now heed.Time, ids []heed.ID, bad error) error {
	p, ok := s.Engine.Sleepers.(Postponer)
	if !ok || len(ids) == 0 {
		return bad
	}
	s.Logger.Error("a person cannot be woken and sleeps on for a while", "person", ids[0], "until", now.Add(postponed), "error", bad)
	return s.Engine.DB.Write(ctx, func(tx db.Tx) error { return p.Postpone(ctx, tx, ids[0], now.Add(postponed)) })
}
