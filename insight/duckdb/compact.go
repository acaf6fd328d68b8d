package duckdb

import (
	"context"

	"github.com/duckdb/duckdb-go/v2/mapping"
)

// compaction lists the statements that write the tables anew, in the order of arrival. Ordering events by key as well
// was measured and brought nothing: the events of a session lie together anyway, which is what a scan for one key
// lives on.
func compaction() []string {
	return []string{
		eventTable("compacted"),
		`INSERT INTO compacted SELECT * FROM event`,
		`DROP TABLE event`,
		`ALTER TABLE compacted RENAME TO event`,
		keymapTable("ordered"),
		`INSERT INTO ordered SELECT * FROM keymap ORDER BY key`,
		`DROP TABLE keymap`,
		`ALTER TABLE ordered RENAME TO keymap`,
	}
}

// Compact implements insight.Store. The place of deleted rows is free for new ones only when the rows around them have
// been written anew, so everything is: that takes minutes, and up to twice the space, for tens of millions of rows.
// DuckDB does not make the file smaller; it fills the free blocks first. Questions are answered meanwhile; the
// follower waits.
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
	for _, sql := range compaction() {
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
	s.pack = pack{}
	return w.exec("CHECKPOINT")
}
