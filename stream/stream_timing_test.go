package stream_test

import (
	"context"
	"testing"

	"github.com/heedcx/heed"
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
