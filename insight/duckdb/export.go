package duckdb

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
)

// exportTime bounds an export.
const exportTime = time.Hour

// progressEvery is how many rows lie between two calls of progress.
const progressEvery = 10_000

// Export implements insight.History. A person's events carry the person that they belong to now.
func (s *Store) Export(ctx context.Context, w io.Writer, format insight.Format, f insight.Filter, progress func(done, total int64)) (int64, error) {
	s.use.RLock()
	defer s.use.RUnlock()
	if s.readers == nil {
		return 0, errClosed()
	}
	ctx, cancel := context.WithTimeout(ctx, exportTime)
	defer cancel()
	if progress == nil {
		progress = func(int64, int64) {}
	}
	cond := conditions(f)
	var total int64
	err := s.eachOn(ctx, s.readers, "SELECT count(*) FROM event e"+cond.where(), cond.args, func(r *rows) error { return r.Scan(&total) })
	if err != nil {
		return 0, err
	}
	progress(0, total)
	if format == insight.Parquet {
		if err := s.exportParquet(ctx, w, f); err != nil {
			return 0, err
		}
		progress(total, total)
		return total, nil
	}
	out, err := insight.NewTextExport(w, format)
	if err != nil {
		return 0, err
	}
	return s.exportText(ctx, out, cond, func(done int64) { progress(done, max(done, total)) })
}

const exportFrom = ` FROM event e LEFT JOIN keymap k ON k.key = e.key`

func (s *Store) exportText(ctx context.Context, out *insight.TextExport, cond *where, progress func(done int64)) (n int64, err error) {
	sql := "SELECT " + entryColumns + ", k.person" + exportFrom + cond.where() + " ORDER BY e.ts, e.part, e.seq, e.idx"
	err = s.eachOn(ctx, s.readers, sql, cond.args, func(r *rows) error {
		var e insight.Entry
		var person heed.ID
		if err := scanEntry(r, &e, &person); err != nil {
			return err
		}
		if n++; n%progressEvery == 0 {
			progress(n)
		}
		return out.Put(&e, person)
	})
	if err == nil {
		err = out.Flush()
	}
	progress(n)
	return n, err
}

// exportParquet lets DuckDB write the file, in the one folder where it may, and passes it on.
func (s *Store) exportParquet(ctx context.Context, w io.Writer, f insight.Filter) error {
	dir, err := os.MkdirTemp(s.exports, "p")
	if err != nil {
		return fmt.Errorf("insight/duckdb: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "events.parquet")
	cond := conditions(f)
	sql := fmt.Sprintf(`COPY (SELECT k.person, make_timestamptz(e.ts) AS at, make_timestamptz(e.received) AS received, e.type, e.name, e.source, e.touchpoint, e.channel,
		e.direction, e.department, e.message_id, e.properties, e.context%s%s ORDER BY e.ts, e.part, e.seq, e.idx)
		TO '%s' (FORMAT parquet, COMPRESSION zstd)`, exportFrom, cond.inline(), file)
	if _, err := s.readers.ExecContext(ctx, sql); err != nil {
		return s.failed(ctx, "export", err)
	}
	r, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("insight/duckdb: %w", err)
	}
	defer func() { _ = r.Close() }()
	_, err = io.Copy(w, r)
	return err
}
