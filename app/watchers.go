package app

import (
	"context"
	"sync"
)

// watchers hand things out to whoever watches, while they happen. The zero value is ready.
type watchers[T any] struct {
	mu    sync.RWMutex
	all   map[chan T]func(T) bool
	ended bool
}

// watcherBuffer is how many things a slow watcher may be behind before it misses some.
const watcherBuffer = 256

// add returns a channel with what wants accepts, closed when ctx or everything ends.
func (w *watchers[T]) add(ctx context.Context, wants func(T) bool) <-chan T {
	c := make(chan T, watcherBuffer)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		close(c)
		return c
	}
	if w.all == nil {
		w.all = map[chan T]func(T) bool{}
	}
	w.all[c] = wants
	context.AfterFunc(ctx, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.drop(c)
	})
	return c
}

func (w *watchers[T]) drop(c chan T) {
	if _, watches := w.all[c]; watches {
		delete(w.all, c)
		close(c)
	}
}

// end sends everybody away: the process stops.
func (w *watchers[T]) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	for c := range w.all {
		w.drop(c)
	}
}

func (w *watchers[T]) any() bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return len(w.all) > 0
}

func (w *watchers[T]) send(one T) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	for c, wants := range w.all {
		if !wants(one) {
			continue
		}
		select {
		case c <- one:
		default: // a slow watcher misses it
		}
	}
}
