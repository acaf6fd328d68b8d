package importer

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxLine bounds one line of a file, in bytes.
const maxLine = 1 << 20

var errLongLine = errors.New("the line is longer than 1 MiB")

// lines reads a file line by line and can step back by some lines, which csv.go needs when a quoted field turns out not
// to end. Memory is bounded by maxQuotedLines lines.
type lines struct {
	r     *bufio.Reader
	ahead [][]byte // read and not taken yet, oldest first
	spare [][]byte // buffers to use again
	err   error
}

func newLines(r io.Reader) *lines { return &lines{r: bufio.NewReaderSize(r, 256<<10)} }

// peek returns the i-th line from here on, without its end; nil, false when the file ends before it. A line that is too
// long comes back cut to maxLine+1 bytes.
func (l *lines) peek(i int) ([]byte, bool) {
	for len(l.ahead) <= i {
		if l.err != nil {
			return nil, false
		}
		var buf []byte
		if n := len(l.spare); n > 0 {
			buf, l.spare = l.spare[n-1][:0], l.spare[:n-1]
		}
		buf, l.err = l.read(buf)
		if l.err != nil && len(buf) == 0 {
			return nil, false
		}
		l.ahead = append(l.ahead, bytes.TrimSuffix(buf, []byte{'\r'}))
	}
	return l.ahead[i], true
}

func (l *lines) read(buf []byte) ([]byte, error) {
	for {
		part, err := l.r.ReadSlice('\n')
		if n := maxLine + 1 - len(buf); len(part) > n {
			part = part[:n]
			if err == nil {
				return append(buf, part...), nil
			}
		}
		buf = append(buf, part...)
		switch {
		case err == nil:
			return bytes.TrimSuffix(buf, []byte{'\n'}), nil
		case err != bufio.ErrBufferFull:
			return buf, err
		}
	}
}

// take moves on by n lines.
func (l *lines) take(n int) {
	for _, b := range l.ahead[:n] {
		if cap(b) <= 64<<10 {
			l.spare = append(l.spare, b)
		}
	}
	l.ahead = l.ahead[:copy(l.ahead, l.ahead[n:])]
}

// failed is what went wrong besides the end of the file.
func (l *lines) failed() error {
	if l.err == io.EOF {
		return nil
	}
	return l.err
}
