//go:build linux || darwin

package duckdb

import (
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/heedcx/heed/insight/enginetest"
)

// When the disk is full nothing is half there, and when there is room again history goes on by itself.
func TestDiskFull(t *testing.T) {
	s := openTest(t, filepath.Join(t.TempDir(), "history.db"))
	f := enginetest.CrashFollower(t, s)
	t.Cleanup(func() { _ = f.Close() })
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	defer limitFiles(t, 0)
	limitFiles(t, 2<<20)
	full := f.CatchUp(t.Context())
	again := f.CatchUp(t.Context())
	limitFiles(t, 0)
	if full == nil || again == nil {
		t.Fatalf("the limit did not bite: %v, %v", full, again)
	}
	if err := f.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	check := func() {
		t.Helper()
		var n, distinct int64
		err := s.each(t.Context(), "SELECT count(*), count(DISTINCT (part, seq, idx)) FROM event", nil, func(r *rows) error { return r.Scan(&n, &distinct) })
		if err != nil || n != enginetest.CrashRecords*enginetest.CrashEvents || distinct != n {
			t.Errorf("%d rows, %d distinct, %v", n, distinct, err)
		}
	}
	check()
	// The same while DuckDB moves its log into the file, after which it takes nothing more until it is opened again.
	limitFiles(t, 1<<20)
	full, again = s.Compact(t.Context()), s.writer.exec("FORCE CHECKPOINT")
	limitFiles(t, 0)
	if full == nil || again == nil {
		t.Fatalf("the limit did not bite: %v, %v", full, again)
	}
	t.Logf("%v; %v", full, again)
	if err := f.Rewind(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := f.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	check()
}

// limitFiles makes writes beyond a size fail as a full disk does; 0 lifts the limit.
func limitFiles(t *testing.T, size uint64) {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	if limit.Cur = size; size == 0 {
		limit.Cur = limit.Max
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
}
