package stream

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// place is how far a partition has been folded: everything up to the record seq, and the first done events of the one
// behind it.
type place struct {
	seq  uint64
	done int
}

// before is the place that has been reached when everything before e is folded.
func before(e *heed.Event) place { return place{e.Seq - 1, e.Index} }

// foldTime bounds one transaction. A store that was cut off by the network does not answer, and does not refuse either.
const foldTime = 15 * time.Second

// slowEvents is how many events a batch has at least that is folded in parts because it takes too long.
const slowEvents = 500

// folder takes a batch through transactions: one if it can be, smaller ones when it fails as a whole, and beside them
// what fails alone again and again. It is the store's trouble, and nobody's fault, unless the store takes a durable write
// right after the failure.
type folder struct {
	db db.DB
	// commit folds events in one transaction and moves the position between the places. The buried ones among them are
	// not folded.
	commit func(ctx context.Context, events, buried []*heed.Event, from, to place) error
	bury   func(ctx context.Context, e *heed.Event, reason error) error
}

// fold folds events, which lie between the places.
func (f *folder) fold(ctx context.Context, events []*heed.Event, from, to place) error {
	return f.try(ctx, events, from, to, attempts)
}

func (f *folder) try(ctx context.Context, events []*heed.Event, from, to place, times int) error {
	var bad error
	for range times {
		within, cancel := context.WithTimeout(ctx, foldTime)
		bad = f.commit(within, events, nil, from, to)
		cancel()
		if bad == nil || ctx.Err() != nil || errors.Is(bad, errLost) {
			return bad
		}
		if down := f.down(ctx, bad); down != nil {
			return down
		}
		if db.Slow(bad) && len(events) < slowEvents {
			return bad // it is not for their number: somebody else keeps the store busy
		}
		if db.Slow(bad) {
			break // more of the same would only take long again
		}
	}
	switch len(events) {
	case 0:
		return bad
	case 1:
		if err := f.bury(ctx, events[0], bad); err != nil {
			return err
		}
		return f.commit(ctx, nil, events, from, to)
	}
	half := len(events) / 2
	for _, part := range []struct {
		events   []*heed.Event
		from, to place
	}{
		{events[:half], from, before(events[half])}, {events[half:], before(events[half]), to},
	} {
		times := 1
		if len(part.events) == 1 {
			times = attempts
		}
		if err := f.try(ctx, part.events, part.from, part.to, times); err != nil {
			return err
		}
	}
	return nil
}

// down returns an error when it may be the store that failed with bad. A transaction that only took too long says nothing
// about a store that answers now.
func (f *folder) down(ctx context.Context, bad error) error {
	err := bad
	if heed.CodeOf(bad) != heed.Unavailable && (!db.Trouble(bad) || db.Slow(bad)) {
		if err = db.Prove(ctx, f.db); err == nil {
			return nil
		}
	}
	return fmt.Errorf("the state store does not take writes: %w", err)
}

// safely is Process that turns a panic of a stage into an error.
func (g *Engine) safely(ctx context.Context, events []*heed.Event, within func(tx db.Tx, b *Batch) error) error {
	return guarded(func() error { return g.Process(ctx, events, within) })
}

// guarded runs f and turns a panic into an error.
func guarded(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("stream: a stage panicked: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}
