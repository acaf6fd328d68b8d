package app

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heedcx/heed/internal/clock"
)

func TestAnAnswerThatTakesLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mark, n, takes := int64(0), 0, 2*time.Second
		var fails error
		s := newSlow(clock.NewSystem(), slog.New(slog.DiscardHandler), func() int64 { return mark }, func(context.Context) (int, error) {
			n++
			time.Sleep(takes)
			return n, fails
		})
		ctx, end := context.WithCancel(t.Context())
		go s.run(ctx)
		began := time.Now()
		ask := func(want int, within time.Duration) {
			t.Helper()
			began := time.Now()
			if got, err := s.get(ctx); got != want || err != nil || time.Since(began) != within {
				t.Errorf("%d, %v after %s; want %d after %s", got, err, time.Since(began), want, within)
			}
		}
		due := func(want uint64) {
			t.Helper()
			synctest.Wait() // what ends at this moment has ended
			if got, _ := s.due(ctx); got != want {
				t.Errorf("told of %d, want %d", got, want)
			}
			synctest.Wait()
		}
		ask(1, takes) // there is none yet
		ask(1, 0)
		due(0) // and nothing is owed
		mark++
		ask(1, 0) // it took 2 s and is left alone for 18 s
		due(0)
		if n != 1 {
			t.Errorf("worked out %d times after %s", n, time.Since(began))
		}
		time.Sleep(19 * time.Second)
		due(0) // now it begins, because somebody is owed one
		time.Sleep(takes)
		due(1)
		ask(2, 0)
		mark++
		time.Sleep(time.Minute)
		ask(2, slowPatience) // waits a moment for the new one
		time.Sleep(takes)
		due(2)
		ask(3, 0)

		takes = 100 * time.Millisecond
		time.Sleep(time.Minute)
		ask(4, takes)
		time.Sleep(time.Second)
		ask(4, 0)
		mark++
		ask(5, takes)
		mark++
		ask(5, 0)
		time.Sleep(time.Second)
		due(2)
		time.Sleep(takes)
		due(3)
		ask(6, 0)

		takes = 10 * time.Millisecond // a small brand's: worked out each time
		time.Sleep(time.Second)
		for n := 7; n < 10; n++ {
			mark++
			ask(n, takes)
		}
		due(3) // and nothing is owed

		takes = time.Second
		mark++
		patient, enough := context.WithTimeout(ctx, 50*time.Millisecond) // somebody who has waited for another answer already
		began = time.Now()
		if got, err := s.getWhile(ctx, patient); got != 9 || err != nil || time.Since(began) != 50*time.Millisecond {
			t.Errorf("%d, %v after %s; want 9 after 50ms", got, err, time.Since(began))
		}
		enough()
		time.Sleep(takes)
		due(4)
		takes = 10 * time.Millisecond

		fails = errors.New("history is away")
		time.Sleep(time.Minute)
		ask(10, takes) // the one before stands
		end()
		synctest.Wait()
	})
}

func TestAnAnswerThatWasNeverThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away := errors.New("history is away")
		s := newSlow(clock.NewSystem(), slog.New(slog.DiscardHandler), func() int64 { return 0 }, func(context.Context) (int, error) { return 0, away })
		ctx, end := context.WithCancel(t.Context())
		go s.run(ctx)
		if _, err := s.get(ctx); !errors.Is(err, away) {
			t.Errorf("got %v", err)
		}
		gone, leave := context.WithCancel(ctx)
		leave()
		if _, err := s.get(gone); err == nil {
			t.Error("an answer for nobody")
		}
		end()
		synctest.Wait()
	})
}
