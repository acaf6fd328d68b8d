package rule

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// A small reader of JSON that finds one value in a document without allocating. What it reads was checked to be valid
// JSON when it arrived; on anything else it finds nothing. Of equal keys the first counts.

// lookup walks an object along path and returns the text of the value, "" when it is not there or null.
func lookup(doc string, path []string) string {
	for _, key := range path {
		doc = member(doc, key)
		if doc == "" {
			return ""
		}
	}
	doc = trim(doc)
	if doc == "null" {
		return ""
	}
	return doc
}

func member(doc, key string) string {
	i := space(doc, 0)
	if i >= len(doc) || doc[i] != '{' {
		return ""
	}
	i++
	for {
		i = space(doc, i)
		if i >= len(doc) || doc[i] != '"' {
			return ""
		}
		end := skipString(doc, i)
		if end < 0 {
			return ""
		}
		hit := equalString(doc[i:end], key)
		i = space(doc, end)
		if i >= len(doc) || doc[i] != ':' {
			return ""
		}
		i = space(doc, i+1)
		end = skipValue(doc, i)
		if end < 0 {
			return ""
		}
		if hit {
			return doc[i:end]
		}
		i = space(doc, end)
		if i >= len(doc) || doc[i] != ',' {
			return ""
		}
		i++
	}
}

// elements calls f for the text of each element of an array until f returns true, and returns whether it did.
func elements(doc string, f func(v string, x *Value) bool, x *Value) bool {
	i := space(doc, 0) + 1
	for {
		i = space(doc, i)
		end := skipValue(doc, i)
		if end < 0 {
			return false
		}
		if f(doc[i:end], x) {
			return true
		}
		i = space(doc, end)
		if i >= len(doc) || doc[i] != ',' {
			return false
		}
		i++
	}
}

func trim(s string) string {
	i := space(s, 0)
	j := len(s)
	for j > i && isSpace(s[j-1]) {
		j--
	}
	return s[i:j]
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

func space(s string, i int) int {
	for i < len(s) && isSpace(s[i]) {
		i++
	}
	return i
}

// skipString returns the index after the string that begins at i, -1 if it does not end.
func skipString(s string, i int) int {
	for i++; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return -1
}

// skipValue returns the index after the value that begins at i, -1 if there is none.
func skipValue(s string, i int) int {
	if i >= len(s) {
		return -1
	}
	switch s[i] {
	case '"':
		return skipString(s, i)
	case '{', '[':
		depth := 0
		for i < len(s) {
			switch s[i] {
			case '"':
				if i = skipString(s, i); i < 0 {
					return -1
				}
				continue
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			}
			i++
		}
		return -1
	case ',', ':', '}', ']':
		return -1
	}
	for i < len(s) && s[i] != ',' && s[i] != '}' && s[i] != ']' && !isSpace(s[i]) {
		i++
	}
	return i
}

// equalString compares a JSON string with its quotes to plain text.
func equalString(js, want string) bool {
	in := js[1 : len(js)-1]
	if len(in) == len(want) {
		// Without an escape both have the same length.
		if in == want {
			return true
		}
	}
	n, ok := match(in, want, false)
	return ok && n == len(want)
}

// match compares the inside of a JSON string with want, unescaping on the way. It returns how many bytes of want were
// matched and whether nothing differed; with prefix it stops when want is used up.
func match(in, want string, prefix bool) (int, bool) {
	n := 0
	var buf [utf8.UTFMax]byte
	for i := 0; i < len(in); {
		if prefix && n == len(want) {
			return n, true
		}
		var piece []byte
		if piece, i = unescape(in, i, buf[:0]); len(piece) > len(want)-n || want[n:n+len(piece)] != string(piece) {
			return n, false
		}
		n += len(piece)
	}
	return n, n == len(want)
}

// unescape appends the next character of the inside of a JSON string to b and returns it with the index after it.
func unescape(in string, i int, b []byte) ([]byte, int) {
	c := in[i]
	if c != '\\' || i+1 >= len(in) {
		return append(b, c), i + 1
	}
	switch e := in[i+1]; e {
	case 'n':
		return append(b, '\n'), i + 2
	case 't':
		return append(b, '\t'), i + 2
	case 'r':
		return append(b, '\r'), i + 2
	case 'b':
		return append(b, '\b'), i + 2
	case 'f':
		return append(b, '\f'), i + 2
	case 'u':
		r, ok := hex4(in, i+2)
		if !ok {
			return append(b, c), i + 1
		}
		i += 6
		if utf16.IsSurrogate(r) {
			if i+1 < len(in) && in[i] == '\\' && in[i+1] == 'u' {
				if low, ok := hex4(in, i+2); ok {
					if full := utf16.DecodeRune(r, low); full != utf8.RuneError {
						return utf8.AppendRune(b, full), i + 6
					}
				}
			}
			r = utf8.RuneError
		}
		return utf8.AppendRune(b, r), i
	default:
		return append(b, e), i + 2
	}
}

func hex4(s string, i int) (rune, bool) {
	if i+4 > len(s) {
		return 0, false
	}
	var r rune
	for _, c := range []byte(s[i : i+4]) {
		r <<= 4
		switch {
		case c >= '0' && c <= '9':
			r |= rune(c - '0')
		case c >= 'a' && c <= 'f':
			r |= rune(c-'a') + 10
		case c >= 'A' && c <= 'F':
			r |= rune(c-'A') + 10
		default:
			return 0, false
		}
	}
	return r, true
}

// compareString orders a JSON string with its quotes against plain text, byte by byte.
func compareString(js, want string) int {
	in := js[1 : len(js)-1]
	var buf [utf8.UTFMax]byte
	n := 0
	for i := 0; i < len(in); {
		var piece []byte
		piece, i = unescape(in, i, buf[:0])
		for _, c := range piece {
			if n == len(want) {
				return 1
			}
			if c != want[n] {
				return int(c) - int(want[n])
			}
			n++
		}
	}
	if n < len(want) {
		return -1
	}
	return 0
}

// containsString, hasPrefix and hasSuffix look for plain text in a JSON string with its quotes.
func containsString(js, want string) bool {
	in := js[1 : len(js)-1]
	var buf [utf8.UTFMax]byte
	for i := 0; i < len(in); {
		if _, ok := match(in[i:], want, true); ok {
			return true
		}
		_, i = unescape(in, i, buf[:0])
	}
	return false
}

func hasPrefix(js, want string) bool {
	_, ok := match(js[1:len(js)-1], want, true)
	return ok
}

func hasSuffix(js, want string) bool {
	in := js[1 : len(js)-1]
	var buf [utf8.UTFMax]byte
	for i := 0; i < len(in); {
		if n, ok := match(in[i:], want, false); ok && n == len(want) {
			return true
		}
		_, i = unescape(in, i, buf[:0])
	}
	return false
}

// Numbers beyond these bounds are taken as missing, or as zero: engines disagree about them.
const (
	hugeNumber = 1e300
	tinyNumber = 1e-300
)

func number(js string) (float64, bool) {
	if js == "" || js[0] != '-' && (js[0] < '0' || js[0] > '9') {
		return 0, false
	}
	f, err := strconv.ParseFloat(js, 64)
	if err != nil || f >= hugeNumber || f <= -hugeNumber {
		return 0, false
	}
	if f < tinyNumber && f > -tinyNumber {
		return 0, true
	}
	return f, true
}
