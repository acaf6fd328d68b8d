package duckdb

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Parquet implements insight.Store. Rows lie in the one folder where the engine may read and write.
func (s *Store) Parquet(ctx context.Context, columns [][2]string, rows io.Reader, w io.Writer) error {
	s.use.RLock()
	defer s.use.RUnlock()
	if s.readers == nil {
		return errClosed()
	}
	ctx, cancel := context.WithTimeout(ctx, exportTime)
	defer cancel()
	dir, err := os.MkdirTemp(s.exports, "t")
	if err != nil {
		return fmt.Errorf("insight/duckdb: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	in, out := filepath.Join(dir, "rows.ndjson"), filepath.Join(dir, "rows.parquet")
	if err := keep(in, rows); err != nil {
		return fmt.Errorf("insight/duckdb: %w", err)
	}
	types := make([]string, len(columns))
	for i, c := range columns {
		types[i] = sqlText(c[0]) + ": " + sqlText(c[1])
	}
	sql := fmt.Sprintf("COPY (SELECT * FROM read_json(%s, format = 'newline_delimited', columns = {%s}, maximum_object_size = 16777216)) TO %s (FORMAT parquet, COMPRESSION zstd)",
		sqlText(in), strings.Join(types, ", "), sqlText(out))
	if _, err := s.readers.ExecContext(ctx, sql); err != nil {
		return s.failed(ctx, "parquet", err)
	}
	r, err := os.Open(out)
	if err != nil {
		return fmt.Errorf("insight/duckdb: %w", err)
	}
	defer func() { _ = r.Close() }()
	_, err = io.Copy(w, r)
	return err
}

func keep(path string, rows io.Reader) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if _, err = io.Copy(f, rows); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

func sqlText(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
