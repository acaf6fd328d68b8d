package collect

import (
	"unsafe"

	"github.com/heedcx/heed"
)

// field is a value that the parser noted: where it lies in the buffer (a string without its quotes) and what it is.
type field struct {
	start, end  int32
	kind, flags byte
}

// place holds the fields that place an event in the customer's experience.
type place struct {
	touchpoint, channel, direction, department field
}

// contextNote is what the parser noted of a context object.
type contextNote struct {
	all          field
	traits       field
	email, phone field // of the traits
	deviceID     field
	externalIDs  field
	place        place // of the object "heed"
}

// note is one event as the parser saw it: offsets, nothing copied.
type note struct {
	start, end int32 // the whole event
	bad        fault // set: the event cannot be taken

	kind                                              field
	event, name, channel, writeKey                    field
	messageID, userID, anonymousID, previousID, group field
	timestamp, originalTimestamp, sentAt              field
	properties, traits                                field
	email, phone                                      field // of the traits
	place                                             place // of the properties
	context                                           contextNote
}

// text is everything that one request's body said.
type text struct {
	scanner
	notes    []note
	writeKey field
	sentAt   field
	context  contextNote
	broken   fault // the text after the last note cannot be read
	rest     int   // where it begins
	listed   bool  // there was an array of events
}

// string returns the noted string, which points into the buffer unless it has escapes.
func (t *text) string(f field) string {
	if f.end <= f.start {
		return ""
	}
	if f.flags&escaped != 0 {
		return unescape(t.b[f.start:f.end])
	}
	return unsafe.String(&t.b[f.start], int(f.end-f.start)) // the buffer outlives the events: see body.go
}

// raw returns the noted value as JSON, nil when there is none.
func (t *text) raw(f field) heed.RawJSON {
	if f.end <= f.start {
		return nil
	}
	return heed.RawJSON(t.b[f.start:f.end:f.end])
}

// reset takes a new body, which must end in pad zero bytes.
func (t *text) reset(padded []byte) {
	t.scanner = scanner{b: padded}
	t.notes = t.notes[:0]
	t.writeKey, t.sentAt, t.context, t.broken, t.rest = field{}, field{}, contextNote{}, fault{}, 0
	t.listed = false
}

// take takes the value at i into f and returns the offset after it.
func (t *text) take(i int, f *field) int {
	kind := kinds[t.b[i]]
	if kind == isString {
		end, flags := t.str(i)
		*f = field{start: int32(i + 1), end: int32(end - 1), kind: isString, flags: flags}
		return end
	}
	end := t.value(i, 1)
	if end >= 0 {
		if kind == isNull {
			*f = field{} // null is as good as absent
			return end
		}
		*f = field{start: int32(i), end: int32(end), kind: kind}
	}
	return end
}

// single reads a body that is one event. It reports false when the body is no object at all.
func (t *text) single() bool {
	i := space(t.b, t.start())
	if t.b[i] != '{' {
		t.broken, t.rest = fault{at: i, text: "want a JSON object"}, i
		return false
	}
	t.notes = append(t.notes, note{})
	n := &t.notes[0]
	end := t.oneEvent(i, n)
	if end < 0 {
		n.start, n.end, n.bad = int32(i), int32(len(t.b)-pad), t.err
		return true
	}
	if i = space(t.b, end); i < len(t.b)-pad {
		n.bad = fault{at: i, text: "has something after its end"}
	}
	t.writeKey = n.writeKey
	return true
}

// start skips a byte order mark.
func (t *text) start() int {
	if t.b[0] == 0xef && t.b[1] == 0xbb && t.b[2] == 0xbf {
		return 3
	}
	return 0
}

