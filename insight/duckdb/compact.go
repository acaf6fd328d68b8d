package duckdb

import (
	"context"

	"github.com/heedcx/heed"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// compaction writes the events anew. Within stretches of 30 days they are ordered by key, so that the statistics that
// DuckDB keeps of every 122,880 rows (the smallest and largest key and time) let it skip almost all of them when one
// person is asked for. What has come since lies in the order of its arrival.
var compaction = []string{
	eventTable("compacted"),
	`INSERT INTO compacted SELECT * FROM event ORDER BY ts // 2592000000000, key, ts`,
	`DROP TABLE event`,
	`ALTER TABLE compacted RENAME TO event`,
	keymapTable("ordered"),
	`INSERT INTO ordered SELECT * FROM keymap ORDER BY key`,
	`DROP TABLE keymap`,
	`ALTER TABLE ordered RENAME TO keymap`,
}

// Compact implements insight.Store. Deleted rows leave the file only when the rows around them are written anew, so
// everything is: that takes minutes, and up to twice the space, for tens of millions of rows. Questions are answered
// meanwhile; the follower waits.
func (s *Store) Compact(ctx context.Context) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.writer == nil {
		return heed.Errorf(heed.Unavailable, "The history store is closed.")
	}
	// The appenders hold on to the table.
	s.closeWriter()
	w, err := connect(s.file)
	if err == nil {
		err = s.compact(ctx, w)
		w.close()
	}
	if again := s.openWriter(); err == nil {
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
	for _, sql := range compaction {
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
