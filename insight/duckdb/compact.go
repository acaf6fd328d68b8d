package duckdb

import (
	"context"
	"fmt"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// stretch is how many rows compaction orders at once: what is sorted must fit into memory and the temporary folder.
const stretch = 2_000_000

// compaction lists the statements that write the events of row numbers 0 to last anew. Each stretch is ordered by key, so that the
// statistics that DuckDB keeps of every 122,880 rows (the smallest and largest key) let it skip most of them when one
// person is asked for; the order of arrival is kept from stretch to stretch, and so are the statistics on time.
func compaction(last int64) []string {
	out := []string{eventTable("compacted")}
	for from := int64(0); from <= last; from += stretch {
		out = append(out, fmt.Sprintf("INSERT INTO compacted SELECT * FROM event WHERE rowid >= %d AND rowid < %d ORDER BY key, ts", from, from+stretch))
	}
	return append(out,
		`DROP TABLE event`,
		`ALTER TABLE compacted RENAME TO event`,
		keymapTable("ordered"),
		`INSERT INTO ordered SELECT * FROM keymap ORDER BY key`,
		`DROP TABLE keymap`,
		`ALTER TABLE ordered RENAME TO keymap`)
}

// Compact implements insight.Store. Deleted rows leave the file only when the rows around them are written anew, so
// everything is: that takes minutes, and up to twice the space, for tens of millions of rows. Questions are answered
// meanwhile; the follower waits.
func (s *Store) Compact(ctx context.Context) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writer == nil {
		return errClosed()
	}
	// The appenders hold on to the table.
	s.closeWriter()
	w, err := connect(s.file)
	if err == nil {
		err = s.compact(ctx, w)
		w.close()
	}
	if again := s.rollback(); err == nil {
		err = again
	}
	return err
}

func (s *Store) compact(ctx context.Context, w *raw) error {
	done := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		select {
		case <-ctx.Done():
			mapping.Interrupt(w.conn)
		case <-done:
		}
	}()
	err := w.exec("BEGIN TRANSACTION")
	var last int64
	if err == nil {
		last, err = w.count("SELECT coalesce(max(rowid), 0) FROM event")
	}
	for _, sql := range compaction(last) {
		if err == nil {
			err = w.exec(sql)
		}
	}
	if err == nil {
		err = w.exec("COMMIT")
	}
	close(done)
	<-stopped
	if err != nil {
		_ = w.exec("ROLLBACK")
		return s.failed(ctx, "compact", err)
	}
	return w.exec("CHECKPOINT")
}
