package importer

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/vm"
	"github.com/tidwall/gjson"

	"github.com/heedcx/heed"
)

// reader turns records into events.
type reader struct {
	m       *Mapping
	columns []string // CSV: the header
	now     heed.Time
	machine vm.VM
	env     map[string]any // columns for expressions
	vars    []variable

	// The record at hand: fields (CSV) or a line (NDJSON).
	fields [][]byte
	line   []byte
	turn   int // counts records, so that variables are set once per record
	buf    []byte
	sum    []byte
}

// variable is a column that expressions read.
type variable struct {
	name   string
	index  int // of the column, -1 for NDJSON
	number bool
	turn   int
}

// field returns the text of a column.
func (r *reader) field(v *value) (string, bool) {
	if r.columns != nil {
		f := r.fields[v.index]
		return string(f), len(f) > 0
	}
	g := gjson.GetBytes(r.line, v.column)
	switch g.Type {
	case gjson.Null:
		return "", false
	case gjson.String:
		return g.Str, g.Str != ""
	}
	return g.Raw, true
}

// get evaluates a value for the record at hand. ok is false when there is nothing.
func (r *reader) get(v *value) (out scalar, ok bool, err error) {
	switch {
	case v.fixed != nil:
		return *v.fixed, true, nil
	case v.column != "":
		var s string
		if s, ok = r.field(v); ok {
			out, ok, err = v.convert(s)
			if err == nil && r.columns == nil && v.kind == "" {
				r.keepType(v, &out)
			}
		}
	default:
		out, ok, err = r.compute(v)
	}
	if err != nil {
		return scalar{}, false, fmt.Errorf("%s: %w", v.path, err)
	}
	if !ok && v.fallback != nil {
		return *v.fallback, true, nil
	}
	if !ok && v.required {
		return scalar{}, false, fmt.Errorf("%s: %w", v.path, errEmpty)
	}
	return out, ok, nil
}

// keepType lets a value of an NDJSON line stay what it is: a number a number, an object an object.
func (r *reader) keepType(v *value, out *scalar) {
	switch g := gjson.GetBytes(r.line, v.column); g.Type {
	case gjson.Number, gjson.True, gjson.False, gjson.JSON:
		out.json = true
	}
}

// compute runs an expression.
func (r *reader) compute(v *value) (scalar, bool, error) {
	got, err := r.run(v)
	if err != nil {
		return scalar{}, false, err
	}
	switch x := got.(type) {
	case nil:
		return scalar{}, false, nil
	case string:
		return v.convert(x)
	case bool:
		return scalar{text: strconv.FormatBool(x), json: true}, true, nil
	case float64:
		out, err := v.number(x)
		return out, err == nil, err
	case int:
		out, err := v.number(float64(x))
		return out, err == nil, err
	}
	return scalar{}, false, fmt.Errorf("the expression gives %T; want text, a number, true or false", got)
}

func (r *reader) run(v *value) (any, error) {
	for _, i := range v.uses {
		if err := r.set(&r.vars[i]); err != nil {
			return nil, err
		}
	}
	got, err := r.machine.Run(v.program, r.env)
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return nil, fmt.Errorf("%s", first)
	}
	return got, nil
}

// set gives an expression the column's value, once per record.
func (r *reader) set(x *variable) error {
	if x.turn == r.turn {
		return nil
	}
	switch {
	case r.columns == nil:
		r.env[x.name] = gjson.GetBytes(r.line, gjson.Escape(x.name)).Value()
	case x.number:
		s := strings.TrimSpace(string(r.fields[x.index]))
		if s == "" {
			return fmt.Errorf("column %s %w", x.name, errEmpty)
		}
		f, err := parseNumber(s)
		if err != nil {
			return fmt.Errorf("column %s: %w", x.name, err)
		}
		r.env[x.name] = f
	default:
		r.env[x.name] = string(r.fields[x.index])
	}
	x.turn = r.turn
	return nil
}
