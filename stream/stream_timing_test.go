package stream_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/stream"
)

func batchOf(n int) []heed.Event {
	out := make([]heed.Event, n)
	for i := range out {
		out[i] = event(i%10, i)
		out[i].Context = heed.RawJSON(`{"ip":"203.0.113.7","library":{"name":"analytics.js","version":"4.1.0"},"page":{"url":"https://shop.example/p/1","path":"/p/1","title":"A product","referrer":"https://search.example/"},"userAgent":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"}`)
	}
	return out
}

// BenchmarkWriter is what collect pays per 100-event request once it is parsed, fsync included.
func BenchmarkWriter(b *testing.B) {
	w := stream.NewWriter(embedded(b, b.TempDir(), stream.Options{}))
	events := batchOf(100)
	b.ReportAllocs()
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := w.Write(context.Background(), events); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)*100/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(w.Stats().Events.Value())/float64(max(1, w.Stats().Flushes.Value())), "events/flush")
}

func BenchmarkEnvelope(b *testing.B) {
	events := batchOf(100)
	buf := []byte{1}
	for i := range events {
		buf = stream.AppendEvent(buf, &events[i])
	}
	b.Run("append", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(buf)))
		for b.Loop() {
			buf = buf[:1]
			for i := range events {
				buf = stream.AppendEvent(buf, &events[i])
			}
		}
	})
	b.Run("decode", func(b *testing.B) {
		out := make([]heed.Event, 0, 100)
		b.ReportAllocs()
		b.SetBytes(int64(len(buf)))
		for b.Loop() {
			var err error
			if out, err = stream.DecodeEnvelope(buf, out[:0]); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkWorker is the floor under every event that is folded: read, unpack, decode, drop duplicates, move the
// position. The stages come on top.
func BenchmarkWorker(b *testing.B) {
	d := testx.SQLite(b, spec.Queries, stream.Queries)
	l := embedded(b, b.TempDir(), stream.Options{})
	out := stream.NewWriter(l)
	var last stream.Position
	n := 0
	for n < b.N {
		events := batchOf(500)
		for i := range events {
			events[i].MessageID = fmt.Sprintf("%016x-%08d", n*7919, n)
			n++
		}
		var err error
		if last, err = out.Write(context.Background(), events); err != nil {
			b.Fatal(err)
		}
	}
	w := &stream.Worker{Engine: &stream.Engine{DB: d, Clock: clock.NewSystem()}, Log: l, Owner: "a", Logger: slog.New(slog.DiscardHandler)}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b.ReportAllocs()
	b.ResetTimer()
	var wg sync.WaitGroup
	wg.Go(func() { w.Run(ctx) })
	if err := w.WaitFor(ctx, last[0]); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
	cancel()
	wg.Wait()
}
