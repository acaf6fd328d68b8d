package duckdb

import (
	"log/slog"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/heedcx/heed/insight/enginetest"
)

// What was stored is there after the caches were given back, and what is being written is not disturbed.
func TestShrink(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "history.db"), Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	f := enginetest.CrashFollower(t, s)
	defer func() { _ = f.Close() }()
	if err := f.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	before, err := s.Stats(t.Context())
	if err != nil || before.Rows == 0 {
		t.Fatalf("%+v, %v", before, err)
	}
	writer := s.writer
	if err := s.Shrink(t.Context()); err != nil {
		t.Fatal(err)
	}
	after, err := s.Stats(t.Context())
	after.Bytes = before.Bytes // closing the file writes a checkpoint
	if err != nil || !reflect.DeepEqual(after, before) || s.writer == writer {
		t.Errorf("%+v, were %+v, %v", after, before, err)
	}
	s.mu.Lock()
	writer, err = s.writer, s.begin()
	s.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Shrink(t.Context()); err != nil || s.writer != writer || !s.inTx {
		t.Errorf("a transaction was cut short: %v", err)
	}
}