// batch reads a body of the form {"batch": [...], "context": {...}, "sentAt": ..., "writeKey": ...}, or an array of
// events. At most max events are noted; it reports how many more there were, or that the text is broken.
func (t *text) batch(max int) (more int) {
	i := space(t.b, t.start())
	switch t.b[i] {
	case '[':
		i, more = t.events(i, max)
	case '{':
		i, more = t.envelope(i, max)
	default:
		t.broken, t.rest = fault{at: i, text: "want a JSON object with a batch"}, i
		return 0
	}
	if i < 0 {
		if t.broken.text == "" {
			t.broken = t.err
		}
		return more
	}
	if i = space(t.b, i); i < len(t.b)-pad {
		t.broken, t.rest = fault{at: i, text: "has something after its end"}, i
	}
	return more
}

func (t *text) envelope(i, max int) (end, more int) {
	b := t.b
	t.rest = i
	if i = space(b, i+1); b[i] == '}' {
		return i + 1, 0
	}
	for {
		var key []byte
		if key, i = t.key(i); i < 0 {
			return -1, more
		}
		switch string(key) {
		case "batch", "events":
			if b[i] != '[' {
				t.err = fault{at: i, path: string(key), text: "want an array of events"}
				return -1, more
			}
			var n int
			i, n = t.events(i, max)
			more += n
		case "context":
			i = t.contextObject(i, &t.context)
		case "sentAt":
			i = t.take(i, &t.sentAt)
		case "writeKey":
			i = t.take(i, &t.writeKey)
		default:
			i = t.value(i, 1)
		}
		if i < 0 {
			return -1, more
		}
		t.rest = i
		var done bool
		if i, done = t.comma(i); i < 0 || done {
			return i, more
		}
	}
}

// events reads an array of events at i. An event that cannot be read is noted as bad and the next one is looked for by
// its brackets.
func (t *text) events(i, max int) (end, more int) {
	b := t.b
	t.listed = true
	if i = space(b, i+1); b[i] == ']' {
		return i + 1, 0
	}
	for {
		if len(t.notes) >= max {
			more++
			if i = t.value(i, 1); i < 0 {
				return -1, more
			}
		} else {
			t.rest = i
			t.notes = append(t.notes, note{})
			n := &t.notes[len(t.notes)-1]
			var at int
			if b[i] == '{' {
				at = t.oneEvent(i, n)
			} else if at = t.value(i, 1); at >= 0 {
				n.start, n.end = int32(i), int32(at)
				n.bad = fault{at: i, text: "want an event, which is a JSON object"}
			}
			if at < 0 {
				bad := t.err
				if at = t.resume(i, bad.at); at < 0 {
					t.notes = t.notes[:len(t.notes)-1]
					t.broken = bad
					return -1, more
				}
				n.start, n.end, n.bad = int32(i), int32(at), bad
			}
			i = at
		}
		switch i = space(b, i); b[i] {
		case ',':
			i = space(b, i+1)
		case ']':
			t.rest = i + 1
			return i + 1, more
		default:
			t.rest = i
			return t.wantNext(i, false), more
		}
	}
}

// key takes the name of a field at i, its colon and the white space around it. A name with escapes is no name that we
// know, so it is returned as it is.
func (t *text) key(i int) (name []byte, value int) {
	b := t.b
	if b[i] != '"' {
		return nil, t.wantKey(i)
	}
	end, _ := t.str(i)
	if end < 0 {
		return nil, -1
	}
	name = b[i+1 : end-1]
	if b[end] != ':' {
		if end = space(b, end); b[end] != ':' {
			return nil, t.fail(end, "has a key without a colon after it")
		}
	}
	if end++; b[end] <= ' ' {
		end = space(b, end)
	}
	return name, end
}

// comma takes what follows a field of an object: a comma, or the closing brace (done).
func (t *text) comma(i int) (next int, done bool) {
	b := t.b
	if b[i] <= ' ' {
		i = space(b, i)
	}
	switch b[i] {
	case ',':
		if i++; b[i] <= ' ' {
			i = space(b, i)
		}
		return i, false
	case '}':
		return i + 1, true
	}
	return t.wantNext(i, true), false
}
