package duckdb

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/heedcx/heed/insight/enginetest"
)

// TestAtSize fills a file and prints how long the questions take; HEED_TEST_HISTORY_FILE keeps the file.
func TestAtSize(t *testing.T) {
	size := enginetest.Size(t)
	path := os.Getenv("HEED_TEST_HISTORY_FILE")
	if path == "" {
		path = filepath.Join(t.TempDir(), "history.db")
	}
	s := openTest(t, path)
	enginetest.Fill(t, s, size)
	enginetest.Took(t, "checkpoint", func() error { return s.writer.exec("CHECKPOINT") })
	t.Logf("%d MB, %.0f bytes a row", s.size()>>20, float64(s.size())/float64(size))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	threads, _ := strconv.Atoi(os.Getenv("HEED_TEST_HISTORY_THREADS"))
	enginetest.Took(t, "open", func() (err error) {
		s, err = Open(t.Context(), path, Options{Logger: slogDiscard(), Threads: threads})
		return err
	})
	defer func() { _ = s.Close() }()
	enginetest.Ask(t, s, size)
	if os.Getenv("HEED_TEST_HISTORY_COMPACT") != "" {
		enginetest.Took(t, "compact", func() error { return s.Compact(t.Context()) })
		t.Logf("%d MB", s.size()>>20)
		enginetest.Ask(t, s, size)
	}
}
