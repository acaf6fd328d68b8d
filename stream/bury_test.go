package stream_test

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/stream"
)

// cut is a tally whose store is away for its first flushes: a connection that breaks although the next one opens.
type cut struct {
	tally
	left atomic.Int64
	gone chan struct{} // closed when the last of them has failed
}

func (c *cut) Flush(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	switch n := c.left.Add(-1); {
	case n == 0:
		close(c.gone)
		fallthrough
	case n > 0:
		return &net.OpError{Op: "write", Err: errors.New("connection reset by peer")}
	}
	return c.tally.Flush(ctx, tx, b)
}

func TestNoEventIsPutAsideBecauseTheStoreIsInTrouble(t *testing.T) {
	t.Parallel()
	d := testx.SQLite(t, spec.Queries, stream.Queries)
	l := embedded(t, t.TempDir(), stream.Options{})
	c := &cut{gone: make(chan struct{})}
	c.left.Store(4) // as often as it takes to find an event guilty
	w, _ := startWith(t, d, l, "a", c)
	pos, err := stream.NewWriter(l).Write(context.Background(), []heed.Event{event(0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	<-c.gone
	if err := w.WaitFor(within(t), pos[0]); err != nil {
		t.Fatal(err)
	}
	if got := (&tally{}).applied(t, d); len(got) != 1 {
		t.Errorf("the event was not applied: %v", got)
	}
	if n, err := l.Last(context.Background(), stream.Dead, 0); err != nil || n != 0 {
		t.Errorf("%d dead letters, %v", n, err)
	}
}

// History leaves out what a worker did not fold: tried again, the event comes as another one, and counts once.
func TestWhatWasPutAsideIsLeftOutOfHistory(t *testing.T) {
	testx.Each(t, []string{stream.Queries}, func(t *testing.T, d db.DB) {
		l := embedded(t, t.TempDir(), stream.Options{})
		w, _ := start(t, d, l, "a")
		bad, again := event(0, 1), event(0, 0)
		bad.Name = "explode"
		pos, err := stream.NewWriter(l).Write(context.Background(), []heed.Event{event(0, 0), bad, again})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.WaitFor(within(t), pos[0]); err != nil {
			t.Fatal(err)
		}
		var seq uint64
		var left string
		err = d.Read(context.Background(), func(q db.Querier) error {
			return q.QueryRow(context.Background(), "stream.dropped", 0, 0, pos[0]).Scan(&seq, &left)
		})
		if err != nil || left != "[1,2]" {
			t.Errorf("history leaves out %q of record %d (%v), want the duplicate and the dead letter", left, seq, err)
		}
	})
}
