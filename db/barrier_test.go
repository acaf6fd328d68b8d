package db

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Whoever asks while a flush is under way must not be told "done" by it, and all who asked meanwhile share the next one.
func TestCallersShareAFlushThatBeganAfterThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		flushes := 0
		b := &barrier{flush: func(context.Context) error { flushes++; time.Sleep(time.Second); return nil }}
		began := time.Now()
		var wg sync.WaitGroup
		wg.Go(func() { _ = b.wait(t.Context()) })
		time.Sleep(time.Second / 2)
		for range 100 {
			wg.Go(func() {
				if err := b.wait(t.Context()); err != nil {
					t.Error(err)
				}
				if took := time.Since(began); took < 2*time.Second {
					t.Errorf("told after %s, by a flush that had begun before", took)
				}
			})
		}
		wg.Wait()
		if flushes != 2 {
			t.Errorf("%d flushes, want 2", flushes)
		}
	})
}

func TestWhoIsTiredOfWaitingGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &barrier{flush: func(context.Context) error { time.Sleep(time.Minute); return nil }}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.wait(ctx); err != context.DeadlineExceeded {
			t.Errorf("got %v", err)
		}
		time.Sleep(2 * time.Minute)
	})
}
