package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Worker carries one partition of topic Events through an [Engine]. Several processes may run workers of the same
// partition: a lease decides which one works, and the position, moved by compare-and-set in the transaction, makes
// sure that a worker that lost its lease without knowing cannot apply anything twice.
type Worker struct {
	Engine    *Engine
	Log       Log
	Partition int
	Owner     string // names this process
	Logger    *slog.Logger

	events   []heed.Event  // of the batch under way; its memory serves the next one
	position atomic.Uint64 // committed
	horizon  atomic.Int64  // see Horizon
	trouble  atomic.Pointer[string]
	moved    broadcast
	stats    WorkerStats
}

// WorkerStats counts what a worker did.
type WorkerStats struct {
	Batches, Events, Duplicates, DeadLetters counter
	// Latency is from an event's receipt to the commit of everything that it caused: its decision.
	Latency Latency
}

// Limits of one transaction.
const (
	maxBatchEvents  = 8000
	maxBatchRecords = 1024
	idleWait        = 500 * time.Millisecond
	silence         = 10 * time.Second // a reader that hands nothing over for so long is replaced
	leaseTime       = 10 * time.Second
	attempts        = 3
)

var (
	errLost   = errors.New("stream: another process has taken over the partition")
	errSilent = errors.New("stream: the log holds records and does not hand them over")
)

// Stats are the counters of this worker.
func (w *Worker) Stats() *WorkerStats { return &w.stats }

// Position is the sequence up to which everything is folded and committed.
func (w *Worker) Position() uint64 { return w.position.Load() }

// Horizon is the time up to which everything that was received has been folded: now when the worker has caught up,
// else when the last folded event was received. Waits must not expire beyond it, or a backlog would make a journey
// miss an event that had long arrived.
func (w *Worker) Horizon() heed.Time { return heed.Time(w.horizon.Load()) }

// Trouble says what the worker is waiting for; "" when it is well.
func (w *Worker) Trouble() string {
	if s := w.trouble.Load(); s != nil {
		return *s
	}
	return ""
}

// WaitFor returns when the partition has been folded up to seq.
func (w *Worker) WaitFor(ctx context.Context, seq uint64) error {
	for {
		wait := w.moved.next()
		if w.position.Load() >= seq {
			return nil
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return heed.Errorf(heed.Unavailable, "It is stored, and takes effect when the worker has caught up.")
		}
	}
}

