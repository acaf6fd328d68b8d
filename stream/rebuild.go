package stream

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/clock"
)

// rebuildPart is the part under which a rebuild keeps its own position in partition 0; partition p has rebuildPart-p.
// While there is such a row, memory is not whole.
const rebuildPart = -1000

// Rebuilder folds the log again, from its beginning to where the workers were, into memories that somebody has emptied.
// What was dropped as a duplicate is left out again. It keeps its position with the effects, so that it may be
// interrupted and goes on. No worker may run meanwhile.
type Rebuilder struct {
	// Engine is set to Rebuild and to the clock of the log: a batch is folded at the time of its last record.
	Engine *Engine
	Log    Log
	Logger *slog.Logger
	// Reset empties the memories, in the transaction that notes that a rebuild has begun.
	Reset func(ctx context.Context, tx db.Tx) error
	// Progress, if any, is told how many records of how many are folded.
	Progress func(done, all uint64)

	clock *clock.Virtual
	parts []*replay
}

// replay is one partition on its way.
type replay struct {
	number   int
	at, upto uint64
	done     int // of the record behind at: see place
	reader   Reader
	recs     []Record
}

// Rebuilding says whether a rebuild has begun and not ended.
func Rebuilding(ctx context.Context, q db.Querier) (bool, error) {
	pos, _, err := positions(ctx, q)
	for part := range pos {
		if part <= rebuildPart {
			return true, err
		}
	}
	return false, err
}

// Run begins a rebuild, or goes on with one, and returns when everything is folded. The caller then restores what the
// stream does not tell and calls End.
func (r *Rebuilder) Run(ctx context.Context) error {
	r.clock = clock.NewVirtual(0)
	r.Engine.Clock, r.Engine.Rebuild = r.clock, true
	if err := r.begin(ctx); err != nil {
		return err
	}
	defer func() {
		for _, p := range r.parts {
			p.reader.Close()
		}
	}()
	var all, done uint64
	for _, p := range r.parts {
		all, done = all+p.upto, done+p.at
	}
	for {
		p, recs, err := r.next(ctx)
		if err != nil || p == nil {
			return err
		}
		n := recs[len(recs)-1].Seq - p.at
		if err := r.fold(ctx, p, recs); err != nil {
			return err
		}
		if done += n; r.Progress != nil {
			r.Progress(done, all)
		}
	}
}

// WholeTime bounds a transaction that goes over everything there is, while no server runs.
const WholeTime = 6 * time.Hour

// begin notes that a rebuild has begun, unless one has, and opens the partitions.
func (r *Rebuilder) begin(ctx context.Context) error {
	var pos Position
	begun := map[int]place{}
	long, cancel := context.WithTimeout(ctx, WholeTime)
	defer cancel()
	err := r.Engine.DB.WriteDurable(long, func(tx db.Tx) error {
		clear(begun)
		var err error
		var middle []int
		if pos, middle, err = positions(ctx, tx); err != nil {
			return err
		}
		if len(middle) > 0 {
			return heed.Errorf(heed.Conflict, "A worker has stopped in the middle of a record of partition %d, which it folded in parts: run heed serve until it has gone on, then rebuild.", middle[0])
		}
		for part := range pos {
			if part <= rebuildPart {
				if begun[rebuildPart-part], err = positionOf(ctx, tx, part); err != nil {
					return err
				}
			}
		}
		if len(begun) > 0 {
			return nil
		}
		if err := r.whole(ctx); err != nil {
			return err
		}
		for part := range r.Log.Partitions() {
			if err := advance(ctx, tx, rebuildPart-part, place{}, place{}); err != nil {
				return err
			}
		}
		return r.Reset(ctx, tx)
	})
	if err != nil {
		return err
	}
	for part := range r.Log.Partitions() {
		p := &replay{number: part, at: begun[part].seq, done: begun[part].done, upto: pos[part]}
		if p.reader, err = r.Log.Read(ctx, Events, part, p.at); err != nil {
			return err
		}
		r.parts = append(r.parts, p)
	}
	return nil
}

// whole refuses a log whose beginning is gone: a memory made of the rest would be less than the one there is.
func (r *Rebuilder) whole(ctx context.Context) error {
	for part := range r.Log.Partitions() {
		last, err := r.Log.Last(ctx, Events, part)
		if err != nil || last == 0 {
			return err
		}
		reader, err := r.Log.Read(ctx, Events, part, 0)
		if err != nil {
			return err
		}
		recs, err := reader.Next(ctx, 1, 10*time.Second)
		reader.Close()
		if err != nil {
			return err
		}
		if len(recs) == 0 || recs[0].Seq != 1 {
			return heed.Errorf(heed.Conflict, "The stream does not keep its beginning any more (see --retention): a memory rebuilt from the rest would know less than the one there is.")
		}
	}
	return nil
}

