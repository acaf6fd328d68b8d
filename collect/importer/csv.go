package importer

import (
	"bytes"
	"errors"
	"fmt"
)

// maxQuotedLines bounds over how many lines one quoted field may go.
const maxQuotedLines = 100

// csvReader reads CSV (RFC 4180, any one-byte delimiter) and keeps a broken quote from spreading.
//
// A record is tried on its first line alone. If a quoted field is still open at its end, lines are added one by one (at
// most maxQuotedLines) until the quote closes where a field can end, and the record has as many fields as the header. If
// that never happens the quote is broken: only the first line is refused, and reading goes on at the next one. A quote in
// the middle of an unquoted field is an ordinary character.
type csvReader struct {
	lines     *lines
	delimiter byte
	want      int // fields of a record; 0 takes any number
	fields    [][]byte
	buf       []byte // unescaped fields of the record
}

var (
	errOpenQuote  = errors.New(`a quoted field does not end: close the quote, or double it ("") inside the field`)
	errAfterQuote = errors.New(`there is something between a closing quote and the delimiter: double the quotes inside the field ("")`)
)

// next reads one record into c.fields, which live until the next call. n is how many lines it took, 0 at the end of the
// file; raw the lines as they are. On an error the n lines (one) are to be refused; the next call goes on behind them.
func (c *csvReader) next() (raw []byte, n int, err error) {
	line, ok := c.lines.peek(0)
	if !ok {
		return nil, 0, nil
	}
	if len(line) > maxLine {
		return line, 1, errLongLine
	}
	raw = line
	err = c.split(raw)
	if err == nil {
		return raw, 1, c.count()
	}
	if err != errOpenQuote {
		return line, 1, err
	}
	// The lines are put together in a buffer of their own: peek may read further.
	whole := append([]byte(nil), line...)
	for n = 2; n <= maxQuotedLines; n++ {
		more, ok := c.lines.peek(n - 1)
		if !ok || len(whole)+len(more) > maxLine {
			break
		}
		whole = append(append(whole, '\n'), more...)
		if bytes.IndexByte(more, '"') < 0 {
			continue
		}
		if err = c.split(whole); err == nil {
			if c.count() == nil {
				return whole, n, nil
			}
			break
		}
		if err != errOpenQuote {
			break
		}
	}
	first, _ := c.lines.peek(0)
	return first, 1, errOpenQuote
}

func (c *csvReader) count() error {
	if c.want > 0 && len(c.fields) != c.want {
		return fmt.Errorf("the line has %d fields, the header has %d", len(c.fields), c.want)
	}
	return nil
}

// split splits one record.
func (c *csvReader) split(b []byte) error {
	c.fields, c.buf = c.fields[:0], c.buf[:0]
	for {
		if len(b) == 0 || b[0] != '"' {
			i := bytes.IndexByte(b, c.delimiter)
			if i < 0 {
				c.fields = append(c.fields, b)
				return nil
			}
			c.fields, b = append(c.fields, b[:i]), b[i+1:]
			continue
		}
		end, doubled := 1, false
		for {
			i := bytes.IndexByte(b[end:], '"')
			if i < 0 {
				return errOpenQuote
			}
			if end += i; end+1 < len(b) && b[end+1] == '"' {
				end, doubled = end+2, true
				continue
			}
			break
		}
		field := b[1:end]
		if doubled {
			from := len(c.buf)
			c.buf = append(c.buf, bytes.ReplaceAll(field, []byte(`""`), []byte(`"`))...)
			field = c.buf[from:len(c.buf):len(c.buf)]
		}
		c.fields = append(c.fields, field)
		if b = b[end+1:]; len(b) == 0 {
			return nil
		}
		if b[0] != c.delimiter {
			return errAfterQuote
		}
		b = b[1:]
	}
}
