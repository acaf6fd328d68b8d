package clickhouse

import (
	"encoding/binary"
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/heedcx/heed"
)

// ClickHouse's RowBinary: numbers little-endian, texts behind their length as a varint, one row after the other. It is
// what costs least to write: a row is appended to one buffer, and nothing is allocated for it.

func putUint64(b []byte, v uint64) []byte { return binary.LittleEndian.AppendUint64(b, v) }
func putInt64(b []byte, v int64) []byte   { return putUint64(b, uint64(v)) }
func putInt32(b []byte, v int32) []byte   { return binary.LittleEndian.AppendUint32(b, uint32(v)) }

func putBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

// putID writes a UUID: two numbers of eight bytes, the first half first.
func putID(b []byte, v heed.ID) []byte {
	b = putUint64(b, binary.BigEndian.Uint64(v[:8]))
	return putUint64(b, binary.BigEndian.Uint64(v[8:]))
}

// putText writes a String. What is not UTF-8 becomes U+FFFD, as in every engine.
func putText(b []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// putJSON writes properties or context; absent ones are ”.
func putJSON(b []byte, v heed.RawJSON) []byte {
	return putText(b, decimals(unsafe.String(unsafe.SliceData(v), len(v))))
}

// longNumber is how many digits an integer may have that ClickHouse's JSON functions take in any case.
const longNumber = 18

// decimals writes integers that may have more than 64 bits as decimals: ClickHouse's JSON functions read no document
// with a longer integer in it, and read a decimal of any length.
func decimals(doc string) string {
	var out []byte
	done, digits, text := 0, 0, false
	for i := 0; i <= len(doc); i++ {
		c := byte(' ')
		if i < len(doc) {
			c = doc[i]
		}
		switch {
		case text && c == '\\':
			i++
		case c == '"':
			text, digits = !text, 0
		case text:
		case '0' <= c && c <= '9':
			digits++
		case c == '.' || c == 'e' || c == 'E' || c == '+':
			digits = -1 << 30 // no integer, or not any more
		case c == '-' && digits < 0: // of an exponent
		default:
			if digits > longNumber {
				out = append(append(out, doc[done:i]...), ".0"...)
				done = i
			}
			digits = 0
		}
	}
	if out == nil {
		return doc
	}
	return string(append(out, doc[done:]...))
}
