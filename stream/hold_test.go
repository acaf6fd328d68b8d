package stream_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/stream"
)

// One process at a time does what a lease is for; when it stops, the other one goes on.
func TestOnlyWhoHoldsTheLeaseWorks(t *testing.T) {
	d := testx.SQLite(t, stream.Queries)
	at := make(chan string)
	var working atomic.Int32
	start := func(owner string) context.CancelFunc {
		ctx, stop := context.WithCancel(t.Context())
		l := &stream.Lease{DB: d, Clock: clock.NewSystem(), Part: stream.HistoryPart, Owner: owner}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			l.While(ctx, func(ctx context.Context) {
				if working.Add(1) != 1 {
					t.Error("two work at once")
				}
				at <- owner
				<-ctx.Done()
				working.Add(-1)
			})
		}()
		stopAndWait := func() { stop(); <-ended }
		t.Cleanup(stopAndWait)
		return stopAndWait
	}
	stopFirst := start("first")
	if got := <-at; got != "first" {
		t.Fatal(got)
	}
	start("second")
	stopFirst()
	if got := <-at; got != "second" {
		t.Fatal(got)
	}
}
