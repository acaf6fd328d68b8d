// Package collect_test measures the door with everything behind it: HTTP, parsing, one flush shared by many requests.
package collect_test

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed/collect"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/stream"
	"github.com/heedcx/heed/test/load"
)

type oneKey struct{}

func (oneKey) WriteKey(string) (collect.Source, bool) {
	return collect.Source{Name: "web", Public: true, Channel: "web"}, true
}

type noRejects struct{ b *testing.B }

func (n noRejects) Reject(_ context.Context, letters []stream.DeadLetter) error {
	n.b.Errorf("refused: %+v", letters[0])
	return nil
}

func BenchmarkCollect(b *testing.B) {
	for _, c := range []struct {
		name    string
		clients int
		single  bool
	}{{"batch100", 32, false}, {"single", 64, true}} {
		b.Run(c.name, func(b *testing.B) {
			l, err := stream.OpenEmbedded(context.Background(), stream.Options{Dir: b.TempDir()})
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = l.Close() }()
			log := slog.New(slog.DiscardHandler)
			srv := httptest.NewServer(collect.New(collect.Options{Keys: oneKey{}, Sink: stream.NewWriter(l), Rejects: noRejects{b}, Clock: clock.NewSystem(), Log: log}))
			defer srv.Close()
			res, err := load.Run(context.Background(), load.Config{
				Addr: strings.TrimPrefix(srv.URL, "http://"), WriteKey: "k", Clients: c.clients, People: 100_000, Single: c.single, Duration: 5 * time.Second,
			})
			if err != nil || res.Errors > 0 {
				b.Fatalf("%v, %d errors: %s", err, res.Errors, res.LastError)
			}
			b.ReportMetric(res.Rate(), "events/s")
			b.ReportMetric(float64(res.Quantile(0.99).Microseconds())/1000, "p99-ms")
		})
	}
}
