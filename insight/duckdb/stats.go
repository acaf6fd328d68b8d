package duckdb

import (
	"context"
	"os"

	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/rule"
)

// Stats implements insight.History. Whoever is somebody has a row of their own in the key map.
func (s *Store) Stats(ctx context.Context) (insight.Stats, error) {
	var st insight.Stats
	err := s.each(ctx, `SELECT (SELECT count(*) FROM event), coalesce((SELECT min(ts) FROM event), 0), coalesce((SELECT max(ts) FROM event), 0),
		(SELECT count(*) FROM keymap WHERE NOT own), (SELECT count(*) FROM keymap WHERE own AND key = person)`, nil, func(r *rows) error {
		return r.Scan(&st.Rows, &st.First, &st.Last, &st.Keys, &st.People)
	})
	if err != nil {
		return st, err
	}
	if st.Positions, err = s.Positions(ctx); err != nil {
		return st, err
	}
	st.Bytes = s.size()
	return st, nil
}

// Positions implements insight.History.
func (s *Store) Positions(ctx context.Context) (insight.Positions, error) {
	at := insight.Positions{}
	err := s.each(ctx, "SELECT topic, part, seq FROM position", nil, func(r *rows) error {
		var topic string
		var part, seq int64
		err := r.Scan(&topic, &part, &seq)
		switch topic {
		case topicEvents:
			at[int(part)] = uint64(seq)
		case topicFacts:
			at[insight.FactsPart] = uint64(seq)
		}
		return err
	})
	return at, err
}

// Dialect implements insight.History.
func (s *Store) Dialect() rule.Dialect { return rule.DuckDB }

// size is what the file and its write-ahead log take on disk.
func (s *Store) size() (n int64) {
	for _, p := range []string{s.path, s.path + ".wal"} {
		if st, err := os.Stat(p); err == nil {
			n += st.Size()
		}
	}
	return n
}
