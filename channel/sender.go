package channel

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/clock"
)

// Options tune a Sender. The zero value takes the defaults.
type Options struct {
	Workers  int           // batches that are delivered at once, 8
	Batch    int           // messages of one Deliver, 64
	InFlight int           // messages claimed and not yet recorded, at most: what a crash leaves unknown, 2,000
	Poll     time.Duration // how long an idle sender waits when nobody calls Notify, 500 ms
	Linger   time.Duration // how long a result waits for others to be recorded with, 50 ms
	Drain    time.Duration // how long a stop waits for what is under way, 20 s
}

func (o Options) withDefaults() Options {
	def := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	dur := func(v *time.Duration, d time.Duration) {
		if *v <= 0 {
			*v = d
		}
	}
	def(&o.Workers, 8)
	def(&o.Batch, 64)
	def(&o.InFlight, 2000)
	dur(&o.Poll, 500*time.Millisecond)
	dur(&o.Linger, 50*time.Millisecond)
	dur(&o.Drain, 20*time.Second)
	return o
}

// Sender carries messages from the outbox to one channel. Make it with NewSender; run it once.
type Sender struct {
	ch     Channel
	outbox Outbox
	sink   Sink
	clock  clock.Clock
	log    *slog.Logger
	o      Options

	circuit  circuit
	notify   chan struct{}
	room     chan struct{} // poked when results were recorded
	inFlight atomic.Int64
	window   window

	sent, failed, retried, unknown atomic.Int64
}

// NewSender makes the sender of a channel.
func NewSender(ch Channel, outbox Outbox, sink Sink, c clock.Clock, log *slog.Logger, o Options) *Sender {
	return &Sender{
		ch: ch, outbox: outbox, sink: sink, clock: c, log: log.With("channel", ch.Name()), o: o.withDefaults(),
		notify: make(chan struct{}, 1), room: make(chan struct{}, 1),
		window: window{size: firstWindow},
	}
}

