package rule

import (
	"math"
	"slices"
)

// anyTest checks a test of a value whose type is only known when it is there.
func (c *checker) anyTest(e *Expr, at string) {
	switch e.Op {
	case Exists:
	case Within, Ago, InNext:
		if e.Kind != Trait {
			c.bad(at+".op", "%q asks how long ago: possible for traits, not for what an event says", e.Op)
		}
		c.value(e.Value, at, Span)
	case Eq, Ne:
		c.value(e.Value, at, String, Number, Bool, Instant)
	case Contains:
		c.value(e.Value, at, String, Number, Bool)
	case Lt, Le, Gt, Ge:
		c.value(e.Value, at, String, Number, Instant)
	case StartsWith, EndsWith:
		c.value(e.Value, at, String)
	case In:
		c.list(e.Value, at, String, Number, Bool, Instant)
	default:
		c.bad(at+".op", "there is no test %q", cut(string(e.Op)))
	}
	if v := e.Value; v != nil && v.Str == "" && (e.Op == Contains || e.Op == StartsWith || e.Op == EndsWith) && v.Type == String {
		c.bad(at+".value", "an empty text is in every text")
	}
}

func (c *checker) stringTest(e *Expr, at string) {
	switch e.Op {
	case Exists:
	case Eq, Ne, Contains, StartsWith, EndsWith, Lt, Le, Gt, Ge:
		c.value(e.Value, at, String)
		if e.Value != nil && e.Value.Str == "" && e.Op != Eq && e.Op != Ne {
			c.bad(at+".value", "want a text that is not empty")
		}
	case In:
		c.list(e.Value, at, String)
	default:
		c.bad(at+".op", "a text is tested with =, !=, contains, starts with, ends with, in or exists")
	}
}

func (c *checker) numberTest(e *Expr, at string) {
	switch e.Op {
	case Eq, Ne, Lt, Le, Gt, Ge:
		c.value(e.Value, at, Number)
	case In:
		c.list(e.Value, at, Number)
	default:
		c.bad(at+".op", "a number is tested with =, !=, <, <=, >, >= or in")
	}
}

func (c *checker) timeTest(e *Expr, at string) {
	switch e.Op {
	case Exists:
	case Within, Ago:
		c.value(e.Value, at, Span)
	case Lt, Le, Gt, Ge:
		c.value(e.Value, at, Instant)
	default:
		c.bad(at+".op", "a time is tested with before, after, within, more than ... ago or exists")
	}
}

func (c *checker) value(v *Value, at string, types ...ValueType) {
	if v == nil {
		c.bad(at+".value", "with what?")
		return
	}
	if !slices.Contains(types, v.Type) {
		c.bad(at+".value", "want a %v here, not a %s", types, v.Type)
		return
	}
	switch v.Type {
	case String:
		c.text(at+".value", v.Str)
	case Number:
		if math.IsNaN(v.Num) || math.Abs(v.Num) >= hugeNumber {
			c.bad(at+".value", "want a number between -1e300 and 1e300")
		}
	case Span:
		if v.Span <= 0 || v.Span > MaxDuration {
			c.bad(at+".value", "want a duration of at most 3653d")
		}
	}
}

func (c *checker) list(v *Value, at string, types ...ValueType) {
	if v == nil || v.Type != List || len(v.List) == 0 || len(v.List) > MaxList {
		c.bad(at+".value", "want a list of 1 to %d values", MaxList)
		return
	}
	for i := range v.List {
		c.value(&v.List[i], at, types...)
	}
}
