package insight

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/stream"
)

// Config of a Follower. Everything without a default in its comment is required.
type Config struct {
	Log     stream.Log
	Sink    Sink
	Key     Keyer
	Keys    KeyFeed
	Dropped Dropped
	// Committed tells how far the workers have folded a partition into state; history stays at or behind it, because
	// only then is it known which events were duplicates and whose they are.
	Committed func(part int) uint64
	Clock     clock.Clock
	Logger    *slog.Logger
	// A commit starts at MaxRows rows (default what a Packer asks for, or 122,880), MaxBytes of envelopes (default
	// 128 MiB) or MaxAge after the first of them (default 1 s; up to six times that while rows come so fast that the
	// store has less work with many at once), whatever comes first.
	MaxRows  int
	MaxBytes int
	MaxAge   time.Duration
}

const (
	maxRows   = 122_880                // rows in a commit when neither the configuration nor the sink says
	manyRows  = 40_960                 // in each MaxAge: a commit may wait for more
	readAhead = 8                      // records that a reader hands over at once: each may be a megabyte
	keyPage   = 10_000                 // key changes asked for at once
	maxKeys   = 200_000                // key changes in one commit
	pollEvery = 20 * time.Millisecond  // how often the workers' position is looked at while records wait for it
	readWait  = 500 * time.Millisecond // how long a reader waits before it asks again
)

// Follower carries records from the log into a sink, exactly once. Its methods may be called at the same time.
type Follower struct {
	cfg Config

	mu      sync.Mutex // held while the sink or the fields below are used
	sources []*source  // nil: not open
	stop    context.CancelFunc
	readers sync.WaitGroup
	keys    int64     // N of the last key change in the sink
	asked   heed.Time // when it was asked for key changes without events: a feed may hand them out later than their events
	stored  Positions // what the sink has
	erased  map[heed.ID]heed.Time
	seen    map[uint64]struct{} // hashes of recent fact records
	seenAge []uint64            // the same, oldest first
	pending pending
	events  []heed.Event
	ids     []heed.ID

	arrived chan struct{} // a reader has handed something over
	stats   FollowerStats
	lastAt  heed.Time // when the newest record taken was written

	shown atomic.Pointer[shown]
}

// shown is how far a follower has come, for whoever watches it: a step may take long, and holds the lock.
type shown struct {
	stats  FollowerStats
	at     Positions
	lastAt heed.Time
}

func (f *Follower) unlock() {
	f.show()
	f.mu.Unlock()
}

func (f *Follower) show() {
	s := &shown{stats: f.stats, at: Positions{}, lastAt: f.lastAt}
	for _, src := range f.sources {
		s.at[src.part] = src.read
	}
	f.shown.Store(s)
}

// progress is how far it has come as of its last step, or of the commit that it is at.
func (f *Follower) progress() *shown {
	if s := f.shown.Load(); s != nil {
		return s
	}
	return &shown{}
}

// pending is what the sink holds uncommitted.
type pending struct {
	records, rows, bytes int
	room                 int // rows to commit at
	since                heed.Time
	positions            Positions
	facts                []uint64
	gone                 []heed.ID // people whose erasure was among the facts
}

// source is one partition of one topic.
type source struct {
	part   int
	topic  stream.Topic
	number int
	in     chan batch
	held   []stream.Record
	read   uint64 // sequence of the last record appended
}

type batch struct {
	records []stream.Record
	err     error
}

// NewFollower checks the configuration.
func NewFollower(cfg Config) (*Follower, error) {
	if cfg.Log == nil || cfg.Sink == nil || cfg.Key == nil || cfg.Keys == nil || cfg.Dropped == nil ||
		cfg.Committed == nil || cfg.Clock == nil || cfg.Logger == nil {
		return nil, errors.New("insight: a follower needs Log, Sink, Key, Keys, Dropped, Committed, Clock and Logger")
	}
	if cfg.MaxBytes <= 0 {
		cfg.MaxBytes = 128 << 20
	}
	if cfg.MaxAge <= 0 {
		cfg.MaxAge = time.Second
	}
	return &Follower{cfg: cfg, arrived: make(chan struct{}, 1)}, nil
}

// Run follows until ctx is done and then commits what it has. Trouble is logged, counted and tried again.
func (f *Follower) Run(ctx context.Context) error {
	defer f.shut()
	pause := 100 * time.Millisecond
	for {
		idle, err := f.step(ctx, false)
		switch {
		case ctx.Err() != nil:
			return f.finish(context.WithoutCancel(ctx))
		case err != nil:
			f.fail(ctx, err)
			if !wait(ctx, nil, pause) {
				return f.finish(context.WithoutCancel(ctx))
			}
			pause = min(2*pause, 10*time.Second)
			continue
		}
		pause = 100 * time.Millisecond
		if idle > 0 {
			wait(ctx, f.arrived, idle)
		}
	}
}

// CatchUp follows up to where the log and the workers are now, commits, and returns.
func (f *Follower) CatchUp(ctx context.Context) error {
	target, err := f.target(ctx)
	if err != nil {
		return err
	}
	for {
		idle, err := f.step(ctx, true)
		if err == nil && f.reached(target) {
			err = f.commit(ctx)
			if err == nil {
				return nil
			}
		}
		if err != nil {
			f.fail(ctx, err)
			return err
		}
		if idle > 0 && !wait(ctx, f.arrived, idle) {
			return context.Cause(ctx)
		}
	}
}

