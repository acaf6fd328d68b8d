package stream_test

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/stream"
)

func embedded(t testing.TB, dir string, o stream.Options) stream.Log {
	t.Helper()
	o.Dir = dir
	l, err := stream.OpenEmbedded(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func drain(t testing.TB, l stream.Log, part int, after uint64) []heed.Event {
	t.Helper()
	ctx := context.Background()
	last, err := l.Last(ctx, stream.Events, part)
	if err != nil {
		t.Fatal(err)
	}
	r, err := l.Read(ctx, stream.Events, part, after)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out []heed.Event
	for at := after; at < last; {
		recs, err := r.Next(ctx, 100, 5*time.Second)
		if err != nil || len(recs) == 0 {
			t.Fatalf("reading stopped at %d of %d: %v", at, last, err)
		}
		for _, rec := range recs {
			if out, err = stream.DecodeEnvelope(rec.Data, out); err != nil {
				t.Fatal(err)
			}
			at = rec.Seq
		}
	}
	return out
}

func TestWrittenEventsSurviveAReopen(t *testing.T) {
	dir := t.TempDir()
	l := embedded(t, dir, stream.Options{Partitions: 3})
	w := stream.NewWriter(l)
	var wg sync.WaitGroup
	for c := range 16 {
		wg.Go(func() {
			for i := range 20 {
				e := event(c, i)
				if _, err := w.Write(context.Background(), []heed.Event{e, e}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l = embedded(t, dir, stream.Options{})
	if l.Partitions() != 3 {
		t.Fatalf("%d partitions, want the 3 that it was made with", l.Partitions())
	}
	seen := map[string]int{}
	for p := range 3 {
		next := map[string]int{}
		for _, e := range drain(t, l, p, 0) {
			seen[e.MessageID]++
			if want := event(0, 0); string(e.Properties) != string(want.Properties) || e.Timestamp != want.Timestamp || e.Source != "web" || !e.Public {
				t.Fatalf("came back as %+v", e)
			}
			var c, i int
			_, _ = fmt.Sscanf(e.MessageID, "%d-%d", &c, &i)
			if k := fmt.Sprint(c); i < next[k] {
				t.Fatalf("client %d: event %d came after %d", c, i, next[k])
			} else {
				next[k] = i
			}
		}
	}
	if len(seen) != 320 {
		t.Errorf("%d different events, want 320", len(seen))
	}
	for id, n := range seen {
		if n != 2 {
			t.Errorf("%s is there %d times, want 2", id, n)
		}
	}
	if _, err := stream.OpenEmbedded(context.Background(), stream.Options{Dir: t.TempDir(), Partitions: 0}); err != nil {
		t.Fatal(err)
	}
}

func event(c, i int) heed.Event {
	return heed.Event{
		Type: heed.Track, Public: true, MessageID: fmt.Sprintf("%d-%d", c, i), Source: "web", Timestamp: 1_700_000_000_000_000, ReceivedAt: 5,
		UserID: fmt.Sprint("user-", c), Name: "Order Completed", Channel: "web", Direction: heed.Inbound,
		IDs:        []heed.Identifier{{Namespace: heed.Email, Value: "a@example.com"}},
		Properties: heed.RawJSON(`{"order_id":"1","revenue":12.5,"products":[{"sku":"a","quantity":2},{"sku":"b","quantity":1}],"note":"` + string(make([]byte, 0)) + `long enough to be packed, so that both forms of a record are read back from the log; long enough to be packed"}`),
	}
}

func TestDamagedEnvelopesAreErrors(t *testing.T) {
	e := event(1, 1)
	good := stream.AppendEvent([]byte{1}, &e)
	for n := range len(good) - 1 {
		if n == 1 {
			continue // an envelope without events
		}
		if _, err := stream.DecodeEnvelope(good[:n], nil); err == nil {
			t.Errorf("cut to %d bytes, it still decodes", n)
		}
	}
}

func FuzzDecodeEnvelope(f *testing.F) {
	e := event(1, 1)
	f.Add(stream.AppendEvent([]byte{1}, &e))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = stream.DecodeEnvelope(b, nil)
	})
}

func TestRefusesRecordsWhenTheDiskIsNearlyFull(t *testing.T) {
	l := embedded(t, t.TempDir(), stream.Options{MinFree: 1 << 60})
	_, err := l.Append(context.Background(), stream.Events, 0, []byte("x"))
	if heed.CodeOf(err) != heed.Unavailable {
		t.Fatalf("got %v", err)
	}
	if heed.CodeOf(l.Healthy(context.Background())) != heed.Unavailable {
		t.Error("it says it is healthy")
	}
}

// TestLargeRecordsAreHandedOverAFewAtATime: what repeats packs to next to nothing, and a reader that was given all of it
// would have a hundred times that in memory.
func TestLargeRecordsAreHandedOverAFewAtATime(t *testing.T) {
	ctx := context.Background()
	l := embedded(t, t.TempDir(), stream.Options{})
	const records, size = 64, 1 << 20
	for range records {
		if _, err := l.Append(ctx, stream.Events, 0, bytes.Repeat([]byte("the same "), size/9)); err != nil {
			t.Fatal(err)
		}
	}
	r, err := l.Read(ctx, stream.Events, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for at := uint64(0); at < records; {
		recs, err := r.Next(ctx, 1024, 5*time.Second)
		if err != nil || len(recs) == 0 || len(recs) > 9 {
			t.Fatalf("after %d it hands over %d records: %v", at, len(recs), err)
		}
		at = recs[len(recs)-1].Seq
	}
}
