package channel

import (
	"context"
	"time"

	"github.com/heedcx/heed"
)

// record writes results down, many at a time: when a full batch has come together, when the oldest has lingered, or
// when nothing else is under way.
func (s *Sender) record(ctx context.Context, results <-chan done) {
	var batch []done
	linger := time.NewTimer(time.Hour)
	defer linger.Stop()
	for {
		select {
		case d, ok := <-results:
			if !ok {
				s.flush(ctx, batch)
				return
			}
			if batch = append(batch, d); len(batch) == 1 {
				linger.Reset(s.o.Linger)
			}
			if len(batch) < s.o.InFlight/2 && int64(len(batch)) < s.inFlight.Load() {
				continue
			}
		case <-linger.C:
		}
		s.flush(ctx, batch)
		batch = batch[:0]
	}
}

// flush stores what came of a batch. The events go first: should we die before the outbox has its record, the
// messages are marked unknown, and the events then tell what really came of them.
func (s *Sender) flush(ctx context.Context, batch []done) {
	if len(batch) == 0 {
		return
	}
	results := make([]heed.SendResult, len(batch))
	var events []heed.Event
	for i, d := range batch {
		results[i] = d.r
		s.count(d.r)
		if e, ok := outcome(d.c, d.r); ok {
			events = append(events, e)
		}
	}
	if len(events) > 0 {
		s.insist(ctx, "put results on the stream", func(ctx context.Context) error {
			_, err := s.sink.Write(ctx, events)
			return err
		})
	}
	s.insist(ctx, "record results in the outbox", func(ctx context.Context) error { return s.outbox.Record(ctx, results) })
	s.inFlight.Add(-int64(len(batch)))
	poke(s.room)
}

// insist tries until it works or the drain is over. Nothing new is claimed meanwhile, because InFlight is bounded.
// After the drain it tries once more, with a deadline of its own.
func (s *Sender) insist(ctx context.Context, what string, f func(context.Context) error) {
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		err := f(ctx)
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
			defer cancel()
			if err = f(last); err != nil {
				s.log.Error("could not "+what+" before the end; the messages will be marked unknown", "error", err)
			}
			return
		}
		s.log.Error("cannot "+what+"; trying again", "error", err)
		s.wait(ctx, pause, nil)
	}
}

func (s *Sender) count(r heed.SendResult) {
	switch r.State {
	case heed.MessageSent, heed.MessageDelivered:
		s.sent.Add(1)
	case heed.MessageReserved:
		s.retried.Add(1)
	case heed.MessageUnknown:
		s.unknown.Add(1)
	default:
		s.failed.Add(1)
	}
}
