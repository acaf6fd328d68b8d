package collect

import (
	"encoding/binary"
	"math"
	"math/bits"
	"strconv"
	"unicode/utf8"
)

// maxDepth bounds how deep JSON may nest, counted from the outermost value of an event. The scanner keeps one bit per
// level in a word.
const maxDepth = 60

// pad is how many zero bytes follow the text in a scanner's buffer, so that it may look 8 bytes ahead without checks.
const pad = 8

// fault is why a text cannot be taken. at is the offset at which it went wrong; path, when set, already names the
// field.
type fault struct {
	at   int
	path string
	text string
}

// scanner walks over JSON once. b ends in pad zero bytes, which are not part of the text: a zero byte is neither white
// space nor allowed anywhere in JSON, so no loop runs past it.
//
// In place it repairs what is legal JSON but stops databases: the escapes \u0000 and of halves of surrogate pairs
// become \ufffd.
type scanner struct {
	b   []byte
	err fault
}

// Kinds of values, by their first byte.
const (
	isNone byte = iota // no value here
	isString
	isNumber
	isObject
	isArray
	isTrue
	isFalse
	isNull
)

// Properties of a string.
const (
	escaped byte = 1 << iota // has a backslash
	wide                     // has a byte beyond ASCII
)

// kinds tells the kind of a value by its first byte.
var kinds = [256]byte{
	'"': isString, '{': isObject, '[': isArray, 't': isTrue, 'f': isFalse, 'n': isNull, '-': isNumber,
	'0': isNumber, '1': isNumber, '2': isNumber, '3': isNumber, '4': isNumber,
	'5': isNumber, '6': isNumber, '7': isNumber, '8': isNumber, '9': isNumber,
}

func (s *scanner) fail(at int, text string) int {
	s.err = fault{at: at, text: text}
	return -1
}

