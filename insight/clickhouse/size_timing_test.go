package clickhouse

import (
	"testing"

	"github.com/heedcx/heed/insight/enginetest"
	"github.com/heedcx/heed/internal/testx"
)

// TestAtSize fills a database and prints how long the questions take, also when the server has merged all parts.
func TestAtSize(t *testing.T) {
	size := enginetest.Size(t)
	s := openTest(t, testx.NewClickHouse(t))
	enginetest.Fill(t, s, size)
	st, err := s.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d MB, %.0f bytes a row", st.Bytes>>20, float64(st.Bytes)/float64(size))
	enginetest.Ask(t, s, size)
	enginetest.Took(t, "merge everything", func() error { return s.exec(t.Context(), longTime, "OPTIMIZE TABLE event_log FINAL") })
	enginetest.Ask(t, s, size)
}
