package importer

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/collect"
)

// records reads a file's records in its format and turns each into an event.
type records struct {
	lines  *lines
	csv    *csvReader // nil: NDJSON
	reader *reader
	line   int64 // lines taken so far
}

func newRecords(m *Mapping, src *source, now heed.Time) (*records, error) {
	r := &records{lines: newLines(src.r)}
	var columns []string
	if src.format == CSV {
		r.csv = &csvReader{lines: r.lines, delimiter: m.Delimiter}
		if columns = m.Header; len(columns) == 0 {
			var err error
			if columns, err = r.header(); err != nil {
				return nil, err
			}
		}
		r.csv.want = len(columns)
	}
	var err error
	r.reader, err = newReader(m, columns, now)
	return r, err
}

// header reads the names of the columns.
func (r *records) header() ([]string, error) {
	bad := func(format string, args ...any) ([]string, error) {
		return nil, heed.Errorf(heed.Invalid, "line 1 of the file: "+format, args...)
	}
	raw, n, err := r.csv.next()
	switch {
	case n == 0:
		return bad("the file is empty; its first line names the columns")
	case err != nil:
		return bad("%v", err)
	case checkUTF8(raw) != nil:
		return bad("%v", errUTF8)
	}
	var columns []string
	for i, f := range r.csv.fields {
		name := strings.TrimSpace(string(f))
		if i == 0 {
			name = strings.TrimPrefix(name, "\ufeff")
			name = strings.Trim(name, `"`) // a byte order mark hides the quote
		}
		if name == "" || slices.Contains(columns, name) {
			return bad("column %d has no name of its own: %q", i+1, name)
		}
		columns = append(columns, name)
	}
	r.take(n)
	return columns, nil
}

func (r *records) take(n int) {
	r.lines.take(n)
	r.line += int64(n)
}

// skipTo passes over the lines that an earlier run has done.
func (r *records) skipTo(line int64) error {
	for r.line < line {
		if _, ok := r.lines.peek(0); !ok {
			return r.lines.failed()
		}
		r.take(1)
	}
	return nil
}

// next reads one record into e and returns the line as it is; nil at the end of the file. skip: the mapping leaves it
// out. The record may be refused.
func (r *records) next(e *heed.Event) (raw []byte, skip bool, err error) {
	for {
		at, n := r.line+1, 0
		if r.csv != nil {
			raw, n, err = r.csv.next()
		} else {
			raw, n, err = r.json()
		}
		if n == 0 {
			return nil, false, nil
		}
		if len(bytes.TrimSpace(raw)) == 0 {
			r.take(n)
			continue
		}
		if err == nil {
			err = checkUTF8(raw)
		}
		if err == nil {
			if r.csv != nil {
				r.reader.fields = r.csv.fields
			} else {
				r.reader.line = raw
			}
			skip, err = r.reader.event(int(at), raw, e)
		}
		// The line's buffer is used again by the next call only.
		r.take(n)
		return raw, skip, err
	}
}

func (r *records) json() (raw []byte, n int, err error) {
	line, ok := r.lines.peek(0)
	if !ok {
		return nil, 0, nil
	}
	if len(line) > maxLine {
		return line, 1, errLongLine
	}
	if r.line == 0 {
		line = bytes.TrimPrefix(line, []byte("\ufeff"))
	}
	if trimmed := bytes.TrimSpace(line); len(trimmed) > 0 {
		if trimmed[0] != '{' {
			return line, 1, fmt.Errorf("want a JSON object")
		}
		checked, err := collect.CheckJSON(bytes.Clone(line))
		if err != nil {
			return line, 1, err
		}
		line = checked
	}
	return line, 1, nil
}
