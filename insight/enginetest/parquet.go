package enginetest

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed/insight"
)

// Cell is a value of an engine's as text, '-' for NULL.
func Cell(v any) string {
	switch v := v.(type) {
	case nil:
		return "-"
	case time.Time:
		return v.UTC().Format("2006-01-02 15:04:05.999999")
	}
	return fmt.Sprint(v)
}

// Parquet writes a table, and reads it with read, which gives the cells (see Cell) of a file row by row
// as the engine's SQL has them under the given select list.
func Parquet(t *testing.T, s insight.Store, read func(t *testing.T, file []byte, selected string) [][]string) {
	columns := [][2]string{{"id", "VARCHAR"}, {"trait_a.b \"`", "VARCHAR"}, {"orders", "BIGINT"}, {"revenue", "DOUBLE"}, {"at", "TIMESTAMPTZ"}, {"dry", "BOOLEAN"}}
	lines := []string{
		`{"id":"1","trait_a.b \"` + "`" + `":"it's; a \\ \"Größe\"\nline","orders":9007199254740993,"revenue":1.5,"at":"2026-01-02T03:04:05.678901Z","dry":true}`,
		`{"dry":false,"id":"2","trait_a.b \"` + "`" + `":null,"orders":-1,"revenue":0,"at":null}`,
		`{"id":"3","trait_a.b \"` + "`" + `":{"a":[1,2]},"more":1}`,
		`{"id":"4","trait_a.b \"` + "`" + `":"","orders":0,"revenue":-2,"at":"1969-12-31T23:59:59Z","dry":null}`,
	}
	want := [][]string{
		{"1", "it's; a \\ \"Größe\"\nline", "9007199254740993", "1.5", "2026-01-02 03:04:05.678901", "true"},
		{"2", "-", "-1", "0", "-", "false"},
		{"3", `{"a":[1,2]}`, "-", "-", "-", "-"},
		{"4", "", "0", "-2", "1969-12-31 23:59:59", "-"},
	}
	var selected []string
	for _, c := range columns {
		name := `"` + strings.ReplaceAll(c[0], `"`, `""`) + `"`
		selected = append(selected, name)
	}
	var file bytes.Buffer
	if err := s.Parquet(t.Context(), columns, strings.NewReader(strings.Join(lines, "\n")+"\n"), &file); err != nil {
		t.Fatal(err)
	}
	got := read(t, file.Bytes(), strings.Join(selected, ", "))
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}

	// More than one piece, in its order; and nothing at all.
	const many = 200_000
	var big bytes.Buffer
	for i := range many {
		fmt.Fprintf(&big, "{\"id\":\"%08d\",\"orders\":%d}\n", i, i)
	}
	file.Reset()
	if err := s.Parquet(t.Context(), [][2]string{{"id", "VARCHAR"}, {"orders", "BIGINT"}}, &big, &file); err != nil {
		t.Fatal(err)
	}
	rows := read(t, file.Bytes(), "id, orders")
	if len(rows) != many {
		t.Fatalf("%d rows", len(rows))
	}
	for i, r := range rows {
		if r[0] != fmt.Sprintf("%08d", i) || r[1] != fmt.Sprint(i) {
			t.Fatalf("row %d: %q", i, r)
		}
	}
	file.Reset()
	if err := s.Parquet(t.Context(), columns, strings.NewReader(""), &file); err != nil {
		t.Fatal(err)
	}
	if rows := read(t, file.Bytes(), strings.Join(selected, ", ")); len(rows) != 0 {
		t.Errorf("nothing is %q", rows)
	}
}
