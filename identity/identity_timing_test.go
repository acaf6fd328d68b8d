package identity_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/identity"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/profile"
	"github.com/heedcx/heed/stream"
)

// sessions makes a batch as a worker sees it: people with events each, one of five an identify, with a context.
func sessions(from, people, each int) []*heed.Event {
	var out []*heed.Event
	for i := range each {
		for p := from; p < from+people; p++ {
			e := &heed.Event{
				Type: heed.Track, Public: true, MessageID: fmt.Sprintf("m-%d-%d-%d", from, p, i), Source: "web", Name: "Product Viewed",
				Timestamp: start + heed.Time(i*1000), ReceivedAt: start + heed.Time(i*1000), UserID: fmt.Sprintf("user-%d", p),
				AnonymousID: fmt.Sprintf("8c7f1a52-8d31-4a53-9d7e-%012d", p), Touchpoint: "Shop", Channel: "web", Direction: heed.Inbound,
				Properties: heed.RawJSON(`{"product_id":"P-1029","category":"lamps","price":49.9,"currency":"EUR"}`),
				Context:    heed.RawJSON(`{"page":{"path":"/lamps/1029","referrer":"https://example.com/"},"userAgent":"Mozilla/5.0 (X11; Linux x86_64)","locale":"pt-PT","timezone":"Europe/Lisbon","library":{"name":"analytics.js","version":"2.1.0"}}`),
			}
			if i%5 == 0 {
				e.Type, e.Name = heed.Identify, ""
				e.Properties = heed.RawJSON(`{"email":"someone@example.com","first_name":"Ana","plan":"gold","age":41}`)
			}
			out = append(out, e)
		}
	}
	return out
}

func open(b testing.TB, stages ...func(*slog.Logger) stream.Stage) *stream.Engine {
	// As in production: with the usual page cache.
	d, err := db.Open(context.Background(), "sqlite:"+filepath.Join(b.TempDir(), "state.db"), db.Options{Queries: append(queries(), spec.Queries)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = d.Close() })
	g := &stream.Engine{DB: d, Clock: clock.NewVirtual(start)}
	for _, s := range stages {
		g.Stages = append(g.Stages, s(slog.New(slog.DiscardHandler)))
	}
	return g
}

// cpuTime is what the process has used so far, in nanoseconds: it tells more than the clock on a busy machine.
func cpuTime() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

func newIdentity(l *slog.Logger) stream.Stage { return identity.New(l) }
func newProfile(l *slog.Logger) stream.Stage  { return profile.New(l) }

func benchmark(b *testing.B, stages ...func(*slog.Logger) stream.Stage) {
	const people, each, all = 500, 10, 20_000
	g := open(b, stages...)
	ctx := context.Background()
	for from := 0; from < all; from += 2000 {
		if err := g.Process(ctx, sessions(from, 2000, 1), nil); err != nil {
			b.Fatal(err)
		}
	}
	batches := make([][]*heed.Event, all/people)
	for i := range batches {
		batches[i] = sessions(i*people, people, each)
	}
	b.ReportAllocs()
	n, cpu := 0, cpuTime()
	for b.Loop() {
		if err := g.Process(ctx, batches[n%len(batches)], nil); err != nil {
			b.Fatal(err)
		}
		n++
	}
	b.ReportMetric(float64(cpuTime()-cpu)/float64(n)/(people*each), "cpu-ns/event")
}

// BenchmarkIdentity finds the people of 5,000 events of 500 known people.
func BenchmarkIdentity(b *testing.B) { benchmark(b, newIdentity) }

// BenchmarkIdentityAndProfile is the same with their memory loaded, folded and written.
func BenchmarkIdentityAndProfile(b *testing.B) { benchmark(b, newIdentity, newProfile) }

// written is how many bytes the process has handed to the kernel so far: the write-ahead log and its checkpoints, which
// the noise of a busy machine does not touch. 0 where the kernel does not say.
func written() int64 {
	text, err := os.ReadFile("/proc/self/io")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if n, ok := strings.CutPrefix(line, "wchar: "); ok {
			v, _ := strconv.ParseInt(strings.TrimSpace(n), 10, 64)
			return v
		}
	}
	return 0
}

// BenchmarkNewPeople takes in strangers: every event a new user id and a new anonymous id. The store grows meanwhile, so
// compare runs of the same -benchtime Nx only.
func BenchmarkNewPeople(b *testing.B) {
	g := open(b, newIdentity, newProfile)
	n, cpu, out := 0, int64(0), written()
	b.ReportAllocs()
	for b.Loop() {
		events := sessions(1_000_000+n*5000, 5000, 1)
		for i, e := range events {
			e.ReceivedAt += heed.Time(n*1_000_000 + i*20)
		}
		began := cpuTime()
		if err := g.Process(context.Background(), events, nil); err != nil {
			b.Fatal(err)
		}
		cpu += cpuTime() - began
		n++
	}
	b.ReportMetric(float64(cpu)/float64(n)/5000, "cpu-ns/event")
	b.ReportMetric(float64(written()-out)/float64(n)/5000, "written-B/event")
}

// TestAllocations holds the hot path to its budget: an event of somebody known costs identity no allocation of its own;
// what remains is the look-up of each person's two identifiers.
func TestAllocations(t *testing.T) {
	g := open(t, newIdentity)
	ctx := context.Background()
	events := sessions(0, 100, 10)
	if err := g.Process(ctx, events, nil); err != nil {
		t.Fatal(err)
	}
	stage := g.Stages[0]
	var perBatch float64
	err := g.DB.Write(ctx, func(tx db.Tx) error {
		perBatch = testing.AllocsPerRun(10, func() {
			b := &stream.Batch{Now: start, Events: events, People: map[heed.ID]*heed.Person{}}
			if err := stage.Begin(ctx, tx, b); err != nil {
				t.Fatal(err)
			}
			if err := stage.Flush(ctx, tx, b); err != nil {
				t.Fatal(err)
			}
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if perEvent := perBatch / float64(len(events)); perEvent > 8 {
		t.Errorf("%.1f allocations an event with 10 events a person, the budget is 8", perEvent)
	} else {
		t.Logf("%.2f allocations an event", perEvent)
	}
}
