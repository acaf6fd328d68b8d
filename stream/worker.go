package stream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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
	Share     *Share // says whether the partition should be ours; nil: it should
	MaxEvents int    // about as many in one transaction at most; 0: 8,000
	Logger    *slog.Logger

	events   []heed.Event  // of the batch under way; its memory serves the next one
	unread   uint64        // the last record that was put aside because it cannot be read
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
	maxEvents       = 8000
	maxBatchRecords = 1024
	idleWait        = 500 * time.Millisecond
	silence         = 10 * time.Second // a reader that hands nothing over for so long is replaced
	leaseTime       = 10 * time.Second
	loadTime        = 2 * time.Minute // to read what a partition remembers
	attempts        = 3               // until a batch, or an event alone, is given up
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
		divided := w.Share.next()
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
		case <-divided:
		case <-time.After(time.Second):
		}
	}
}

// follow works through the log from the committed position until something fails.
func (w *Worker) follow(ctx context.Context) error {
	lease := &renewed{Lease: Lease{DB: w.Engine.DB, Clock: w.Engine.Clock, Part: w.Partition, Owner: w.Owner}, share: w.Share}
	if err := lease.hold(ctx); err != nil {
		if errors.Is(err, errLost) && w.refresh(ctx) == nil {
			w.trouble.Store(nil) // somebody else's is not ours
		}
		return err
	}
	defer lease.letGo(ctx)
	ids := newDedup(w.Partition)
	at, err := w.load(ctx, ids)
	if err != nil {
		return err
	}
	w.move(at.seq, 0)
	reader, err := w.Log.Read(ctx, Events, w.Partition, at.seq)
	if err != nil {
		return err
	}
	defer reader.Close()
	w.trouble.Store(nil)
	for heard := time.Now(); ; {
		if err := lease.hold(ctx); err != nil {
			return err
		}
		asked := w.Engine.Clock.Now()
		recs, err := reader.Next(ctx, maxBatchRecords, idleWait)
		if err != nil {
			return err
		}
		if len(recs) == 0 {
			more, _, err := remains(ctx, w.Log, Events, w.Partition, at.seq)
			switch {
			case err != nil:
				return err
			case !more:
				w.move(at.seq, asked) // nothing that was received before we asked is outstanding
				heard = time.Now()
			case time.Since(heard) > silence:
				return errSilent
			}
			continue
		}
		heard = time.Now()
		if err := w.batches(ctx, lease, recs, ids, &at); err != nil {
			return err
		}
		w.trouble.Store(nil)
	}
}

// load reads how far the partition has been folded and which ids it remembers.
func (w *Worker) load(ctx context.Context, ids *dedup) (at place, err error) {
	ctx, cancel := context.WithTimeout(ctx, loadTime)
	defer cancel()
	_, last, err := remains(ctx, w.Log, Events, w.Partition, 0)
	if err != nil {
		return at, err
	}
	return at, w.Engine.DB.Read(ctx, func(q db.Querier) error {
		if at, err = positionOf(ctx, q, w.Partition); err != nil {
			return err
		}
		if at.seq > last { // what lies behind the end would never come, and what does come would be taken for folded
			return fmt.Errorf("record %d of partition %d has been folded, but the stream ends at %d: this state store belongs to another stream, or the stream was restored from an older copy", at.seq, w.Partition, last)
		}
		return ids.load(ctx, q)
	})
}

func positionOf(ctx context.Context, q db.Querier, part int) (at place, err error) {
	err = q.QueryRow(ctx, "stream.position", part).Scan(&at.seq, &at.done)
	if errors.Is(err, db.ErrNoRows) {
		err = nil
	}
	return at, err
}

// refresh learns the position from the state store while another process does the work, and how far that is in time.
func (w *Worker) refresh(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, leaseTime)
	defer cancel()
	asked := w.Engine.Clock.Now()
	_, last, unknown := remains(ctx, w.Log, Events, w.Partition, 0)
	var at place
	err := w.Engine.DB.Read(ctx, func(q db.Querier) (err error) {
		at, err = positionOf(ctx, q, w.Partition)
		return err
	})
	if err != nil {
		return err
	}
	var horizon heed.Time
	if k, ok := w.Log.(looker); unknown == nil && at.seq >= last {
		horizon = asked
	} else if ok && at.seq > 0 {
		horizon, _ = k.written(ctx, Events, w.Partition, at.seq) // unknown: it stays where it is
	}
	w.move(at.seq, horizon)
	return nil
}

func (w *Worker) move(pos uint64, horizon heed.Time) {
	w.position.Store(pos)
	if horizon > w.Horizon() {
		w.horizon.Store(int64(horizon))
	}
	w.moved.send()
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
