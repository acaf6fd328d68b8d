package clickhouse

import (
	"log/slog"
	"testing"

	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/insight/enginetest"
	"github.com/heedcx/heed/internal/testx"
)

func openTest(t testing.TB, url string) *Store {
	t.Helper()
	s, err := Open(t.Context(), url, Options{Logger: slogDiscard()})
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
	enginetest.Run(t, func(t *testing.T) insight.Store { return openTest(t, testx.NewClickHouse(t)) })
}

func slogDiscard() *slog.Logger { return slog.New(slog.DiscardHandler) }
