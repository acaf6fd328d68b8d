package duckdb

import (
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/insight/enginetest"
)

func openTest(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestConformance(t *testing.T) {
	enginetest.Run(t, func(t *testing.T) insight.Store { return openTest(t, filepath.Join(t.TempDir(), "history.db")) })
}
