package profile

import (
	"strconv"

	"github.com/heedcx/heed"
)

// docWriter writes a document. It is written out by hand because every event of every person comes by here, and a
// general encoder takes twice as long. TestCodecKnowsEveryField fails when heed.Person has a field that is missing here.
// Each method returns what it has appended to, as append does.
type docWriter []byte

// key begins a member of the object that is being written. k needs no escapes.
func (w docWriter) key(k string) docWriter {
	if w[len(w)-1] == '{' {
		w = append(w, '"')
	} else {
		w = append(w, `,"`...)
	}
	w = append(w, k...)
	return append(w, `":`...)
}

func (w docWriter) begin(c byte) docWriter                  { return append(w, c) }
func (w docWriter) end(c byte) docWriter                    { return append(w, c) }
func (w docWriter) integer(n int64) docWriter               { return strconv.AppendInt(w, n, 10) }
func (w docWriter) must(k, s string) docWriter              { return w.key(k).text(s) }
func (w docWriter) at(k string, t heed.Time) docWriter      { return w.key(k).integer(int64(t)) }
func (w docWriter) flag(k string, on bool) docWriter        { return strconv.AppendBool(w.key(k), on) }
func (w docWriter) maybeAt(k string, t heed.Time) docWriter { return w.maybeInt(k, int64(t)) }

func (w docWriter) maybe(k, s string) docWriter {
	if s == "" {
		return w
	}
	return w.must(k, s)
}

func (w docWriter) maybeInt(k string, n int64) docWriter {
	if n == 0 {
		return w
	}
	return w.key(k).integer(n)
}

func (w docWriter) maybeFlag(k string, on bool) docWriter {
	if !on {
		return w
	}
	return w.flag(k, on)
}

func (w docWriter) id(k string, id heed.ID) docWriter { return w.must(k, id.String()) }

func (w docWriter) maybeID(k string, id heed.ID) docWriter {
	if id.IsZero() {
		return w
	}
	return w.id(k, id)
}

func (w docWriter) raw(k string, v heed.RawValue) docWriter {
	if v == "" {
		v = "null"
	}
	return append(w.key(k), v...)
}

// float must be a number that JSON has a word for.
func (w docWriter) float(k string, f float64) docWriter {
	if f == 0 {
		return w
	}
	return strconv.AppendFloat(w.key(k), f, 'g', -1, 64)
}

// text writes a string. Bytes above ASCII go through: what is not valid UTF-8 was refused at the door.
func (w docWriter) text(s string) docWriter {
	const hex = "0123456789abcdef"
	w = append(w, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		w = append(w, s[from:i]...)
		from = i + 1
		if c < ' ' {
			w = append(w, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		} else {
			w = append(w, '\\', c)
		}
	}
	w = append(w, s[from:]...)
	return append(w, '"')
}

// next begins the next member of an object whose keys are data, or the next element of a list.
func (w docWriter) next() docWriter {
	if c := w[len(w)-1]; c != '{' && c != '[' {
		return append(w, ',')
	}
	return w
}

// docMap writes a map; nothing when it is empty.
func docMap[V any](w docWriter, k string, m map[string]V, value func(docWriter, V) docWriter) docWriter {
	if len(m) == 0 {
		return w
	}
	w = w.key(k).begin('{')
	for name, v := range m {
		w = value(append(w.next().text(name), ':'), v)
	}
	return w.end('}')
}

// docList writes a list; nothing when it is empty.
func docList[V any](w docWriter, k string, list []V, value func(docWriter, *V) docWriter) docWriter {
	if len(list) == 0 {
		return w
	}
	w = w.key(k).begin('[')
	for i := range list {
		w = value(w.next(), &list[i])
	}
	return w.end(']')
}

func writeTime(w docWriter, t heed.Time) docWriter    { return w.integer(int64(t)) }
func writeTimeOf(w docWriter, t *heed.Time) docWriter { return w.integer(int64(*t)) }
func writeText(w docWriter, s *string) docWriter      { return w.text(*s) }
func writeHash(w docWriter, h *uint64) docWriter      { return strconv.AppendUint(w, *h, 10) }
