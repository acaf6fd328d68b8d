package stream

import (
	"context"
	_ "embed"
	"sync"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/spec"
)

// Queries are the statements of this package.
//
//go:embed queries.sql
var Queries string

// Sleepers finds the people whom time alone may have changed; profile satisfies it.
type Sleepers interface {
	// Due returns at most limit people whose Wake is not after now, the longest overdue first, locked against other
	// workers (rows that another worker holds are left out).
	Due(ctx context.Context, tx db.Tx, now heed.Time, limit int) ([]heed.ID, error)
}

// Engine carries events through the stages, one transaction a batch. A [Worker] feeds it from the log; a rehearsal or
// a test feeds it by hand, on a virtual clock.
type Engine struct {
	DB       db.DB
	Clock    clock.Clock
	Stages   []Stage // in order: identity, profile, segment, journey, decide
	Sleepers Sleepers
	// Rebuild folds memory only: no journeys, no messages.
	Rebuild bool
}

// Process takes the events through the stages in one transaction. within, if any, runs in the same transaction
// before the stages: a worker drops duplicates and moves its position there. It may shorten b.Events.
func (g *Engine) Process(ctx context.Context, events []*heed.Event, within func(tx db.Tx, b *Batch) error) error {
	var b *Batch
	err := g.DB.Write(ctx, func(tx db.Tx) error {
		b = g.batch(events)
		if within != nil {
			if err := within(tx, b); err != nil {
				return err
			}
		}
		return g.run(ctx, tx, b)
	})
	if err == nil {
		b.committed()
	}
	return err
}

// committed calls what waits for the commit.
func (b *Batch) committed() {
	for _, f := range b.after {
		f()
	}
}

// batch starts an attempt. It gets a list of its own, because identity inserts into it.
func (g *Engine) batch(events []*heed.Event) *Batch {
	return &Batch{Now: g.Clock.Now(), Events: append([]*heed.Event(nil), events...), People: map[heed.ID]*heed.Person{}, Rebuild: g.Rebuild}
}

func (g *Engine) run(ctx context.Context, tx db.Tx, b *Batch) (err error) {
	if b.Revision, err = spec.Revision(ctx, tx); err != nil {
		return err
	}
	for _, s := range g.Stages {
		if err := s.Begin(ctx, tx, b); err != nil {
			return err
		}
	}
	b.apply(g.Stages)
	if err := g.flush(ctx, tx, b); err != nil {
		return err
	}
	return b.flushFacts(ctx, tx)
}

func (g *Engine) flush(ctx context.Context, tx db.Tx, b *Batch) error {
	var busy sync.WaitGroup
	defer busy.Wait() // also after a failure: nobody may be at work when the batch is tried again
	ready := make([]chan error, len(g.Stages))
	for i, s := range g.Stages {
		if p, ok := s.(Preparer); ok {
			done := make(chan error, 1)
			ready[i] = done
			busy.Go(func() { done <- guarded(func() error { return p.Prepare(b) }) })
		}
	}
	for i, s := range g.Stages {
		if ready[i] != nil {
			if err := <-ready[i]; err != nil {
				return err
			}
		}
		if err := s.Flush(ctx, tx, b); err != nil {
			return err
		}
	}
	return nil
}

// flushFacts writes what the batch recorded as one envelope beside the effects.
func (b *Batch) flushFacts(ctx context.Context, tx db.Tx) error {
	if len(b.facts) == 0 || b.Rebuild {
		return nil
	}
	// In pieces, so that one always fits a record of the log.
	for len(b.facts) > 0 {
		row := heed.NewID(b.Now)
		env, n := []byte{envelopeVersion}, 0
		for n < len(b.facts) && len(env) < maxPieceBytes {
			e := b.facts[n]
			e.MessageID = factMessageID(row, n)
			env = AppendEvent(env, e)
			n++
		}
		if _, err := tx.Exec(ctx, "stream.put_fact", row, 0, env); err != nil {
			return err
		}
		b.facts = b.facts[n:]
	}
	return nil
}
