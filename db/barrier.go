package db

import (
	"context"
	"sync"
	"time"
)

// barrier lets many callers share a flush. Who comes while one is under way waits for the next one: that one may have
// begun before the commit which the caller asks about.
type barrier struct {
	flush func(ctx context.Context) error

	mu   sync.Mutex
	next *flushed // has callers and has not begun
	busy bool
}

type flushed struct {
	done chan struct{}
	err  error
}

// flushTime bounds one flush: the callers' own deadlines only end their waiting.
const flushTime = 10 * time.Second

// wait returns when a flush that began after the call has ended.
func (b *barrier) wait(ctx context.Context) error {
	b.mu.Lock()
	f := b.next
	if f == nil {
		f = &flushed{done: make(chan struct{})}
		b.next = f
		if !b.busy {
			b.busy = true
			go b.run()
		}
	}
	b.mu.Unlock()
	select {
	case <-f.done:
		return f.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run flushes until nobody waits.
func (b *barrier) run() {
	for {
		b.mu.Lock()
		f := b.next
		if b.next = nil; f == nil {
			b.busy = false
			b.mu.Unlock()
			return
		}
		b.mu.Unlock()
		ctx, cancel := context.WithTimeout(context.Background(), flushTime)
		f.err = b.flush(ctx)
		cancel()
		close(f.done)
	}
}
