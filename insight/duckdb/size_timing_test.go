package duckdb

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/insight/enginetest"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/stream"
)

// sizedReader makes records of 500 events: sessions of ten by a million users, and one user with an event in every
// tenth record.
type sizedReader struct {
	stream.Reader
	events  []heed.Event
	at, end uint64
}

func (r *sizedReader) Close() {}

func sizedUser(session uint64) string {
	h := session * 0x9E3779B97F4A7C15
	return fmt.Sprint("user-", (h^h>>29)%1_000_000)
}

func (r *sizedReader) Next(ctx context.Context, _ int, _ time.Duration) ([]stream.Record, error) {
	if r.at >= r.end {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	r.at++
	env := []byte{1}
	for i := range uint64(500) {
		n := r.at*500 + i
		e := r.events[(n*7919)%uint64(len(r.events))]
		e.UserID = sizedUser(n / 10)
		if i == 250 && r.at%10 == 0 {
			e.UserID = "busy"
		}
		e.Timestamp = enginetest.Epoch + heed.Time(n*1000)
		e.ReceivedAt = e.Timestamp + 70
		e.MessageID = heed.MakeID(e.Timestamp, [10]byte{byte(n), byte(n >> 8), byte(n >> 16), byte(n >> 24), byte(n * 31)}).String()
		env = stream.AppendEvent(env, &e)
	}
	return []stream.Record{{Seq: r.at, At: enginetest.Epoch, Data: env}}, nil
}

type sizedLog struct {
	loopLog
	events []heed.Event
}

func (l *sizedLog) Read(ctx context.Context, topic stream.Topic, part int, after uint64) (stream.Reader, error) {
	if topic == stream.Facts {
		return l.Log.Read(ctx, topic, part, after)
	}
	return &sizedReader{events: l.events, at: after, end: l.records}, nil
}

// TestAtSize fills a file with HEED_TEST_HISTORY_ROWS rows (20000000, say) and prints how long the questions take. It
// is for docs/insight.md, not for CI; HEED_TEST_HISTORY_FILE keeps the file.
func TestAtSize(t *testing.T) {
	size, err := strconv.Atoi(os.Getenv("HEED_TEST_HISTORY_ROWS"))
	if err != nil {
		t.Skip("set HEED_TEST_HISTORY_ROWS to measure at size")
	}
	path := os.Getenv("HEED_TEST_HISTORY_FILE")
	if path == "" {
		path = filepath.Join(t.TempDir(), "history.db")
	}
	took := func(what string, f func() error) {
		t.Helper()
		start := time.Now()
		if err := f(); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		t.Logf("%-50s %8.1f ms", what, float64(time.Since(start).Microseconds())/1000)
	}
	s := openTest(t, path)
	log := &sizedLog{loopLog: loopLog{Log: enginetest.NewLog(1), records: uint64(size / 500)}, events: timingEvents(100_000, 1)}
	feed := &enginetest.Feed{}
	for i := range 1_000_000 {
		k := enginetest.UserKey(fmt.Sprint("user-", i))
		feed.Put(insight.KeyChange{Key: k, Person: k})
	}
	f, err := insight.NewFollower(insight.Config{Log: log, Sink: s, Key: enginetest.KeyOf, Keys: feed, Dropped: enginetest.Dropped{},
		Clock: clock.NewVirtual(enginetest.Epoch), Logger: slogDiscard(), Committed: func(int) uint64 { return math.MaxUint64 }})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := f.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d rows in %s, %.0f rows/s, the making of them included", size, time.Since(start), float64(size)/time.Since(start).Seconds())
	_ = f.Close()
	took("checkpoint", func() error { return s.writer.exec("CHECKPOINT") })
	t.Logf("%d MB, %.0f bytes a row", s.size()>>20, float64(s.size())/float64(size))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	took("open", func() (err error) {
		s, err = Open(t.Context(), path, Options{Logger: slogDiscard(), Threads: threadsFromEnv()})
		return err
	})
	defer func() { _ = s.Close() }()
	timeline := func(f insight.Filter, users ...string) func() error {
		return func() error {
			var keys []heed.ID
			for _, u := range users {
				keys = append(keys, enginetest.UserKey(u))
			}
			page, err := s.Timeline(t.Context(), keys, f, 50)
			t.Logf("  %d entries", len(page.Entries))
			return err
		}
	}
	took("a person's timeline, first question", timeline(insight.Filter{}, sizedUser(1)))
	took("a person's timeline", timeline(insight.Filter{}, sizedUser(7)))
	took("a person's timeline", timeline(insight.Filter{}, sizedUser(77777)))
	took("a person with five keys", timeline(insight.Filter{}, sizedUser(1), sizedUser(2), sizedUser(3), sizedUser(4), sizedUser(5)))
	took("a person with an event in every tenth record", timeline(insight.Filter{}, "busy"))
	took("the same, orders only", timeline(insight.Filter{Names: []string{"Order Completed"}}, "busy"))
	took("a person's last day", timeline(insight.Filter{From: enginetest.Epoch + heed.Time(size-size/20)*1000}, sizedUser(uint64(size/10-5))))
	took("keys of a person", func() error { _, err := s.Keys(t.Context(), enginetest.UserKey(sizedUser(1))); return err })
	took("catalogue", func() error { _, err := s.Catalogue(t.Context()); return err })
	took("count by day", func() error {
		_, err := s.CountBy(t.Context(), insight.CountQuery{By: insight.ByDay, Zone: "Europe/Lisbon"})
		return err
	})
	took("count by name", func() error { _, err := s.CountBy(t.Context(), insight.CountQuery{By: insight.ByName}); return err })
	took("people by day", func() error {
		_, err := s.CountBy(t.Context(), insight.CountQuery{By: insight.ByDay, Zone: "Europe/Lisbon", People: true})
		return err
	})
	took("count of one name by day", func() error {
		_, err := s.CountBy(t.Context(), insight.CountQuery{By: insight.ByDay, Filter: insight.Filter{Names: []string{"Order Completed"}}})
		return err
	})
	took("counters of one condition, everyone", func() error {
		n := 0
		err := s.each(t.Context(), `SELECT e.key, count(*), min(e.ts), max(e.ts), max(e.ts, 3) FROM event e WHERE e.name = 'Order Completed'
			AND CAST(json_extract_string(e.properties, '$.revenue') AS DOUBLE) > 100 GROUP BY e.key`, nil, func(*rows) error { n++; return nil })
		t.Logf("  %d people", n)
		return err
	})
	if os.Getenv("HEED_TEST_HISTORY_COMPACT") != "" {
		took("compact", func() error { return s.Compact(t.Context()) })
		t.Logf("%d MB", s.size()>>20)
		took("a person's timeline, compacted", timeline(insight.Filter{}, sizedUser(7)))
		took("a person with five keys, compacted", timeline(insight.Filter{}, sizedUser(1), sizedUser(2), sizedUser(3), sizedUser(4), sizedUser(5)))
	}
	took("stats", func() error { _, err := s.Stats(t.Context()); return err })
	took("export of one name of the last 1%, Parquet", func() error {
		_, err := s.Export(t.Context(), io.Discard, insight.Parquet, insight.Filter{Names: []string{"Order Completed"}, From: enginetest.Epoch + heed.Time(size-size/100)*1000}, nil)
		return err
	})
}

func threadsFromEnv() int {
	n, _ := strconv.Atoi(os.Getenv("HEED_TEST_HISTORY_THREADS"))
	return n
}
