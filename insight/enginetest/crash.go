package enginetest

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/stream"
)

// What a test follows whose process is killed.
const (
	CrashRecords = 400
	CrashEvents  = 250 // per record
)

// crashLog is the same log in every process.
func crashLog(t testing.TB) *Log {
	log := NewLog(2)
	for i := range CrashRecords {
		events := make([]heed.Event, CrashEvents)
		for j := range events {
			at := Epoch + heed.Time(i*CrashEvents+j)
			events[j] = heed.Event{Type: heed.Track, UserID: fmt.Sprint("u", j), Name: "Order Completed", Timestamp: at, ReceivedAt: at,
				Properties: heed.RawJSON(`{"revenue":12.5,"note":"the customer was in a hurry and paid in cash"}`)}
		}
		if _, err := log.Append(t.Context(), stream.Events, i%2, Envelope(events...)); err != nil {
			t.Fatal(err)
		}
	}
	return log
}

// CrashFollower follows the same log, in commits of 3,000 rows, in every process.
func CrashFollower(t testing.TB, sink insight.Sink) *insight.Follower {
	feed := &Feed{}
	for j := range CrashEvents {
		feed.Put(insight.KeyChange{Key: UserKey(fmt.Sprint("u", j)), Person: PersonID(j)})
	}
	f, err := insight.NewFollower(insight.Config{Log: crashLog(t), Sink: sink, Key: KeyOf, Keys: feed, Dropped: Dropped{},
		Clock: clock.NewVirtual(Epoch), Logger: slog.New(slog.DiscardHandler), MaxRows: 3000,
		Committed: func(int) uint64 { return math.MaxUint64 }})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Telling says on standard output what it does, so that the parent can kill it in the middle.
type Telling struct{ insight.Sink }

// Append implements insight.Sink.
func (s Telling) Append(ctx context.Context, r insight.Rows) error {
	fmt.Println("append")
	return s.Sink.Append(ctx, r)
}

// Commit implements insight.Sink.
func (s Telling) Commit(ctx context.Context, c insight.Commit) error {
	fmt.Println("commit")
	return s.Sink.Commit(ctx, c)
}
