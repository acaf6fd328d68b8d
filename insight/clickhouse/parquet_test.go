package clickhouse

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/heedcx/heed/insight/enginetest"
	"github.com/heedcx/heed/internal/testx"
)

// What was written is read by ClickHouse itself, and of the rows nothing stays in the server.
func TestParquet(t *testing.T) {
	s := openTest(t, testx.NewClickHouse(t))
	left := func() (n int64) {
		t.Helper()
		if err := s.each(t.Context(), "SELECT count() FROM table_row", nil, func(r *row) error { return r.Scan(&n) }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	enginetest.Parquet(t, s, func(t *testing.T, file []byte, selected string) [][]string {
		path := filepath.Join(t.TempDir(), "table.parquet")
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		rows, err := s.conn.Query(t.Context(), "SELECT "+selected+" FROM file("+inText(path)+", 'Parquet') SETTINGS max_threads = 1, input_format_parquet_preserve_order = 1")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		var out [][]string
		for rows.Next() {
			var cells []any
			for _, c := range rows.ColumnTypes() {
				cells = append(cells, reflect.New(c.ScanType()).Interface())
			}
			if err := rows.Scan(cells...); err != nil {
				t.Fatal(err)
			}
			var line []string
			for _, c := range cells {
				line = append(line, enginetest.Cell(plain(c)))
			}
			out = append(out, line)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return out
	})
	if n := left(); n != 0 {
		t.Errorf("%d rows stay behind", n)
	}
	broken := errors.New("broken")
	half := io.MultiReader(strings.NewReader(strings.Repeat("{\"id\":\"1234567890\"}\n", 300_000)), failing{broken})
	if err := s.Parquet(t.Context(), [][2]string{{"id", "VARCHAR"}}, half, io.Discard); !errors.Is(err, broken) {
		t.Errorf("a table that ends in the middle: %v", err)
	}
	if n := left(); n != 0 {
		t.Errorf("%d rows of half a table stay behind", n)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
