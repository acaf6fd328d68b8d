package stream

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Feed hands events to an [Engine] as a [Worker] does, but from the caller's hand instead of a log: it numbers the
// envelopes of one partition, drops duplicates and moves the position, all in the transaction of the effects. It is what
// rehearsals on a virtual clock use. One Feed per partition; not safe for use by several goroutines.
type Feed struct {
	engine    *Engine
	partition int
	ids       *dedup
	seq       uint64
}

// NewFeed returns a feed of the partition, on a store in which nothing of it has been folded yet.
func NewFeed(e *Engine, partition int) *Feed {
	return &Feed{engine: e, partition: partition, ids: newDedup(partition)}
}

// Put folds the events as one envelope and returns those of them that were duplicates. On an error nothing has happened.
func (f *Feed) Put(ctx context.Context, events []*heed.Event) (duplicates []*heed.Event, err error) {
	for i, e := range events {
		e.Partition, e.Seq, e.Index = f.partition, f.seq+1, i
	}
	var now heed.Time
	err = f.engine.safely(ctx, events, func(tx db.Tx, b *Batch) (err error) {
		now = b.Now
		if err := advance(ctx, tx, f.partition, place{seq: f.seq}, place{seq: f.seq + 1}); err != nil {
			return err
		}
		if b.Events, duplicates, err = f.ids.filter(ctx, tx, b.Events); err != nil {
			return err
		}
		if err := putDropped(ctx, tx, f.partition, place{}, duplicates); err != nil {
			return err
		}
		return f.ids.put(ctx, tx, now)
	})
	if err != nil {
		return nil, err
	}
	f.ids.committed(now)
	f.seq++
	return duplicates, nil
}

// Listener is a last stage that hands on what a batch recorded for history, in order, when it is about to commit. A
// batch that is tried again is heard again.
type Listener func(facts []*heed.Event)

// Name implements Stage.
func (Listener) Name() string { return "listener" }

// Begin implements Stage.
func (Listener) Begin(context.Context, db.Tx, *Batch) error { return nil }

// Apply implements Stage.
func (Listener) Apply(*Batch, *heed.Person, *heed.Event) {}

// Flush implements Stage.
func (l Listener) Flush(_ context.Context, _ db.Tx, b *Batch) error {
	l(b.facts)
	return nil
}
