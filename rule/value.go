package rule

import (
	"encoding/json"
	"strings"

	"github.com/heedcx/heed"
)

// test is an operator with its value, compiled.
type test struct {
	op    Op
	value Value
	list  []Value
	span  heed.Time
}

// json tests a JSON value that is there and not null.
func (t *test) json(v string) bool {
	switch t.op {
	case Exists:
		return true
	case Eq:
		return equal(v, &t.value)
	case Ne:
		return !equal(v, &t.value)
	case In:
		for i := range t.list {
			if equal(v, &t.list[i]) {
				return true
			}
		}
		return false
	case Contains:
		if v[0] == '[' {
			return elements(v, equal, &t.value)
		}
		return v[0] == '"' && t.value.Type == String && containsString(v, t.value.Str)
	case StartsWith:
		return v[0] == '"' && hasPrefix(v, t.value.Str)
	case EndsWith:
		return v[0] == '"' && hasSuffix(v, t.value.Str)
	}
	switch t.value.Type {
	case String:
		return v[0] == '"' && ordered(t.op, compareString(v, t.value.Str))
	case Number:
		f, ok := number(v)
		return ok && orderedNumbers(t.op, f, t.value.Num)
	case Instant:
		at, ok := timeIn(v)
		return ok && ordered(t.op, int(at-t.value.Time))
	}
	return false
}

// equal says whether a JSON value is the literal: the same type and the same value.
func equal(v string, x *Value) bool {
	switch x.Type {
	case String:
		return v[0] == '"' && equalString(v, x.Str)
	case Number:
		f, ok := number(v)
		return ok && f == x.Num
	case Bool:
		return x.Bool && v == "true" || !x.Bool && v == "false"
	case Instant:
		at, ok := timeIn(v)
		return ok && at == x.Time
	}
	return false
}

// timeIn reads a time from a JSON string.
func timeIn(v string) (heed.Time, bool) {
	if len(v) < 2 || v[0] != '"' {
		return 0, false
	}
	if strings.IndexByte(v, '\\') < 0 {
		return parseTime(v[1 : len(v)-1])
	}
	var plain string
	if len(v) > 6*35+2 || json.Unmarshal([]byte(v), &plain) != nil {
		return 0, false
	}
	return parseTime(plain)
}

func ordered(op Op, c int) bool {
	switch op {
	case Lt:
		return c < 0
	case Le:
		return c <= 0
	case Gt:
		return c > 0
	case Ge:
		return c >= 0
	case Ne:
		return c != 0
	}
	return c == 0
}

func orderedNumbers(op Op, a, b float64) bool {
	c := 0
	if a < b {
		c = -1
	} else if a > b {
		c = 1
	}
	return ordered(op, c)
}

// number tests a number that is always there.
func (t *test) number(f float64) bool {
	if t.op == In {
		for i := range t.list {
			if t.list[i].Num == f {
				return true
			}
		}
		return false
	}
	return orderedNumbers(t.op, f, t.value.Num)
}

// text tests a text; an empty one is missing.
func (t *test) text(s string) bool {
	if s == "" {
		return false
	}
	switch t.op {
	case Exists:
		return true
	case In:
		for i := range t.list {
			if t.list[i].Str == s {
				return true
			}
		}
		return false
	case Contains:
		return strings.Contains(s, t.value.Str)
	case StartsWith:
		return strings.HasPrefix(s, t.value.Str)
	case EndsWith:
		return strings.HasSuffix(s, t.value.Str)
	}
	return ordered(t.op, strings.Compare(s, t.value.Str))
}

// when tests a time that is there, and says when the answer changes. A fact that lies ahead of us has a wrong clock
// and counts as now; a trait may well name a day to come.
func (t *test) when(at, now heed.Time, fact bool) (bool, heed.Time) {
	switch t.op {
	case Exists:
		return true, heed.Never
	case Within:
		if !fact && at > now {
			return false, at
		}
		if at > now-t.span {
			return true, at + t.span
		}
		return false, heed.Never
	case Ago:
		if at <= now-t.span {
			return true, heed.Never
		}
		return false, at + t.span
	case InNext:
		switch {
		case at <= now:
			return false, heed.Never
		case at <= now+t.span:
			return true, at
		}
		return false, at - t.span
	}
	return ordered(t.op, int(at-t.value.Time)), heed.Never
}
