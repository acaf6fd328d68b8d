package collect

import (
	"bytes"
	"encoding/json"

	"github.com/heedcx/heed"
)

// merger merges the context of a batch into those of its events: field by field, where the event's own wins.
type merger struct {
	buf    []byte // merged contexts, back to back
	shared []entry
	split  bool
}

type entry struct{ name, all []byte } // all is "name":value

func (m *merger) reset() {
	m.buf, m.shared, m.split = m.buf[:0], m.shared[:0], false
}

// context returns the event's context. When only one side has one, it is returned as it is, without a copy.
func (m *merger) context(t *text, own, shared field) heed.RawJSON {
	if shared.kind != isObject || shared.end-shared.start <= 2 {
		if own.kind != isObject {
			return nil
		}
		return t.raw(own)
	}
	if own.kind != isObject || own.end-own.start <= 2 {
		return t.raw(shared)
	}
	if !m.split {
		m.shared, m.split = entries(t, shared, m.shared), true
	}
	start := len(m.buf)
	b := bytes.TrimRight(t.b[own.start:own.end-1], " \t\r\n")
	m.buf = append(m.buf, b...)
	var has [64]entry
	mine := entries(t, own, has[:0])
	empty := len(mine) == 0
next:
	for _, s := range m.shared {
		for _, o := range mine {
			if bytes.Equal(o.name, s.name) {
				continue next
			}
		}
		if !empty {
			m.buf = append(m.buf, ',')
		}
		m.buf, empty = append(m.buf, s.all...), false
	}
	m.buf = append(m.buf, '}')
	return m.buf[start:len(m.buf):len(m.buf)]
}

// entries splits an object that has passed the scanner into its fields.
func entries(t *text, f field, to []entry) []entry {
	var all field
	s := text{scanner: scanner{b: t.b}}
	s.object(int(f.start), &all, func(name []byte, i int) int {
		end := s.value(i, 1)
		from := cap(s.b) - cap(name) - 1 // where the name's quote is: name is a part of s.b
		if bytes.IndexByte(name, '\\') >= 0 {
			name = []byte(unescape(name))
		}
		to = append(to, entry{name: name, all: s.b[from:end]})
		return end
	})
	return to
}

// unescape returns what a JSON string that has passed the scanner says.
func unescape(b []byte) string {
	var s string
	q := make([]byte, 0, len(b)+2)
	q = append(append(append(q, '"'), b...), '"')
	if err := json.Unmarshal(q, &s); err != nil {
		return string(b)
	}
	return s
}
