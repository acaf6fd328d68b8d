package profile

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/heedcx/heed"
)

// docReader reads a document that docWriter or PostgreSQL's JSONB wrote: valid JSON, perhaps with spaces, keys in any
// order. It never reads past the end and always comes to one; what it does not understand sets bad. Strings point into
// the document.
type docReader struct {
	s   string
	i   int
	bad error

	counters []heed.Counter // handed out one by one
	times    []heed.Time    // handed out in pieces
}

var errNoDocument = errors.New("it is no valid document")

func (r *docReader) fail(why error) {
	if r.bad == nil {
		r.bad = fmt.Errorf("%w (byte %d)", why, r.i)
	}
	r.i = len(r.s)
}

// peek skips spaces and returns the next byte, 0 at the end.
func (r *docReader) peek() byte {
	for ; r.i < len(r.s); r.i++ {
		if c := r.s[r.i]; c > ' ' {
			return c
		}
	}
	return 0
}

// enter begins an object or a list; false for null.
func (r *docReader) enter(open byte) bool {
	switch r.peek() {
	case open:
		r.i++
		return true
	case 'n':
		r.skip()
	default:
		r.fail(errNoDocument)
	}
	return false
}

// more says whether another member follows, and ends the object or list when none does.
func (r *docReader) more(end byte) bool {
	switch r.peek() {
	case end:
		r.i++
		return false
	case 0:
		r.fail(errNoDocument)
		return false
	case ',':
		r.i++
	}
	return true
}

func (r *docReader) key() string {
	k := r.text()
	if r.peek() != ':' {
		r.fail(errNoDocument)
		return ""
	}
	r.i++
	return k
}

// text reads a string; "" for null.
func (r *docReader) text() string {
	switch r.peek() {
	case '"':
	case 'n':
		r.skip()
		return ""
	default:
		r.fail(errNoDocument)
		return ""
	}
	from := r.i + 1
	for i := from; i < len(r.s); i++ {
		switch r.s[i] {
		case '"':
			r.i = i + 1
			return r.s[from:i]
		case '\\':
			return r.escaped()
		}
	}
	r.fail(errNoDocument)
	return ""
}

func (r *docReader) escaped() (out string) {
	if err := json.Unmarshal([]byte(r.skip()), &out); err != nil {
		r.fail(err)
	}
	return out
}

// skip passes over one value and returns its text.
func (r *docReader) skip() string {
	r.peek()
	from, depth := r.i, 0
	for ; r.i < len(r.s); r.i++ {
		switch c := r.s[r.i]; c {
		case '"':
			for r.i++; r.i < len(r.s) && r.s[r.i] != '"'; r.i++ {
				if r.s[r.i] == '\\' {
					r.i++
				}
			}
			if r.i >= len(r.s) {
				r.fail(errNoDocument)
				return ""
			}
			if depth == 0 {
				r.i++
				return r.s[from:r.i]
			}
		case '{', '[':
			depth++
		case '}', ']', ',', ' ', '\n', '\t', '\r', ':':
			if depth == 0 { // a number or a word ends before it
				if r.i == from {
					r.fail(errNoDocument)
				}
				return r.s[from:min(r.i, len(r.s))]
			}
			if c == '}' || c == ']' {
				if depth--; depth == 0 {
					r.i++
					return r.s[from:r.i]
				}
			}
		}
	}
	r.fail(errNoDocument) // a document ends with its own brace
	return ""
}

func (r *docReader) value() heed.RawValue { return heed.RawValue(r.skip()) }

func (r *docReader) integer() int64 {
	c := r.peek()
	neg := c == '-'
	if neg {
		r.i++
	}
	var n uint64
	from := r.i
	for ; r.i < len(r.s) && r.s[r.i]-'0' <= 9; r.i++ {
		n = n*10 + uint64(r.s[r.i]-'0')
	}
	switch digits := r.i - from; {
	case digits == 0 && c == 'n':
		r.skip()
	case digits == 0 || digits > 19 || n > 1<<63-1 || r.i < len(r.s) && (r.s[r.i] == '.' || r.s[r.i]|0x20 == 'e'):
		r.fail(errNoDocument)
		return 0
	}
	if neg {
		return -int64(n)
	}
	return int64(n)
}

func (r *docReader) time() heed.Time { return heed.Time(r.integer()) }

func (r *docReader) hash() uint64 {
	n, err := strconv.ParseUint(r.skip(), 10, 64)
	if err != nil {
		r.fail(err)
	}
	return n
}

func (r *docReader) float() float64 {
	f, err := strconv.ParseFloat(r.skip(), 64)
	if err != nil {
		r.fail(err)
	}
	return f
}

func (r *docReader) flag() bool { return strings.HasPrefix(r.skip(), "t") }

func (r *docReader) id() heed.ID {
	id, err := heed.ParseID(r.text())
	if err != nil {
		r.fail(err)
	}
	return id
}

// readMap reads an object whose keys are data.
func readMap[V any](r *docReader, value func(*docReader) V) map[string]V {
	if !r.enter('{') {
		return nil
	}
	m := map[string]V{}
	for r.more('}') {
		k := r.key()
		m[k] = value(r)
	}
	return m
}

// readList reads a list that is expected to have up to n elements.
func readList[V any](r *docReader, n int, value func(*docReader, *V)) []V {
	if !r.enter('[') {
		return nil
	}
	list := make([]V, 0, n)
	for r.more(']') {
		var zero V
		list = append(list, zero)
		value(r, &list[len(list)-1])
	}
	return list
}

// list reads times into a piece of memory that the document's counters share.
func (r *docReader) list() []heed.Time {
	if !r.enter('[') {
		return nil
	}
	from := len(r.times)
	for r.more(']') {
		if len(r.times) == cap(r.times) {
			grown := make([]heed.Time, len(r.times)-from, max(64, 2*(len(r.times)-from)))
			copy(grown, r.times[from:])
			r.times, from = grown, 0
		}
		r.times = append(r.times, r.time())
	}
	return r.times[from:len(r.times):len(r.times)]
}
