package importer

import (
	"encoding/csv"
	"errors"
	"io"
	"path/filepath"
	"strings"

	"github.com/heedcx/heed"
)

// Previewed is a line of a file's beginning and what a mapping makes of it.
type Previewed struct {
	Line    int64
	Skipped bool  // the mapping leaves it out
	Refused error // why it would be refused
	Event   heed.Event
}

// Preview says what the mapping makes of at most limit lines of sample, the beginning of the file called name. A mapping
// that does not fit the file is an error, as in [Importer.Run].
func Preview(m *Mapping, name, sample string, now heed.Time, limit int) ([]Previewed, error) {
	format := m.Format
	if format == "" {
		format = FormatOf(name)
	}
	rec, err := newRecords(m, &source{name: name, format: format, r: strings.NewReader(sample)}, now)
	if err != nil {
		return nil, err
	}
	var out []Previewed
	for len(out) < limit {
		p := Previewed{Line: rec.line + 1}
		var raw []byte
		if raw, p.Skipped, p.Refused = rec.next(&p.Event); raw == nil {
			break
		}
		// What the event holds lies in the reader's buffer.
		p.Event.Properties = append(heed.RawJSON(nil), p.Event.Properties...)
		p.Event.IDs = append([]heed.Identifier(nil), p.Event.IDs...)
		out = append(out, p)
	}
	return out, rec.lines.failed()
}

// FormatOf tells a file's format by its name: NDJSON for .ndjson, .jsonl and .json, else CSV; a final .gz does not matter.
func FormatOf(name string) string {
	switch filepath.Ext(strings.TrimSuffix(strings.ToLower(name), ".gz")) {
	case ".ndjson", ".jsonl", ".json":
		return NDJSON
	}
	return CSV
}

// DelimiterOf tells which character parts the columns of a CSV file: of those that may, the one that its first line has most.
func DelimiterOf(sample string) byte {
	line, _, _ := strings.Cut(sample, "\n")
	best, n := byte(','), strings.Count(line, ",")
	for _, d := range []byte{';', '\t', '|'} {
		if c := strings.Count(line, string(d)); c > n {
			best, n = d, c
		}
	}
	return best
}

// Table reads the header and at most limit rows of a CSV file's beginning.
func Table(sample string, delimiter byte, limit int) (header []string, rows [][]string, err error) {
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(sample, "\ufeff")))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = rune(delimiter), -1, true
	for len(rows) < limit {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return header, rows, heed.Errorf(heed.Invalid, "This cannot be read as CSV: %v", err)
		}
		if header == nil {
			header = row
			continue
		}
		rows = append(rows, row)
	}
	if header == nil {
		return nil, nil, heed.FieldErrorf("sample", "is empty")
	}
	return header, rows, nil
}
