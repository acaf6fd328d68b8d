package duckdb

import (
	"bufio"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heedcx/heed/insight/enginetest"
)

// crashFile tells a child of this test which file to follow into.
const crashFile = "HEED_TEST_CRASH_FILE"

func TestKilledAtAnyMomentEachRowIsThereOnce(t *testing.T) {
	if path := os.Getenv(crashFile); path != "" {
		s, err := Open(t.Context(), path, Options{Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		if err := enginetest.CrashFollower(t, enginetest.Telling{Sink: s}).CatchUp(t.Context()); err != nil {
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
		lines := 1 + rand.IntN(2*enginetest.CrashRecords/rounds)
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
		f := enginetest.CrashFollower(t, s)
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
		want += int64(seq+1) / 2 * enginetest.CrashEvents // sequences are 1, 3, 5, ...
	}
	var n, distinct int64
	err = s.each(t.Context(), "SELECT count(*), count(DISTINCT (part, seq, idx)) FROM event", nil, func(r *rows) error { return r.Scan(&n, &distinct) })
	if err != nil {
		t.Fatal(err)
	}
	if n != want || distinct != n {
		t.Fatalf("round %d: %d rows, %d distinct, want %d by the positions %v", round, n, distinct, want, at.Positions)
	}
	if finish && n != enginetest.CrashRecords*enginetest.CrashEvents {
		t.Fatalf("%d rows at the end, want %d", n, enginetest.CrashRecords*enginetest.CrashEvents)
	}
	t.Logf("round %d: %d rows", round, n)
}