// Run recovers what an earlier process left and then runs the senders until ctx ends and what is under way is done.
func Run(ctx context.Context, outbox Outbox, log *slog.Logger, senders ...*Sender) error {
	n, err := outbox.Recover(ctx)
	if err != nil {
		return fmt.Errorf("channel: recover the outbox: %w", err)
	}
	if n > 0 {
		log.Warn("messages were under way when the last process ended; they are marked unknown and not sent again", "messages", n)
	}
	var wg sync.WaitGroup
	errs := make([]error, len(senders))
	for i, s := range senders {
		wg.Go(func() { errs[i] = s.Run(ctx) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Notify tells the sender that the outbox has something. It never blocks.
func (s *Sender) Notify() { poke(s.notify) }

// Health tells how the sender fares.
func (s *Sender) Health() Health {
	return s.circuit.health(Health{
		Channel: s.ch.Name(), InFlight: s.inFlight.Load(), Sent: s.sent.Load(), Failed: s.failed.Load(),
		Retried: s.retried.Load(), Unknown: s.unknown.Load(),
	})
}

// Healthy returns an error that says what is wrong while the next hop is out of reach.
func (s *Sender) Healthy(context.Context) error {
	if h := s.Health(); h.State != "ok" {
		return heed.Errorf(heed.Unavailable, "The %s channel has been down since %s: %s. Messages wait and go out when it is back.", h.Channel, h.Since, h.Error)
	}
	return nil
}

// done is a message and what came of it.
type done struct {
	c heed.Claimed
	r heed.SendResult
}

// Run sends until ctx ends, then waits for what is under way, at most Options.Drain. The caller has called Recover.
func (s *Sender) Run(ctx context.Context) error {
	hard, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	work, results := make(chan []heed.Claimed), make(chan done, s.o.InFlight)
	var workers sync.WaitGroup
	for range s.o.Workers {
		workers.Go(func() {
			for batch := range work {
				s.deliver(hard, batch, results)
			}
		})
	}
	recorded := make(chan struct{})
	go func() { defer close(recorded); s.record(hard, results) }()

	s.claim(ctx, work, results)
	deadline := time.AfterFunc(s.o.Drain, stop)
	defer deadline.Stop()
	close(work)
	workers.Wait()
	close(results)
	<-recorded
	return nil
}

// claim takes messages from the outbox and shares them out until ctx ends.
func (s *Sender) claim(ctx context.Context, work chan<- []heed.Claimed, results chan<- done) {
	for ctx.Err() == nil {
		if open, until := s.circuit.open(s.clock.Now()); open {
			s.wait(ctx, min(until.Sub(s.clock.Now()), s.o.Poll), nil)
			continue
		}
		under, size := int(s.inFlight.Load()), min(s.window.size, s.o.InFlight)
		limit := size - under
		if s.circuit.probing() {
			if under > 0 { // one probe at a time
				s.wait(ctx, s.o.Poll, s.room)
				continue
			}
			limit = 1
		} else if under > size/2 { // few large claims: each is a write that waits for the disk
			s.wait(ctx, s.o.Poll, s.room)
			continue
		}
		got, err := s.outbox.Claim(ctx, s.ch.Name(), limit)
		if err != nil {
			if ctx.Err() == nil {
				s.log.Error("cannot read the outbox; trying again", "error", err)
				s.wait(ctx, time.Second, nil)
			}
			continue
		}
		if len(got) == 0 {
			s.wait(ctx, s.o.Poll, s.notify)
			continue
		}
		s.window.claimed(s.clock.Now(), len(got), limit, s.o.InFlight)
		s.inFlight.Add(int64(len(got)))
		s.share(ctx, got, work, results)
	}
}

// share cuts what was claimed into batches for the workers. When the sender stops meanwhile, the rest goes back.
func (s *Sender) share(ctx context.Context, got []heed.Claimed, work chan<- []heed.Claimed, results chan<- done) {
	size := min(s.o.Batch, (len(got)+s.o.Workers-1)/s.o.Workers)
	for len(got) > 0 {
		n := min(size, len(got))
		select {
		case work <- got[:n]:
			got = got[n:]
		case <-ctx.Done():
			s.release(got, s.clock.Now(), "the sender stopped", results)
			return
		}
	}
}

// deliver hands one batch over.
func (s *Sender) deliver(ctx context.Context, batch []heed.Claimed, results chan<- done) {
	now := s.clock.Now()
	if open, until := s.circuit.open(now); open {
		s.release(batch, until, "waiting for the channel to come back", results)
		return
	}
	got, err := s.call(ctx, batch)
	now = s.clock.Now()
	if err != nil && ctx.Err() == nil {
		if s.circuit.fail(now, err.Error()) {
			s.log.Error("the channel is down; messages wait", "error", err)
		}
	} else if len(got) > 0 {
		if news, down := s.circuit.ok(now); news {
			s.log.Info("the channel is back", "down", down)
		}
	}
	byID := make(map[heed.ID]heed.SendResult, len(got))
	for _, r := range got {
		byID[r.ID] = r
	}
	var rest []heed.Claimed
	for _, c := range batch {
		if r, ok := byID[c.Message.ID]; ok {
			results <- done{c, r}
		} else {
			rest = append(rest, c)
		}
	}
	if len(rest) > 0 {
		why, at := "not tried yet", now
		if open, until := s.circuit.open(now); open {
			why, at = "waiting for the channel to come back", until
		}
		s.release(rest, at, why, results)
	}
}

// call shields the sender from a channel that panics: the messages may be out, so they are unknown.
func (s *Sender) call(ctx context.Context, batch []heed.Claimed) (got []heed.SendResult, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.log.Error("the channel panicked", "panic", p)
			now := s.clock.Now()
			got, err = nil, nil
			for _, c := range batch {
				got = append(got, Unknown(c, now, "the channel failed while it had the message"))
			}
		}
	}()
	return s.ch.Deliver(ctx, batch)
}

// release gives back messages that were not tried.
func (s *Sender) release(batch []heed.Claimed, at heed.Time, why string, results chan<- done) {
	for _, c := range batch {
		results <- done{c, Later(c, s.clock.Now(), at, why)}
	}
}

func (s *Sender) wait(ctx context.Context, d time.Duration, wake <-chan struct{}) {
	t := time.NewTimer(max(d, time.Millisecond))
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	case <-wake:
	}
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
