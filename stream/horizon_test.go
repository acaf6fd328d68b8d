package stream_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/stream"
)

// A process that does not fold the partition must not believe that everything has been folded: its scheduler would let
// a wait expire although the event that the wait is for lies in the stream.
func TestTheHorizonOfABystanderIsThatOfThePartition(t *testing.T) {
	testx.Each(t, []string{stream.Queries}, func(t *testing.T, d db.DB) {
		l := embedded(t, t.TempDir(), stream.Options{})
		works, stop := start(t, d, l, "a")
		out := stream.NewWriter(l)
		pos, err := out.Write(context.Background(), []heed.Event{event(0, 0)})
		if err != nil {
			t.Fatal(err)
		}
		if err := works.WaitFor(within(t), pos[0]); err != nil {
			t.Fatal(err)
		}
		stop()
		// The other process has the partition and is slow.
		lease := stream.Lease{DB: d, Clock: clock.NewSystem(), Part: 0, Owner: "a"}
		if took, err := lease.Take(context.Background()); err != nil || !took {
			t.Fatal(took, err)
		}
		if _, err := out.Write(context.Background(), []heed.Event{event(0, 1)}); err != nil {
			t.Fatal(err)
		}
		behind := heed.At(time.Now())
		looksOn, _ := start(t, d, l, "b")
		if err := looksOn.WaitFor(within(t), pos[0]); err != nil {
			t.Fatal(err)
		}
		if got := looksOn.Horizon(); got == 0 || got >= behind {
			t.Errorf("the horizon is %s although an event of before %s is not folded", got, behind)
		}
	})
}

func TestAStateStoreOfAnotherStreamIsRefused(t *testing.T) {
	d := testx.SQLite(t, spec.Queries, stream.Queries)
	old := embedded(t, t.TempDir(), stream.Options{})
	w, stop := start(t, d, old, "a")
	var pos stream.Position
	for i := range 3 {
		var err error
		if pos, err = stream.NewWriter(old).Write(context.Background(), []heed.Event{event(0, i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.WaitFor(within(t), pos[0]); err != nil {
		t.Fatal(err)
	}
	stop()
	w, _ = start(t, d, embedded(t, t.TempDir(), stream.Options{}), "a")
	for ctx := within(t); w.Trouble() == ""; {
		select {
		case <-ctx.Done():
			t.Fatal("it works on a stream that is not its own")
		case <-time.After(time.Millisecond):
		}
	}
	if !strings.Contains(w.Trouble(), "another stream") {
		t.Error(w.Trouble())
	}
}
