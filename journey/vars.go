package journey

import (
	"encoding/json"
	"strings"

	"github.com/heedcx/heed"
)

// object writes a JSON object member by member.
type object struct{ b []byte }

func (o *object) raw(name, value string) {
	if o.b == nil {
		o.b = append(make([]byte, 0, 192), '{')
	} else {
		o.b = append(o.b, ',')
	}
	o.b = appendString(o.b, name)
	o.b = append(o.b, ':')
	o.b = append(o.b, value...)
}

func (o *object) text(name, value string) {
	o.raw(name, "")
	o.b = appendString(o.b, value)
}

func (o *object) done() heed.RawJSON {
	if o.b == nil {
		return heed.RawJSON("{}")
	}
	return append(o.b, '}')
}

// appendString quotes s. Most of what we write are ids and names, which need no escapes.
func appendString(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= 0x7f || c == '<' || c == '>' || c == '&' {
			q, _ := json.Marshal(s) // a string always encodes
			return append(b, q...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

func quote(s string) heed.RawValue { return heed.RawValue(appendString(nil, s)) }

func splitPath(s string) []string { return strings.Split(s, ".") }

// lookup walks into a JSON object and returns the value at path, "" if there is none.
func lookup(doc []byte, path []string) string {
	for _, k := range path {
		var m map[string]json.RawMessage
		if json.Unmarshal(doc, &m) != nil {
			return ""
		}
		if doc = m[k]; len(doc) == 0 {
			return ""
		}
	}
	if string(doc) == "null" {
		return ""
	}
	return string(doc)
}

// keyOf reads the key of a keyed journey from its trigger event: a text, number or boolean; "" if there is none.
func keyOf(e *heed.Event, path []string) string {
	doc := e.Properties
	if path[0] == "context" {
		doc = e.Context
	}
	return scalar(lookup(doc, path[1:]))
}

// scalar is a JSON scalar as plain text; "" for anything else or longer than a key may be.
func scalar(v string) string {
	if v == "" || v[0] == '{' || v[0] == '[' {
		return ""
	}
	if v[0] == '"' {
		var s string
		if json.Unmarshal([]byte(v), &s) != nil {
			return ""
		}
		v = s
	}
	if len(v) > maxKey {
		return ""
	}
	return v
}

// varsOf is what a run takes along from the event that started it: its properties. Of properties that are too many for
// a person's document, only the short plain ones stay.
func varsOf(props heed.RawJSON) heed.RawValue {
	if len(props) <= 2 { // absent or {}
		return ""
	}
	if len(props) <= maxVars {
		return heed.RawValue(props)
	}
	return slim(props)
}

func slim(doc []byte) heed.RawValue {
	var m map[string]json.RawMessage
	if json.Unmarshal(doc, &m) != nil {
		return ""
	}
	size := 2
	for k, v := range m {
		if v[0] == '{' || v[0] == '[' || len(k)+len(v) > 256 {
			delete(m, k)
		} else if size += len(k) + len(v) + 4; size > maxVars {
			return ""
		}
	}
	b, err := json.Marshal(m)
	if err != nil || len(m) == 0 {
		return ""
	}
	return heed.RawValue(b)
}

// withVar adds one member to what a run carries; it is left out when there is no room for it.
func withVar(vars heed.RawValue, name string, value []byte) heed.RawValue {
	if len(value) == 0 {
		return vars
	}
	m := map[string]json.RawMessage{}
	if vars != "" && json.Unmarshal([]byte(vars), &m) != nil {
		return vars
	}
	m[name] = value
	b, err := json.Marshal(m)
	if err != nil {
		return vars
	}
	if len(b) > maxVars {
		small := slim(value)
		if small == "" {
			return vars
		}
		m[name] = json.RawMessage(small)
		if b, err = json.Marshal(m); err != nil || len(b) > maxVars {
			return vars
		}
	}
	return heed.RawValue(b)
}