// space returns the next offset that is not white space.
func space(b []byte, i int) int {
	for b[i] <= ' ' {
		switch b[i] {
		case ' ', '\n', '\t', '\r':
			i++
		default:
			return i
		}
	}
	return i
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// str takes the string whose opening quote is at i and returns the offset after the closing one, -1 on a fault.
func (s *scanner) str(i int) (end int, flags byte) {
	b := s.b
	start := i + 1
	i = start
	for {
		w := binary.LittleEndian.Uint64(b[i:])
		quote, slash := w^('"'*ones), w^('\\'*ones)
		// Each term has the high bit of every byte that matters; what borrows make up lies behind a true one.
		stop := (quote-ones)&^quote | (slash-ones)&^slash | (w-' '*ones)&^w
		if flags&wide == 0 {
			stop |= w
		}
		if stop &= highs; stop == 0 {
			i += 8
			continue
		}
		i += bits.TrailingZeros64(stop) >> 3
		switch c := b[i]; {
		case c == '"':
			if flags&wide != 0 && !utf8.Valid(b[start:i]) {
				return s.fail(start+badRune(b[start:i]), "is not valid UTF-8"), 0
			}
			return i + 1, flags
		case c == '\\':
			flags |= escaped
			if i = s.escape(i); i < 0 {
				return -1, 0
			}
		case c >= utf8.RuneSelf:
			flags |= wide
		case c == 0 && i >= len(b)-pad:
			return s.fail(start-1, "has a string without an end"), 0
		default:
			return s.fail(i, "has a control character in a string; write it as an escape such as \\n"), 0
		}
	}
}

// badRune is the offset of the first byte that is not UTF-8.
func badRune(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return 0
}

// escape takes the escape at i and returns the offset after it.
func (s *scanner) escape(i int) int {
	b := s.b
	switch b[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		r := hex4(b[i+2:])
		if r < 0 {
			break
		}
		switch {
		case r == 0, r >= 0xdc00 && r < 0xe000:
			copy(b[i:], `\ufffd`)
		case r >= 0xd800 && r < 0xdc00:
			if b[i+6] == '\\' && b[i+7] == 'u' {
				if low := hex4(b[i+8:]); low >= 0xdc00 && low < 0xe000 {
					return i + 12
				}
			}
			copy(b[i:], `\ufffd`)
		}
		return i + 6
	}
	return s.fail(i, "has an unknown escape in a string")
}

// hex4 reads four hexadecimal digits; -1 if they are not.
func hex4(b []byte) rune {
	if len(b) < 4 {
		return -1
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}

// number takes the number at i and returns the offset after it.
func (s *scanner) number(i int) int {
	b, start := s.b, i
	if b[i] == '-' {
		i++
	}
	switch {
	case b[i] == '0':
		i++
	case b[i] >= '1' && b[i] <= '9':
		i = digits(b, i+1)
	default:
		return s.fail(start, "has something that is not JSON")
	}
	if b[i] == '.' {
		if i = digits(b, i+1); b[i-1] == '.' {
			return s.fail(start, "has a number with nothing after its point")
		}
	}
	if c := b[i] | 0x20; c != 'e' {
		if i-start > 308 { // rarer than rare: leave it to the standard library
			return s.inRange(start, i)
		}
		return i
	}
	i++
	if b[i] == '+' || b[i] == '-' {
		i++
	}
	end := digits(b, i)
	if end == i {
		return s.fail(start, "has a number with nothing in its exponent")
	}
	return s.inRange(start, end)
}

func digits(b []byte, i int) int {
	for b[i]-'0' <= 9 {
		i++
	}
	return i
}

func (s *scanner) inRange(start, end int) int {
	if end-start > 1024 {
		return s.fail(start, "has a number that is too long")
	}
	f, err := strconv.ParseFloat(string(s.b[start:end]), 64)
	if err != nil || math.IsInf(f, 0) {
		return s.fail(start, "has a number that is out of range (beyond 1.8e308)")
	}
	return end
}

func (s *scanner) literal(i int) int {
	b := s.b
	switch {
	case b[i] == 't' && b[i+1] == 'r' && b[i+2] == 'u' && b[i+3] == 'e',
		b[i] == 'n' && b[i+1] == 'u' && b[i+2] == 'l' && b[i+3] == 'l':
		return i + 4
	case b[i] == 'f' && b[i+1] == 'a' && b[i+2] == 'l' && b[i+3] == 's' && b[i+4] == 'e':
		return i + 5
	}
	return s.fail(i, "has something that is not JSON")
}

// value takes the value at i, whose first byte is not white space, and returns the offset after it. depth is how many
// levels are open around it.
func (s *scanner) value(i, depth int) int {
	switch kinds[s.b[i]] {
	case isString:
		i, _ = s.str(i)
		return i
	case isObject, isArray:
		return s.nested(i, depth)
	case isNumber:
		return s.number(i)
	case isTrue, isFalse, isNull:
		return s.literal(i)
	}
	return s.noValue(i)
}

func (s *scanner) noValue(i int) int {
	if i >= len(s.b)-pad {
		return s.fail(i, "ends too early")
	}
	return s.fail(i, "has something that is not JSON")
}

// nested takes the object or array at i, without recursion: one bit per level says which of the two it is.
func (s *scanner) nested(i, depth int) int {
	b := s.b
	var object uint64
	base := depth
open:
	if depth == maxDepth {
		return s.fail(i, "is nested deeper than "+strconv.Itoa(maxDepth)+" levels")
	}
	depth++
	object <<= 1
	if b[i] == '{' {
		object |= 1
		if i = space(b, i+1); b[i] == '}' {
			goto shut
		}
		goto key
	}
	if i = space(b, i+1); b[i] == ']' {
		goto shut
	}
	goto value
key:
	if b[i] != '"' {
		return s.wantKey(i)
	}
	if i, _ = s.str(i); i < 0 {
		return -1
	}
	if b[i] != ':' {
		if i = space(b, i); b[i] != ':' {
			return s.fail(i, "has a key without a colon after it")
		}
	}
	if i++; b[i] <= ' ' {
		i = space(b, i)
	}
value:
	switch kinds[b[i]] {
	case isString:
		i, _ = s.str(i)
	case isObject, isArray:
		goto open
	case isNumber:
		i = s.number(i)
	case isTrue, isFalse, isNull:
		i = s.literal(i)
	default:
		return s.noValue(i)
	}
	if i < 0 {
		return -1
	}
next:
	if b[i] <= ' ' {
		i = space(b, i)
	}
	switch b[i] {
	case ',':
		if i++; b[i] <= ' ' {
			i = space(b, i)
		}
		if object&1 != 0 {
			goto key
		}
		goto value
	case '}':
		if object&1 != 0 {
			goto shut
		}
	case ']':
		if object&1 == 0 {
			goto shut
		}
	}
	return s.wantNext(i, object&1 != 0)
shut:
	i++
	object >>= 1
	if depth--; depth == base {
		return i
	}
	goto next
}

func (s *scanner) wantKey(i int) int {
	if i >= len(s.b)-pad {
		return s.fail(i, "ends too early")
	}
	return s.fail(i, "has something where the name of a field should be")
}

func (s *scanner) wantNext(i int, object bool) int {
	switch {
	case i >= len(s.b)-pad:
		return s.fail(i, "ends too early")
	case object:
		return s.fail(i, "has something where a comma or a closing brace should be")
	}
	return s.fail(i, "has something where a comma or a closing bracket should be")
}
