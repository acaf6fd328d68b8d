package duckdb

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/insight/enginetest"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/stream"
)

// crashFile tells a child of this test which file to follow into.
const crashFile = "HEED_TEST_CRASH_FILE"

const (
	crashRecords = 400
	crashEvents  = 250 // per record
)

// crashLog is the same log in every process.
func crashLog(t testing.TB) *enginetest.Log {
	log := enginetest.NewLog(2)
	for i := range crashRecords {
		events := make([]heed.Event, crashEvents)
		for j := range events {
			at := enginetest.Epoch + heed.Time(i*crashEvents+j)
			events[j] = heed.Event{Type: heed.Track, UserID: fmt.Sprint("u", j), Name: "Order Completed", Timestamp: at, ReceivedAt: at,
				Properties: heed.RawJSON(`{"revenue":12.5,"note":"the customer was in a hurry and paid in cash"}`)}
		}
		if _, err := log.Append(t.Context(), stream.Events, i%2, enginetest.Envelope(events...)); err != nil {
			t.Fatal(err)
		}
	}
	return log
}

func crashFollower(t testing.TB, sink insight.Sink) *insight.Follower {
	feed := &enginetest.Feed{}
	for j := range crashEvents {
		feed.Put(insight.KeyChange{Key: enginetest.UserKey(fmt.Sprint("u", j)), Person: enginetest.PersonID(j)})
	}
	f, err := insight.NewFollower(insight.Config{Log: crashLog(t), Sink: sink, Key: enginetest.KeyOf, Keys: feed, Dropped: enginetest.Dropped{},
		Clock: clock.NewVirtual(enginetest.Epoch), Logger: slog.New(slog.DiscardHandler), MaxRows: 3000,
		Committed: func(int) uint64 { return math.MaxUint64 }})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// telling says on standard output what it does, so that the parent can kill it in the middle.
type telling struct{ insight.Sink }

func (s telling) Append(ctx context.Context, r insight.Rows) error {
	fmt.Println("append")
	return s.Sink.Append(ctx, r)
}

func (s telling) Commit(ctx context.Context, c insight.Commit) error {
	fmt.Println("commit")
	return s.Sink.Commit(ctx, c)
}

func TestKilledAtAnyMomentEachRowIsThereOnce(t *testing.T) {
	if path := os.Getenv(crashFile); path != "" {
		s, err := Open(t.Context(), path, Options{Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		if err := crashFollower(t, telling{s}).CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		return // without closing anything
	}
	path := filepath.Join(t.TempDir(), "history.db")
	rounds := 6
	for round := range rounds {
		child := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$")
		child.Env = append(os.Environ(), crashFile+"="+path)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := 1 + rand.IntN(2*crashRecords/rounds)
		for in := bufio.NewScanner(out); lines > 0 && in.Scan(); lines-- {
			if strings.Contains(in.Text(), "FAIL") {
				t.Fatal("the child failed by itself")
			}
		}
		_ = child.Process.Kill()
		_ = child.Wait()
		checkCrash(t, path, round, false)
	}
	checkCrash(t, path, rounds, true)
}

// checkCrash looks at what a killed process left, and at the end lets a follower finish the work.
func checkCrash(t *testing.T, path string, round int, finish bool) {
	t.Helper()
	s, err := Open(t.Context(), path, Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatalf("round %d: %v", round, err)
	}
	defer func() { _ = s.Close() }()
	if finish {
		f := crashFollower(t, s)
		defer func() { _ = f.Close() }()
		if err := f.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	at, err := s.Resume(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := int64(0)
	for _, seq := range at.Positions {
		want += int64(seq+1) / 2 * crashEvents // sequences are 1, 3, 5, ...
	}
	var n, distinct int64
	err = s.each(t.Context(), "SELECT count(*), count(DISTINCT (part, seq, idx)) FROM event", nil, func(r *rows) error { return r.Scan(&n, &distinct) })
	if err != nil {
		t.Fatal(err)
	}
	if n != want || distinct != n {
		t.Fatalf("round %d: %d rows, %d distinct, want %d by the positions %v", round, n, distinct, want, at.Positions)
	}
	if finish && n != crashRecords*crashEvents {
		t.Fatalf("%d rows at the end, want %d", n, crashRecords*crashEvents)
	}
	t.Logf("round %d: %d rows", round, n)
}
