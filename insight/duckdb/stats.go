package duckdb

import (
	"context"
	"os"

	"github.com/heedcx/heed/insight"
)

// Stats implements insight.History.
func (s *Store) Stats(ctx context.Context) (insight.Stats, error) {
	var st insight.Stats
	err := s.each(ctx, `SELECT (SELECT count(*) FROM event), coalesce((SELECT min(ts) FROM event), 0), coalesce((SELECT max(ts) FROM event), 0),
		(SELECT count(*) FROM keymap WHERE NOT own), (SELECT count(DISTINCT person) FROM keymap)`, nil, func(r *rows) error {
		return r.Scan(&st.Rows, &st.First, &st.Last, &st.Keys, &st.People)
	})
	if err != nil {
		return st, err
	}
	at, err := s.Resume(ctx)
	if err != nil {
		return st, err
	}
	st.Positions, st.Bytes = at.Positions, s.size()
	return st, nil
}

// size is what the file and its write-ahead log take on disk.
func (s *Store) size() (n int64) {
	for _, p := range []string{s.path, s.path + ".wal"} {
		if st, err := os.Stat(p); err == nil {
			n += st.Size()
		}
	}
	return n
}
