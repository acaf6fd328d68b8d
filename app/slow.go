package app

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/clock"
)

// slow is an answer that may take longer to work out than somebody should wait. Whoever asks waits a moment for a new one
// and then gets the one at hand; when the new one is there, due tells of it. It is worked out a tenth of the time at most.
type slow[T any] struct {
	work  func(ctx context.Context) (T, error)
	mark  func() int64 // another number when there may be another answer
	clock clock.Clock
	log   *slog.Logger
	asked chan struct{} // whether the next one is wanted

	mu       sync.Mutex
	has      bool
	value    T
	err      error // of the last try
	of       int64 // the mark when the value was begun
	at, next heed.Time
	done     chan struct{} // closed when the next one is there
	owed     bool          // somebody got a value that is not of now
	told     uint64
}

const (
	// slowPatience is how long somebody who could have an older answer waits for a new one.
	slowPatience = 250 * time.Millisecond
	// slowLongest is how old an answer may be when nothing seems to have changed: "today" moves on with the time, and
	// another process may write history.
	slowLongest = 10 * time.Second
	// slowQuick is what an answer may take that is never left alone: in a small installation nothing is old.
	slowQuick = 20 * time.Millisecond
	// slowPause is the longest time that an answer is left alone.
	slowPause = time.Minute
	// slowShare is how many times as long as an answer took it is left alone.
	slowShare = 9
	// slowTime bounds working one out.
	slowTime = time.Minute
)

func newSlow[T any](c clock.Clock, log *slog.Logger, mark func() int64, work func(ctx context.Context) (T, error)) *slow[T] {
	return &slow[T]{work: work, mark: mark, clock: c, log: log, asked: make(chan struct{}, 1), done: make(chan struct{})}
}

// run works answers out when they are wanted.
func (k *slow[T]) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-k.asked:
		}
		began, of := k.clock.Now(), k.mark()
		within, cancel := context.WithTimeout(ctx, slowTime)
		value, err := k.work(within)
		cancel()
		if err != nil && ctx.Err() == nil {
			k.log.Warn("an answer that takes long could not be worked out; the one before stands", "error", err)
		}
		k.mu.Lock()
		now := k.clock.Now()
		if k.err = err; err == nil {
			k.has, k.value, k.of, k.at = true, value, of, began
		}
		if k.next = now; now.Sub(began) > slowQuick {
			k.next = now.Add(min(slowPause, slowShare*now.Sub(began)))
		}
		if k.owed {
			k.owed = false
			k.told++
		}
		close(k.done)
		k.done = make(chan struct{})
		k.mu.Unlock()
	}
}

// want has the next one worked out. The lock is held.
func (k *slow[T]) want() {
	select {
	case k.asked <- struct{}{}:
	default: // it is wanted already
	}
}

// get waits a moment for a new answer where there is an older one.
func (k *slow[T]) get(ctx context.Context) (T, error) {
	patient, cancel := context.WithTimeout(ctx, slowPatience)
	defer cancel()
	return k.getWhile(ctx, patient)
}

// getWhile waits for a new answer as long as patient lasts where there is an older one.
func (k *slow[T]) getWhile(ctx, patient context.Context) (T, error) {
	k.mu.Lock()
	had, done := k.has, k.done
	now := k.clock.Now()
	if had && k.of == k.mark() && now.Sub(k.at) < slowLongest {
		defer k.mu.Unlock()
		return k.value, nil
	}
	if had && now < k.next {
		k.owed = true
		defer k.mu.Unlock()
		return k.value, nil
	}
	k.want()
	k.mu.Unlock()
	late := ctx.Done()
	if had {
		late = patient.Done()
	}
	select {
	case <-done:
	case <-late:
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return k.value, ctx.Err()
	case !k.has:
		return k.value, k.err
	}
	k.owed = k.owed || k.done == done // the new one is still to come
	return k.value, nil
}

// due is asked again and again while somebody watches. It has the answer worked out that is owed to somebody, and returns
// another number each time that there is one.
func (k *slow[T]) due(context.Context) (uint64, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.owed && k.clock.Now() >= k.next {
		k.want()
	}
	return k.told, nil
}
