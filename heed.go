// Package heed is the vocabulary of the project: the words of docs/glossary.md as Go types.
// It imports the standard library only and does no I/O, so that every stage can speak it.
//
// A fact travels as an [Event]; the stages fold it into a [Person]; what the brand intends to say is an
// [Intent] and becomes a message only through a [Decision].
package heed

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"time"
)

// Time is an instant: microseconds since 1970-01-01T00:00:00Z. Zero means "not set".
type Time int64

// Never is later than every instant that Heed handles.
const Never Time = 1<<62 - 1

// At converts a standard time to a Time, cutting it to the microsecond. The zero time stays zero.
func At(t time.Time) Time {
	if t.IsZero() {
		return 0
	}
	return Time(t.UnixMicro())
}

// Std converts t to a UTC standard time. Zero stays zero.
func (t Time) Std() time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(t)).UTC()
}

// Add returns t moved by d, cut to the microsecond.
func (t Time) Add(d time.Duration) Time { return t + Time(d/time.Microsecond) }

// Sub returns the duration from u to t.
func (t Time) Sub(u Time) time.Duration { return time.Duration(t-u) * time.Microsecond }

// String is RFC 3339 with microseconds, in UTC; empty when t is not set.
func (t Time) String() string {
	if t == 0 {
		return ""
	}
	return t.Std().Format("2006-01-02T15:04:05.999999Z07:00")
}

// ID names a person, a message, a run: 16 bytes, 6 of them milliseconds since 1970, so that ids sort by creation.
// The layout is that of a UUID version 7 (RFC 9562, section 5.7).
type ID [16]byte

// NewID returns a fresh random ID created at t.
func NewID(t Time) ID {
	var tail [10]byte
	_, _ = rand.Read(tail[:]) // crypto/rand.Read never fails since Go 1.24
	return MakeID(t, tail)
}

// MakeID returns the ID created at t with the given tail; the same arguments give the same ID.
func MakeID(t Time, tail [10]byte) ID {
	var id ID
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(t/1000))
	copy(id[:6], ms[2:])
	copy(id[6:], tail[:])
	id[6] = id[6]&0x0f | 0x70 // version 7
	id[8] = id[8]&0x3f | 0x80 // RFC 9562 variant
	return id
}

// IsZero says whether id names nothing.
func (id ID) IsZero() bool { return id == ID{} }

// String is the canonical UUID form, 36 characters.
func (id ID) String() string {
	var b [36]byte
	hex.Encode(b[0:8], id[0:4])
	hex.Encode(b[9:13], id[4:6])
	hex.Encode(b[14:18], id[6:8])
	hex.Encode(b[19:23], id[8:10])
	hex.Encode(b[24:36], id[10:16])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}

var errID = errors.New("not an id: want a UUID such as 01890a5d-ac96-774b-bcce-b302099a8057")

// ParseID reads the canonical UUID form.
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, errID
	}
	var raw [32]byte
	n := copy(raw[:], s[0:8])
	n += copy(raw[n:], s[9:13])
	n += copy(raw[n:], s[14:18])
	n += copy(raw[n:], s[19:23])
	copy(raw[n:], s[24:36])
	if _, err := hex.Decode(id[:], raw[:]); err != nil {
		return ID{}, errID
	}
	return id, nil
}

// MarshalText implements encoding.TextMarshaler.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (id *ID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseID(string(b))
	return err
}