// wait returns true when something arrived or the time is over, false when ctx is done.
func wait(ctx context.Context, arrived <-chan struct{}, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-arrived:
	case <-t.C:
	}
	return true
}

// step takes what is there, commits when it is time to, and says how long there may be nothing to do.
func (f *Follower) step(ctx context.Context, soon bool) (idle time.Duration, err error) {
	f.mu.Lock()
	defer f.unlock()
	if f.sources == nil {
		if err := f.open(ctx); err != nil {
			return 0, err
		}
	}
	took, held := false, false
	for _, s := range f.sources {
		n, err := f.take(ctx, s)
		if err != nil {
			return 0, err
		}
		took = took || n > 0
		held = held || len(s.held) > 0
	}
	age, oldest := f.cfg.Clock.Now().Sub(f.pending.since), f.patience()
	if f.pending.records > 0 && age >= oldest {
		f.stats.ByAge++
		if err := f.flush(ctx); err != nil {
			return 0, err
		}
	}
	if now := f.cfg.Clock.Now(); f.pending.records == 0 && now.Sub(f.asked) >= f.cfg.MaxAge {
		f.asked = now
		if err := f.flush(ctx); err != nil {
			return 0, err
		}
	}
	switch {
	case took:
		return 0, nil
	case held || soon:
		return pollEvery, nil
	case f.pending.records > 0:
		return max(time.Millisecond, oldest-age), nil
	}
	return time.Second, nil
}

// take appends what a source has handed over and the workers have finished with.
func (f *Follower) take(ctx context.Context, s *source) (n int, err error) {
	if len(s.held) == 0 {
		select {
		case b := <-s.in:
			if b.err != nil {
				return 0, b.err
			}
			s.held = b.records
		default:
			return 0, nil
		}
	}
	n = len(s.held)
	var dropped map[uint64][]int
	if s.topic == stream.Events {
		if n = upTo(s.held, f.cfg.Committed(s.number)); n == 0 {
			return 0, nil
		}
		var folded uint64
		if dropped, folded, err = f.cfg.Dropped.Dropped(ctx, s.number, s.read, s.held[n-1].Seq); err != nil {
			return 0, err
		}
		n = upTo(s.held, folded)
	}
	for i := range n {
		rec := &s.held[i]
		if rec.Seq <= s.read { // a reader that started again
			continue
		}
		if err := f.append(ctx, s, rec, dropped[rec.Seq]); err != nil {
			return 0, err
		}
		s.read = rec.Seq
		if err := f.commitWhenFull(ctx); err != nil {
			return 0, err
		}
	}
	s.held = s.held[n:]
	return n, nil
}

// upTo counts the records that are not behind a sequence.
func upTo(records []stream.Record, seq uint64) int {
	n := len(records)
	for n > 0 && records[n-1].Seq > seq {
		n--
	}
	return n
}

func (f *Follower) commitWhenFull(ctx context.Context) error {
	switch {
	case f.pending.rows >= f.pending.room:
		f.stats.ByRows++
	case f.pending.bytes >= f.cfg.MaxBytes:
		f.stats.ByBytes++
	default:
		return nil
	}
	return f.flush(ctx)
}

// patience is how long what is pending may wait for more: longer while more than manyRows come in each MaxAge.
func (f *Follower) patience() time.Duration {
	fast := float64(f.pending.rows) / float64(max(1, min(manyRows, f.pending.room/3)))
	return time.Duration(float64(f.cfg.MaxAge) * min(max(1, fast), 6))
}

func (f *Follower) room() int {
	if f.cfg.MaxRows > 0 {
		return f.cfg.MaxRows
	}
	if p, ok := f.cfg.Sink.(Packer); ok {
		return p.Room()
	}
	return maxRows
}

// append hands the rows of one record to the sink.
func (f *Follower) append(ctx context.Context, s *source, rec *stream.Record, dropped []int) (err error) {
	if f.pending.records == 0 {
		f.pending = pending{since: f.cfg.Clock.Now(), positions: Positions{}, facts: f.pending.facts[:0], room: f.room()}
	}
	f.pending.records++
	f.pending.bytes += len(rec.Data)
	f.pending.positions[s.part] = rec.Seq
	f.lastAt = rec.At
	if s.topic == stream.Facts && !f.remember(rec.Data) {
		f.stats.Repeated++
		return nil
	}
	if f.events, err = stream.DecodeEnvelope(rec.Data, f.events[:0]); err != nil {
		// The worker has put it among the dead letters; history has nothing to keep of it.
		f.stats.Damaged++
		f.events = f.events[:0]
		f.cfg.Logger.Warn("history leaves out a damaged record", "part", s.part, "seq", rec.Seq, "err", err)
	}
	events := f.keep(s, rec, dropped)
	if len(events) == 0 {
		return nil
	}
	f.pending.rows += len(events)
	return f.cfg.Sink.Append(ctx, Rows{Part: s.part, Seq: rec.Seq, Events: events, Keys: f.ids})
}
