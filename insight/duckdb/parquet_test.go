package duckdb

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/heedcx/heed/insight/enginetest"
)

// What was written is read by DuckDB itself.
func TestParquet(t *testing.T) {
	s := openTest(t, filepath.Join(t.TempDir(), "history.duckdb"))
	enginetest.Parquet(t, s, func(t *testing.T, file []byte, selected string) [][]string {
		dir, err := os.MkdirTemp(s.exports, "t")
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "table.parquet")
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		rows, err := s.readers.QueryContext(t.Context(), "SELECT "+selected+" FROM read_parquet("+sqlText(path)+", file_row_number = true) ORDER BY file_row_number")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		return cellsOf(t, rows)
	})
}

func cellsOf(t *testing.T, rows *sql.Rows) (out [][]string) {
	t.Helper()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		cells, into := make([]any, len(names)), make([]any, len(names))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		var line []string
		for _, c := range cells {
			line = append(line, enginetest.Cell(c))
		}
		out = append(out, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
