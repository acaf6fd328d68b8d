package stream_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/stream"
)

// narrow is a tally that cannot take more than a few events at once.
type narrow struct {
	tally
	room    int
	stopAt  string        // the message id at which the store is in trouble, until it is let go
	stopped chan struct{} // closed when it has come to that
	free    atomic.Bool
}

var errOdd = errors.New("something odd")

func (n *narrow) Flush(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	for _, id := range n.names {
		if len(n.names) == 1 && id == n.stopAt && !n.free.Load() {
			select {
			case <-n.stopped:
			default:
				close(n.stopped)
			}
			return context.DeadlineExceeded
		}
	}
	if len(n.names) > n.room {
		return errOdd
	}
	return n.tally.Flush(ctx, tx, b)
}

func many(n int) (out []heed.Event) {
	for i := range n {
		out = append(out, event(0, i))
	}
	return out
}

func deadLetters(t *testing.T, l stream.Log) uint64 {
	t.Helper()
	n, err := l.Last(context.Background(), stream.Dead, 0)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func onceEach(t *testing.T, d db.DB, want int) {
	t.Helper()
	got := (&tally{}).applied(t, d)
	if len(got) != want {
		t.Errorf("%d events applied, want %d: %v", len(got), want, got)
	}
	for id, n := range got {
		if n != 1 {
			t.Errorf("%s was applied %d times", id, n)
		}
	}
}

// What fails only together is folded in smaller batches, also within one record.
func TestABatchThatFailsOnlyAsAWholeGoesOnInParts(t *testing.T) {
	testx.Each(t, []string{stream.Queries}, func(t *testing.T, d db.DB) {
		l := embedded(t, t.TempDir(), stream.Options{})
		out := stream.NewWriter(l)
		if _, err := out.Write(context.Background(), many(20)); err != nil {
			t.Fatal(err)
		}
		pos, err := out.Write(context.Background(), append(many(20), event(1, 1)))
		if err != nil {
			t.Fatal(err)
		}
		w, _ := startWith(t, d, l, "a", &narrow{room: 3})
		if err := w.WaitFor(within(t), pos[0]); err != nil {
			t.Fatal(err)
		}
		onceEach(t, d, 21)
		if n := deadLetters(t, l); n != 0 {
			t.Errorf("%d dead letters", n)
		}
	})
}

// A worker that ends in the middle of a record is followed by one that goes on there: nothing counts twice, and history
// is not told that what the first one folded had been dropped.
func TestAWorkerGoesOnInTheMiddleOfARecord(t *testing.T) {
	testx.Each(t, []string{stream.Queries}, func(t *testing.T, d db.DB) {
		l := embedded(t, t.TempDir(), stream.Options{})
		pos, err := stream.NewWriter(l).Write(context.Background(), append(many(16), event(0, 1)))
		if err != nil {
			t.Fatal(err)
		}
		first := &narrow{room: 1, stopAt: event(0, 9).MessageID, stopped: make(chan struct{})}
		_, stop := startWith(t, d, l, "a", first)
		<-first.stopped
		err = d.Write(context.Background(), func(tx db.Tx) error {
			_, err := stream.LockPositions(context.Background(), tx)
			return err
		})
		if err != nil {
			t.Errorf("the positions cannot be asked for in the middle of a record: %v", err)
		}
		stop()
		onceEach(t, d, 9)
		w, _ := startWith(t, d, l, "a", &narrow{room: 1})
		if err := w.WaitFor(within(t), pos[0]); err != nil {
			t.Fatal(err)
		}
		onceEach(t, d, 16)
		var seq uint64
		var left string
		err = d.Read(context.Background(), func(q db.Querier) error {
			return q.QueryRow(context.Background(), "stream.dropped", 0, 0, pos[0]).Scan(&seq, &left)
		})
		if err != nil || left != "[16]" {
			t.Errorf("history leaves out %q (%v), want the duplicate", left, err)
		}
	})
}

// dying is a state store that fails in its own way from a moment on, until it is let go.
type dying struct {
	db.DB
	dead atomic.Bool
	asks chan struct{} // told of each write that it refused
}

func (d *dying) refuse() error {
	if !d.dead.Load() {
		return nil
	}
	select {
	case d.asks <- struct{}{}:
	default:
	}
	return errors.New("conn busy: nobody has heard of this error")
}

func (d *dying) Write(ctx context.Context, f func(db.Tx) error) error {
	if err := d.refuse(); err != nil {
		return err
	}
	return d.DB.Write(ctx, f)
}

func (d *dying) WriteDurable(ctx context.Context, f func(db.Tx) error) error {
	if err := d.refuse(); err != nil {
		return err
	}
	return d.DB.WriteDurable(ctx, f)
}

// fatal is a tally with one bad event; while the worker looks for it, the store dies.
type fatal struct {
	tally
	store *dying
	fails atomic.Int64
	after int64
}

func (f *fatal) Flush(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	for _, id := range f.names {
		if id == event(0, 5).MessageID {
			if f.fails.Add(1) == f.after {
				f.store.dead.Store(true)
			}
			return errOdd
		}
	}
	return f.tally.Flush(ctx, tx, b)
}

// However far the search for a bad event has come when the store dies: no other event is put aside for it.
func TestAStoreThatDiesDuringTheSearchBlamesNobody(t *testing.T) {
	for _, after := range []int64{0, 3, 5, 8} { // of nine failures in all
		d := &dying{DB: testx.SQLite(t, spec.Queries, stream.Queries), asks: make(chan struct{}, 1)}
		l := embedded(t, t.TempDir(), stream.Options{})
		w, stop := startWith(t, d, l, "a", &fatal{store: d, after: after + 1})
		pos, err := stream.NewWriter(l).Write(context.Background(), many(16))
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-d.asks: // it has noticed
			d.dead.Store(false)
		case <-time.After(5 * time.Second): // the search had ended before
		}
		if err := w.WaitFor(within(t), pos[0]); err != nil {
			t.Fatal(err)
		}
		stop()
		onceEach(t, d, 15)
		if n := deadLetters(t, l); n != 1 {
			t.Errorf("the store died at failure %d: %d dead letters, want the one bad event", after+1, n)
		}
	}
}

// prepared is a tally that works out, beside the stages before it, what it counts, and fails as the event says.
type prepared struct{ tally }

func (p *prepared) Prepare(b *stream.Batch) error {
	for _, e := range b.Events {
		switch e.Name {
		case "explode while preparing":
			panic("a stage has a bug")
		case "fail to prepare":
			return errOdd
		}
	}
	return nil
}

// What a stage prepares runs on a goroutine of its own, where a panic that nobody catches would end the process.
func TestAnEventThatCannotBePreparedIsADeadLetter(t *testing.T) {
	testx.Each(t, []string{stream.Queries}, func(t *testing.T, d db.DB) {
		l := embedded(t, t.TempDir(), stream.Options{})
		w, stop := startWith(t, d, l, "a", &prepared{})
		defer stop()
		events := many(20)
		events[7].Name, events[13].Name = "explode while preparing", "fail to prepare"
		pos, err := stream.NewWriter(l).Write(context.Background(), events)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.WaitFor(within(t), pos[0]); err != nil {
			t.Fatal(err)
		}
		onceEach(t, d, 18)
		if n := deadLetters(t, l); n != 2 {
			t.Errorf("%d dead letters, want the two that cannot be prepared", n)
		}
	})
}
