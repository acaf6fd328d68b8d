package clickhouse

import (
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/insight/enginetest"
	"github.com/heedcx/heed/internal/testx"
)

// A commit of 122,880 rows: encoded, sent, written and flushed. The engine runs on the same machine.
func BenchmarkCommit(b *testing.B) {
	s := openTest(b, testx.NewClickHouse(b))
	if _, err := s.Resume(b.Context()); err != nil {
		b.Fatal(err)
	}
	const record, records = 512, 240
	events := enginetest.TimingEvents(record*records, 1)
	keys := make([]heed.ID, len(events))
	for i := range events {
		keys[i] = enginetest.UserKey(events[i].UserID)
		events[i].Index = i % record
	}
	b.ReportAllocs()
	seq := uint64(0)
	for b.Loop() {
		for i := range records {
			seq++
			r := insight.Rows{Seq: seq, Events: events[i*record : (i+1)*record], Keys: keys[i*record : (i+1)*record]}
			if err := s.Append(b.Context(), r); err != nil {
				b.Fatal(err)
			}
		}
		if err := s.Commit(b.Context(), insight.Commit{Positions: insight.Positions{0: seq}}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*record*records/b.Elapsed().Seconds(), "rows/s")
}

// Encoding alone, which is what Heed's own process spends on a row.
func BenchmarkAppend(b *testing.B) {
	s := openTest(b, testx.NewClickHouse(b))
	if _, err := s.Resume(b.Context()); err != nil {
		b.Fatal(err)
	}
	events := enginetest.TimingEvents(500, 1)
	keys := make([]heed.ID, len(events))
	b.ReportAllocs()
	for b.Loop() {
		s.rows = s.rows[:0]
		if err := s.Append(b.Context(), insight.Rows{Seq: 1, Events: events, Keys: keys}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*500/b.Elapsed().Seconds(), "rows/s")
	b.SetBytes(int64(len(s.rows)))
}
