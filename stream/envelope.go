package stream

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unsafe"

	"github.com/heedcx/heed"
)

// An envelope is what one message of the log holds: the events of many requests, packed.
//
//	version byte (1), then events back to back, each as AppendEvent writes it.
//
// Numbers are varints, strings carry their length. The JSON of properties and context travels as it arrived, so that
// nothing downstream has to parse what it does not look into.
const envelopeVersion = 1

var errEnvelope = errors.New("stream: an envelope is damaged")

// AppendEvent appends e in the form that an envelope holds and returns the extended buffer.
func AppendEvent(b []byte, e *heed.Event) []byte {
	flags := byte(e.Type) << 1
	if e.Public {
		flags |= 1
	}
	b = append(b, flags)
	b = binary.AppendVarint(b, int64(e.Timestamp))
	b = binary.AppendVarint(b, int64(e.ReceivedAt))
	b = appendString(b, e.MessageID)
	b = appendString(b, e.Source)
	b = appendString(b, e.UserID)
	b = appendString(b, e.AnonymousID)
	b = appendString(b, e.PreviousID)
	b = appendString(b, e.GroupID)
	b = appendString(b, e.Name)
	b = appendString(b, e.Touchpoint)
	b = appendString(b, e.Channel)
	b = appendString(b, string(e.Direction))
	b = appendString(b, e.Department)
	b = binary.AppendUvarint(b, uint64(len(e.IDs)))
	for _, id := range e.IDs {
		b = appendString(b, id.Namespace)
		b = appendString(b, id.Value)
	}
	b = binary.AppendUvarint(b, uint64(len(e.Properties)))
	b = append(b, e.Properties...)
	b = binary.AppendUvarint(b, uint64(len(e.Context)))
	b = append(b, e.Context...)
	if e.Type.Derived() { // only these know their person when they are written
		b = append(b, e.Person[:]...)
		b = append(b, e.Ref[:]...)
	}
	return b
}

func appendString(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// DecodeEnvelope appends the events of an envelope to events. Their strings and JSON point into b, which must not be
// written to while they live.
func DecodeEnvelope(b []byte, events []heed.Event) ([]heed.Event, error) {
	if len(b) == 0 || b[0] != envelopeVersion {
		return events, fmt.Errorf("%w: unknown version", errEnvelope)
	}
	r := reader{b: b[1:]}
	for i := 0; len(r.b) > 0 && !r.bad; i++ {
		events = append(events, heed.Event{})
		r.event(&events[len(events)-1])
		events[len(events)-1].Index = i
	}
	if r.bad {
		return events, errEnvelope
	}
	return events, nil
}

type reader struct {
	b   []byte
	bad bool
}

func (r *reader) event(e *heed.Event) {
	flags := r.b[0]
	r.b = r.b[1:]
	e.Type, e.Public = heed.Type(flags>>1), flags&1 == 1
	e.Timestamp, e.ReceivedAt = heed.Time(r.varint()), heed.Time(r.varint())
	e.MessageID, e.Source = r.string(), r.string()
	e.UserID, e.AnonymousID = r.string(), r.string()
	e.PreviousID, e.GroupID = r.string(), r.string()
	e.Name, e.Touchpoint, e.Channel = r.string(), r.string(), r.string()
	e.Direction, e.Department = heed.Direction(r.string()), r.string()
	if n := r.uvarint(); n > 0 && n < uint64(len(r.b)) {
		e.IDs = make([]heed.Identifier, n)
		for i := range e.IDs {
			e.IDs[i] = heed.Identifier{Namespace: r.string(), Value: r.string()}
		}
	}
	e.Properties, e.Context = r.bytes(), r.bytes()
	if e.Type.Derived() {
		if len(r.b) < 32 {
			r.bad, r.b = true, nil
			return
		}
		e.Person, e.Ref = heed.ID(r.b[:16]), heed.ID(r.b[16:32])
		r.b = r.b[32:]
	}
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[n:]
	return v
}

func (r *reader) bytes() []byte {
	n := r.uvarint()
	if n == 0 || r.bad {
		return nil
	}
	if n > uint64(len(r.b)) {
		r.bad, r.b = true, nil
		return nil
	}
	v := r.b[:n:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) string() string {
	v := r.bytes()
	return unsafe.String(unsafe.SliceData(v), len(v)) // v is never written to: see DecodeEnvelope
}
