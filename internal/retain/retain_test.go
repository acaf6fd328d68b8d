package retain

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// onlyWrites is a store of which a Keeper needs no more.
type onlyWrites struct{ db.DB }

func (onlyWrites) Write(_ context.Context, f func(db.Tx) error) error { return f(nil) }

type bubble struct{}

func (bubble) Now() heed.Time { return heed.At(time.Now()) }

// It begins a minute after the start, rests nine times as long as it worked, and comes again the next day, also to a
// table at which it failed.
func TestRunOnceADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		began := time.Now()
		var told []string
		fail := true
		k := &Keeper{DB: onlyWrites{}, Clock: bubble{}, Log: slog.New(slog.DiscardHandler), Keep: 24 * time.Hour, Tables: []Table{
			{Name: "rows", Piece: func(_ context.Context, _ db.Tx, before heed.Time, after heed.ID, limit int) (last heed.ID, deleted int64, err error) {
				if want := (bubble{}).Now().Add(-24 * time.Hour); before > want || before < want.Add(-10*time.Second) || limit != rows {
					t.Errorf("asked for %v, %d", before, limit)
				}
				told = append(told, fmt.Sprintf("%d at %s", after[0], time.Since(began)))
				time.Sleep(100 * time.Millisecond)
				if after[0] == 2 {
					return last, 0, nil
				}
				return heed.ID{after[0] + 1}, 5, nil
			}},
			{Name: "broken", Piece: func(context.Context, db.Tx, heed.Time, heed.ID, int) (last heed.ID, deleted int64, err error) {
				if told = append(told, fmt.Sprint("broken at ", time.Since(began))); fail {
					err = errors.New("told to fail")
				}
				fail = false
				return last, 0, err
			}},
		}}
		done := make(chan struct{})
		go func() { defer close(done); k.Run(ctx) }()
		time.Sleep(25 * time.Hour)
		cancel()
		<-done
		want := "[0 at 1m0s 1 at 1m1s 2 at 1m2s broken at 1m2.1s 0 at 24h1m2.1s 1 at 24h1m3.1s 2 at 24h1m4.1s broken at 24h1m4.2s]"
		if got := fmt.Sprint(told); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}
