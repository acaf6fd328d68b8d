package duckdb

import (
	"bytes"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/insight/enginetest"
)

// TestCommitsOfWhatThereIsRoomForLeaveNoSmallGroups: a checkpoint finds nothing to bring together, and so writes nothing
// but the last group again.
func TestCommitsOfWhatThereIsRoomForLeaveNoSmallGroups(t *testing.T) {
	var said bytes.Buffer
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "history.db"), Options{Logger: slog.New(slog.NewTextHandler(&said, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	const record = 500
	all := enginetest.TimingEvents(record, 1)
	keys := make([]heed.ID, len(all))
	seq := uint64(0)
	commit := func(most int) {
		for rows := 0; rows < min(most, s.Room()); rows += record {
			seq++
			if err := s.Append(t.Context(), insight.Rows{Seq: seq, Events: all, Keys: keys}); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Commit(t.Context(), insight.Commit{Positions: insight.Positions{0: seq}}); err != nil {
			t.Fatal(err)
		}
	}
	// Somebody asks a long question meanwhile.
	asks, err := s.readers.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = asks.Rollback() }()
	if _, err := asks.ExecContext(t.Context(), "SELECT count(*) FROM event"); err != nil {
		t.Fatal(err)
	}
	// Many rows, then few, then many again.
	for _, most := range []int{1 << 30, 1 << 30, 50_000, 50_000, 50_000, 1 << 30, 1 << 30} {
		commit(most)
	}
	groups := 0
	err = s.each(t.Context(), `SELECT sum(count) FROM pragma_storage_info('event') WHERE column_name = 'ts' AND segment_type <> 'VALIDITY'
		GROUP BY row_group_id ORDER BY row_group_id DESC OFFSET 1`, nil, func(r *rows) error {
		var n int
		groups++
		if err := r.Scan(&n); err == nil && n < rowGroup-spare {
			return fmt.Errorf("there is a group of %d rows", n)
		}
		return nil
	})
	if err != nil || groups < 6 || said.Len() > 0 {
		t.Errorf("%d groups: %v %s", groups, err, said.String())
	}
}
