package heed

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Storable makes an event of our own doors (the API, imports) one that every database takes: what is legal JSON but
// stops PostgreSQL and DuckDB, the escapes \u0000 and of halves of surrogate pairs, becomes \ufffd, as does a NUL in a
// text. The collector does the same for what it takes while it parses.
func (e *Event) Storable() {
	e.Properties, e.Context = StorableJSON(e.Properties), StorableJSON(e.Context)
	for _, s := range []*string{&e.Name, &e.Touchpoint, &e.Channel, &e.Department, &e.GroupID} {
		if strings.IndexByte(*s, 0) >= 0 {
			*s = strings.ReplaceAll(*s, "\x00", "\ufffd")
		}
		*s = strings.ToValidUTF8(*s, "\ufffd")
	}
}

// StorableJSON is Storable for one value. It changes b in place, or returns another one.
func StorableJSON(b RawJSON) RawJSON {
	if !utf8.Valid(b) {
		b = bytes.ToValidUTF8(b, []byte("\ufffd"))
	}
	for i := 0; i+1 < len(b); {
		if b[i] != '\\' {
			i++
			continue
		}
		r, ok := escaped(b, i)
		switch {
		case !ok:
			i += 2
			continue
		case r >= 0xd800 && r < 0xdc00:
			if low, ok := escaped(b, i+6); ok && low >= 0xdc00 && low < 0xe000 {
				i += 12
				continue
			}
			copy(b[i:], `\ufffd`)
		case r == 0, r >= 0xdc00 && r < 0xe000:
			copy(b[i:], `\ufffd`)
		}
		i += 6
	}
	return b
}

// escaped reads \uXXXX at i.
func escaped(b []byte, i int) (rune, bool) {
	if i+6 > len(b) || b[i] != '\\' || b[i+1] != 'u' {
		return 0, false
	}
	r, err := strconv.ParseUint(string(b[i+2:i+6]), 16, 32)
	return rune(r), err == nil
}