// next returns the oldest records that are not folded yet, of one partition; nil when there are none.
func (r *Rebuilder) next(ctx context.Context) (*replay, []Record, error) {
	var oldest *replay
	until := heed.Never
	for _, p := range r.parts {
		for len(p.recs) == 0 && p.at < p.upto {
			recs, err := p.reader.Next(ctx, maxBatchRecords, 10*time.Second)
			if err != nil {
				return nil, nil, err
			}
			if len(recs) == 0 {
				return nil, nil, fmt.Errorf("stream: partition %d ends at record %d, and %d had been folded", p.number, p.at, p.upto)
			}
			for len(recs) > 0 && recs[len(recs)-1].Seq > p.upto {
				recs = recs[:len(recs)-1]
			}
			if p.recs = recs; len(recs) == 0 {
				p.at = p.upto
			}
		}
		switch {
		case len(p.recs) == 0:
		case oldest == nil || p.recs[0].At < oldest.recs[0].At:
			if oldest != nil {
				until = min(until, oldest.recs[0].At)
			}
			oldest = p
		default:
			until = min(until, p.recs[0].At)
		}
	}
	if oldest == nil {
		return nil, nil, nil
	}
	n := 1
	for n < len(oldest.recs) && oldest.recs[n].At <= until {
		n++
	}
	recs := oldest.recs[:n]
	oldest.recs = oldest.recs[n:]
	return oldest, recs, nil
}

// fold takes records of one partition in, in transactions of about maxEvents events.
func (r *Rebuilder) fold(ctx context.Context, p *replay, recs []Record) error {
	dropped, err := r.dropped(ctx, p.number, p.at, recs[len(recs)-1].Seq)
	if err != nil {
		return err
	}
	for len(recs) > 0 {
		var events []heed.Event
		n := 0
		for ; n < len(recs) && (n == 0 || len(events) < maxEvents); n++ {
			had := len(events)
			if events, err = DecodeEnvelope(recs[n].Data, events); err != nil {
				events = events[:had] // it is a dead letter since it was first read
			}
			for i := had; i < len(events); i++ {
				events[i].Partition, events[i].Seq = p.number, recs[n].Seq
			}
		}
		var fresh []*heed.Event
		for i := range events {
			done := events[i].Seq == recs[0].Seq && events[i].Index < p.done
			if !done && !dropped[[2]uint64{events[i].Seq, uint64(events[i].Index)}] {
				fresh = append(fresh, &events[i])
			}
		}
		if err := r.wake(ctx, recs[0].At); err != nil {
			return err
		}
		r.clock.Set(max(r.clock.Now(), recs[n-1].At))
		if err := r.commit(ctx, p, fresh, recs[n-1].Seq); err != nil {
			return err
		}
		recs = recs[n:]
	}
	return nil
}

// wake lets time do what it had done before these records came.
func (r *Rebuilder) wake(ctx context.Context, to heed.Time) error {
	for {
		r.clock.Set(max(r.clock.Now(), to))
		n, err := r.Engine.WakeDue(ctx, r.clock.Now(), wakeBatch)
		if err != nil || n < wakeBatch {
			return err
		}
	}
}

// commit folds events and moves the position. What cannot be folded could not be either when it came: it is left out.
func (r *Rebuilder) commit(ctx context.Context, p *replay, events []*heed.Event, to uint64) error {
	f := &folder{
		db: r.Engine.DB,
		bury: func(_ context.Context, e *heed.Event, reason error) error {
			r.Logger.Warn("an event cannot be folded and is left out", "partition", e.Partition, "seq", e.Seq, "index", e.Index, "error", reason)
			return nil
		},
		commit: func(ctx context.Context, events, _ []*heed.Event, from, to place) error {
			err := r.Engine.safely(ctx, events, func(tx db.Tx, _ *Batch) error { return advance(ctx, tx, rebuildPart-p.number, from, to) })
			if err == nil {
				p.done = to.done
			}
			return err
		},
	}
	err := f.fold(ctx, events, place{p.at, p.done}, place{seq: to})
	if err == nil {
		p.at = to
	}
	return err
}

// dropped are the events that were duplicates, by record and place.
func (r *Rebuilder) dropped(ctx context.Context, part int, after, upto uint64) (map[[2]uint64]bool, error) {
	out := map[[2]uint64]bool{}
	err := r.Engine.DB.Read(ctx, func(q db.Querier) error {
		rows, err := q.Query(ctx, "stream.dropped", part, after, upto)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var seq uint64
			var text string
			var list []uint64
			if err := rows.Scan(&seq, &text); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(text), &list); err != nil {
				return fmt.Errorf("stream: duplicates of record %d: %w", seq, err)
			}
			for _, i := range list {
				out[[2]uint64{seq, i}] = true
			}
		}
		return rows.Err()
	})
	return out, err
}

// End notes that memory is whole again.
func (r *Rebuilder) End(ctx context.Context) error {
	return r.Engine.DB.WriteDurable(ctx, func(tx db.Tx) error {
		for part := range r.Log.Partitions() {
			if _, err := tx.Exec(ctx, "stream.forget_position", rebuildPart-part); err != nil {
				return err
			}
		}
		return nil
	})
}
