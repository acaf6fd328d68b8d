package duckdb

import (
	"context"
	"crypto/sha256"
	"database/sql"
	sqldriver "database/sql/driver"
	"fmt"
	"log/slog"
	"math"
	"path/filepath"
	"testing"
	"time"

	driver "github.com/duckdb/duckdb-go/v2"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/insight/enginetest"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/stream"
)

// loopLog is a log that repeats the same envelopes up to a number of records.
type loopLog struct {
	stream.Log
	envelopes [][]byte
	records   uint64
}

func (l *loopLog) Partitions() int { return 1 }

func (l *loopLog) Last(_ context.Context, topic stream.Topic, _ int) (uint64, error) {
	if topic == stream.Facts {
		return 0, nil
	}
	return l.records, nil
}

func (l *loopLog) Read(ctx context.Context, topic stream.Topic, part int, after uint64) (stream.Reader, error) {
	if topic == stream.Facts {
		return l.Log.Read(ctx, topic, part, after)
	}
	return &loopReader{log: l, at: after}, nil
}

type loopReader struct {
	stream.Reader
	log *loopLog
	at  uint64
}

func (r *loopReader) Close() {}

// BenchmarkFollow carries envelopes of 500 events through the whole follower into a file: decode, key, append,
// commit. The events of a record repeat every 200 records, so the disk figure flatters; see docs/insight.md.
func BenchmarkFollow(b *testing.B) {
	log := &loopLog{Log: enginetest.NewLog(1)}
	all := enginetest.TimingEvents(100_000, 1)
	bytes := 0
	for i := 0; i < len(all); i += 500 {
		env := enginetest.Envelope(all[i : i+500]...)
		bytes += len(env)
		log.envelopes = append(log.envelopes, env)
	}
	for _, rows := range []int{0, 20_000} { // 0: what the store has room for
		b.Run(fmt.Sprint("commit-", rows), func(b *testing.B) {
			s, err := Open(b.Context(), filepath.Join(b.TempDir(), "history.db"), Options{Logger: slogDiscard()})
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			log.records = uint64((b.N + 499) / 500)
			f, err := insight.NewFollower(insight.Config{Log: log, Sink: s, Key: enginetest.KeyOf, Keys: &enginetest.Feed{}, Dropped: enginetest.Dropped{},
				Clock: clock.NewVirtual(enginetest.Epoch), Logger: slog.New(slog.DiscardHandler), MaxRows: rows, Committed: func(int) uint64 { return math.MaxUint64 }})
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = f.Close() }()
			b.ReportAllocs()
			b.SetBytes(int64(bytes / len(all)))
			b.ResetTimer()
			if err := f.CatchUp(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(log.records*500)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(float64(s.size())/float64(log.records*500), "diskbytes/row")
		})
	}
}

// BenchmarkDriverAppender is the driver's own Appender on the same rows: what chunk.go is measured against.
func BenchmarkDriverAppender(b *testing.B) {
	events := enginetest.TimingEvents(100_000, 1)
	s, err := Open(b.Context(), filepath.Join(b.TempDir(), "history.db"), Options{Logger: slogDiscard()})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	conn, err := s.readers.Conn(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	b.ReportAllocs()
	b.ResetTimer()
	for done := 0; done < b.N; {
		n := min(122_880, b.N-done)
		if err := appendByDriver(b.Context(), conn, events, n); err != nil {
			b.Fatal(err)
		}
		done += n
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func appendByDriver(ctx context.Context, conn *sql.Conn, events []heed.Event, n int) error {
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return err
	}
	err := conn.Raw(func(c any) error {
		a, err := driver.NewAppenderFromConn(c.(sqldriver.Conn), "", "event")
		if err != nil {
			return err
		}
		for i := range n {
			e := &events[i%len(events)]
			k := driver.UUID(enginetest.UserKey(e.UserID))
			if err := a.AppendRow(k, int64(e.Timestamp), int64(e.ReceivedAt), e.Type.String(), e.Name, e.Source, e.Touchpoint, e.Channel, string(e.Direction),
				e.Department, []byte(e.Properties), []byte(e.Context), e.MessageID, int32(0), int64(i), int32(e.Index), nil); err != nil {
				return err
			}
		}
		return a.Close()
	})
	if err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, "COMMIT")
	return err
}

// A row costs no allocation on its way into a chunk.
func TestAppendAllocatesNothingPerRow(t *testing.T) {
	s := openTest(t, filepath.Join(t.TempDir(), "history.db"))
	events := enginetest.TimingEvents(vectorSize/2, 3) // so that every second run hands a chunk over
	rows := insight.Rows{Events: events, Keys: make([]heed.ID, len(events))}
	for i := range events {
		rows.Keys[i] = enginetest.UserKey(events[i].UserID)
	}
	got := testing.AllocsPerRun(20, func() {
		if err := s.Append(t.Context(), rows); err != nil {
			t.Fatal(err)
		}
	})
	if got > 4 {
		t.Errorf("%.0f allocations for %d rows, want at most 4", got, len(events))
	}
}

func (r *loopReader) Next(ctx context.Context, most int, wait time.Duration) ([]stream.Record, error) {
	var out []stream.Record
	for len(out) < most && r.at < r.log.records {
		r.at++
		out = append(out, stream.Record{Seq: r.at, At: enginetest.Epoch, Data: r.log.envelopes[r.at%uint64(len(r.log.envelopes))]})
	}
	if len(out) > 0 {
		return out, nil
	}
	<-ctx.Done()
	return nil, ctx.Err()
}

// BenchmarkKeys takes over, a commit each, the changes of a busy second among a million people who have two keys: new
// visitors, and visitors who signed in and so have become somebody else.
func BenchmarkKeys(b *testing.B) {
	for _, known := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprint(known), func(b *testing.B) {
			s, err := Open(b.Context(), filepath.Join(b.TempDir(), "history.db"), Options{Logger: slogDiscard()})
			if err != nil {
				b.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			n := uint64(0)
			key := func(kind byte, i int) (id heed.ID) {
				h := sha256.Sum256(fmt.Appendf(nil, "%c%d", kind, i))
				return heed.ID(h[:16])
			}
			commit := func(list []insight.KeyChange) {
				for i := range list {
					n++
					list[i].N = int64(n)
				}
				if err := s.Commit(b.Context(), insight.Commit{Keys: list}); err != nil {
					b.Fatal(err)
				}
			}
			for from := 0; from < known; from += 10_000 {
				var list []insight.KeyChange
				for i := from; i < from+10_000; i++ {
					list = append(list, insight.KeyChange{Key: key('u', i), Person: key('p', i)}, insight.KeyChange{Key: key('e', i), Person: key('p', i)})
				}
				commit(list)
			}
			fresh := 0
			for b.Loop() {
				var list []insight.KeyChange
				for i := range 200 {
					list = append(list, insight.KeyChange{Key: key('a', fresh+i), Person: key('v', fresh+i)})
				}
				for i := range 50 { // of the visitors of the second before
					list = append(list, insight.KeyChange{Key: key('a', fresh-200+i), Person: key('p', (fresh+i)%known)})
				}
				commit(list)
				fresh += 200
			}
		})
	}
}