// Run works until ctx is done. What goes wrong it reports, waits, and tries again.
func (w *Worker) Run(ctx context.Context) {
	for ctx.Err() == nil {
		err := w.follow(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil && !errors.Is(err, errLost) {
			text := err.Error()
			w.trouble.Store(&text)
			w.Logger.Error("worker waits and tries again", "partition", w.Partition, "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// follow works through the log from the committed position until something fails.
func (w *Worker) follow(ctx context.Context) error {
	lease := Lease{DB: w.Engine.DB, Clock: w.Engine.Clock, Part: w.Partition, Owner: w.Owner}
	held, err := lease.Take(ctx)
	if err != nil || !held {
		w.refresh(ctx)
		return err
	}
	defer lease.letGo(ctx)
	ids := newDedup(w.Partition)
	_, last, err := remains(ctx, w.Log, Events, w.Partition, 0)
	if err != nil {
		return err
	}
	var pos uint64
	err = w.Engine.DB.Read(ctx, func(q db.Querier) error {
		if err := q.QueryRow(ctx, "stream.position", w.Partition).Scan(&pos); err != nil && !errors.Is(err, db.ErrNoRows) {
			return err
		}
		if pos > last { // what lies behind the end would never come, and what does come would be taken for folded
			return fmt.Errorf("record %d of partition %d has been folded, but the stream ends at %d: this state store belongs to another stream, or the stream was restored from an older copy", pos, w.Partition, last)
		}
		return ids.load(ctx, q)
	})
	if err != nil {
		return err
	}
	w.move(pos, 0)
	reader, err := w.Log.Read(ctx, Events, w.Partition, pos)
	if err != nil {
		return err
	}
	defer reader.Close()
	w.trouble.Store(nil)
	for renewed, heard := time.Now(), time.Now(); ; {
		if time.Since(renewed) > leaseTime/3 {
			if held, err := lease.Take(ctx); err != nil || !held {
				return err
			}
			renewed = time.Now()
		}
		asked := w.Engine.Clock.Now()
		recs, err := reader.Next(ctx, maxBatchRecords, idleWait)
		if err != nil {
			return err
		}
		if len(recs) == 0 {
			more, _, err := remains(ctx, w.Log, Events, w.Partition, pos)
			switch {
			case err != nil:
				return err
			case !more:
				w.move(pos, asked) // nothing that was received before we asked is outstanding
				heard = time.Now()
			case time.Since(heard) > silence:
				return errSilent
			}
			continue
		}
		heard = time.Now()
		if pos, err = w.batches(ctx, recs, ids, pos); err != nil {
			return err
		}
		w.trouble.Store(nil)
	}
}

// refresh learns the position from the state store while another process does the work, and how far that is in time.
func (w *Worker) refresh(ctx context.Context) {
	asked := w.Engine.Clock.Now()
	_, last, unknown := remains(ctx, w.Log, Events, w.Partition, 0)
	var pos uint64
	err := w.Engine.DB.Read(ctx, func(q db.Querier) error {
		return q.QueryRow(ctx, "stream.position", w.Partition).Scan(&pos)
	})
	if err != nil {
		return
	}
	var horizon heed.Time
	if k, ok := w.Log.(looker); unknown == nil && pos >= last {
		horizon = asked
	} else if ok && pos > 0 {
		horizon, _ = k.written(ctx, Events, w.Partition, pos) // unknown: it stays where it is
	}
	w.move(pos, horizon)
}

func (w *Worker) move(pos uint64, horizon heed.Time) {
	w.position.Store(pos)
	if horizon > w.Horizon() {
		w.horizon.Store(int64(horizon))
	}
	w.moved.send()
}

// batches folds the records in transactions of at most about maxBatchEvents events.
func (w *Worker) batches(ctx context.Context, recs []Record, ids *dedup, pos uint64) (uint64, error) {
	for len(recs) > 0 {
		clear(w.events) // lets go of the last batch's envelopes
		events, n := w.events[:0], 0
		for n < len(recs) && (n == 0 || len(events) < maxBatchEvents) {
			rec, had := recs[n], len(events)
			var err error
			if events, err = DecodeEnvelope(rec.Data, events); err != nil {
				events = events[:had]
				if err := w.bury(ctx, &heed.Event{Partition: rec.Partition, Seq: rec.Seq}, "decode", err); err != nil {
					return pos, err
				}
			}
			for i := had; i < len(events); i++ {
				events[i].Partition, events[i].Seq = rec.Partition, rec.Seq
			}
			n++
		}
		w.events = events
		last := recs[n-1]
		if err := w.fold(ctx, pointers(events), ids, pos, last.Seq); err != nil {
			return pos, err
		}
		pos = last.Seq
		w.move(pos, last.At)
		recs = recs[n:]
	}
	return pos, nil
}

func pointers(events []heed.Event) []*heed.Event {
	out := make([]*heed.Event, len(events))
	for i := range events {
		out[i] = &events[i]
	}
	return out
}

// fold takes the events through the engine. When it fails again and again although the store works, the events that
// make it fail are put aside as dead letters, so that one bad event does not stop a brand.
func (w *Worker) fold(ctx context.Context, events []*heed.Event, ids *dedup, from, to uint64) error {
	var err error
	for range attempts {
		if err = w.commit(ctx, events, nil, ids, from, to); err == nil || ctx.Err() != nil || errors.Is(err, errLost) {
			return err
		}
		if down := w.down(ctx, err); down != nil {
			return down
		}
	}
	bad, down := w.find(ctx, events)
	if down != nil {
		return down
	}
	if len(bad) == 0 {
		return err
	}
	var rest, buried []*heed.Event
	for _, e := range events {
		reason, isBad := bad[e]
		if !isBad {
			rest = append(rest, e)
			continue
		}
		if err := w.bury(ctx, e, "fold", reason); err != nil {
			return err
		}
		buried = append(buried, e)
	}
	return w.commit(ctx, rest, buried, ids, from, to)
}

// commit folds events in one transaction. The buried ones are among the dead letters: history leaves them out, so that
// they count once, when somebody has them tried again.
func (w *Worker) commit(ctx context.Context, events, buried []*heed.Event, ids *dedup, from, to uint64) error {
	var dups []*heed.Event
	var now heed.Time
	err := w.Engine.safely(ctx, events, func(tx db.Tx, b *Batch) (err error) {
		n, err := tx.Exec(ctx, "stream.advance", w.Partition, to, from)
		if err != nil {
			return err
		}
		if n == 0 {
			return errLost
		}
		now = b.Now
		if b.Events, dups, err = ids.filter(ctx, tx, b.Events); err != nil {
			return err
		}
		if err := putDropped(ctx, tx, w.Partition, slices.Concat(dups, buried)); err != nil {
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

// measure counts latencies; events of one request were received at the same moment, so runs of them count at once.
func (w *Worker) measure(events []*heed.Event) {
	now := w.Engine.Clock.Now()
	for i := 0; i < len(events); {
		from := i
		for i < len(events) && events[i].ReceivedAt == events[from].ReceivedAt {
			i++
		}
		w.stats.Latency.Add(now.Sub(events[from].ReceivedAt), int64(i-from))
	}
}

// putDropped notes which events of which envelope were not folded, so that the history store leaves them out too.
func putDropped(ctx context.Context, tx db.Tx, part int, dropped []*heed.Event) error {
	bySeq := map[uint64][]int{}
	for _, e := range dropped {
		bySeq[e.Seq] = append(bySeq[e.Seq], e.Index)
	}
	for seq, idx := range bySeq {
		text, err := json.Marshal(idx)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "stream.put_dropped", part, seq, string(text)); err != nil {
			return err
		}
	}
	return nil
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

// broadcast wakes everyone who waits for the next send.
type broadcast struct {
	mu sync.Mutex
	ch chan struct{}
}

func (b *broadcast) next() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch == nil {
		b.ch = make(chan struct{})
	}
	return b.ch
}

func (b *broadcast) send() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ch != nil {
		close(b.ch)
		b.ch = nil
	}
}
