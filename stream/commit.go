package stream

import (
	"cmp"
	"context"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// batches folds the records in transactions of at most about MaxEvents events. at is where it stands, and moves with
// each commit.
func (w *Worker) batches(ctx context.Context, lease *renewed, recs []Record, ids *dedup, at *place) error {
	for len(recs) > 0 {
		if err := lease.hold(ctx); err != nil {
			return err
		}
		clear(w.events) // lets go of the last batch's envelopes
		events, n := w.events[:0], 0
		for n < len(recs) && (n == 0 || len(events) < cmp.Or(w.MaxEvents, maxEvents)) {
			rec, had := recs[n], len(events)
			var err error
			if events, err = DecodeEnvelope(rec.Data, events); err != nil {
				events = events[:had]
				if err := w.buryRecord(ctx, rec, err); err != nil {
					return err
				}
			}
			for i := had; i < len(events); i++ {
				events[i].Partition, events[i].Seq = rec.Partition, rec.Seq
			}
			n++
		}
		w.events = events
		fresh, last := pointers(events), recs[n-1]
		if at.done > 0 { // of the first record
			fresh = slices.DeleteFunc(fresh, func(e *heed.Event) bool { return e.Seq == recs[0].Seq && e.Index < at.done })
		}
		f := &folder{db: w.Engine.DB, bury: w.buryEvent, commit: func(ctx context.Context, events, buried []*heed.Event, from, to place) error {
			err := w.commit(ctx, events, buried, ids, from, to)
			if err == nil {
				*at = to
				w.move(to.seq, 0)
			}
			return err
		}}
		if err := f.fold(ctx, fresh, *at, place{seq: last.Seq}); err != nil {
			return err
		}
		w.move(last.Seq, last.At)
		recs = recs[n:]
	}
	return nil
}

func pointers(events []heed.Event) []*heed.Event {
	out := make([]*heed.Event, len(events))
	for i := range events {
		out[i] = &events[i]
	}
	return out
}

// advance moves a partition's position, unless somebody else has moved it.
func advance(ctx context.Context, tx db.Tx, part int, from, to place) error {
	n, err := tx.Exec(ctx, "stream.advance", part, to.seq, to.done, from.seq, from.done)
	if err == nil && n == 0 {
		err = errLost
	}
	return err
}

// commit folds events in one transaction. The buried ones are among the dead letters: history leaves them out, so that
// they count once, when somebody has them tried again.
func (w *Worker) commit(ctx context.Context, events, buried []*heed.Event, ids *dedup, from, to place) error {
	var dups []*heed.Event
	var now heed.Time
	err := w.Engine.safely(ctx, events, func(tx db.Tx, b *Batch) (err error) {
		if err := advance(ctx, tx, w.Partition, from, to); err != nil {
			return err
		}
		now = b.Now
		if b.Events, dups, err = ids.filter(ctx, tx, b.Events); err != nil {
			return err
		}
		if err := putDropped(ctx, tx, w.Partition, from, slices.Concat(dups, buried)); err != nil {
			return err
		}
		return ids.put(ctx, tx, now)
	})
	if err != nil {
		return err
	}
	ids.committed(now)
	w.stats.Batches.add(1)
	w.stats.Events.add(len(events))
	w.stats.Duplicates.add(len(dups))
	w.measure(events)
	return nil
}
