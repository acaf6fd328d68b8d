package importer

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"

	"github.com/heedcx/heed"
)

// Types of values.
const (
	text    = "text"
	number  = "number"
	integer = "integer"
	boolean = "boolean"
	instant = "time"
)

// value says where something comes from: a column, an expression over columns, or a constant; and what it is.
type value struct {
	path      string
	column    string
	expr      string
	fixed     *scalar
	kind      string
	layout    string // of times
	zone      *time.Location
	round     int // decimals, -1 for all
	fallback  *scalar
	required  bool
	condition bool // an expression that is true or false

	index   int // of the column
	program *vm.Program
	uses    []int // columns that the expression reads, as indexes into reader.vars

	lastText string // the latest time that was read: neighbouring lines often share it
	lastTime heed.Time
}

// scalar is one value, ready to be an identifier, a word or JSON.
type scalar struct {
	text string // as text
	json bool   // text is JSON as it is (numbers, true, false)
	at   heed.Time
}

type valueBody struct {
	Column   string          `json:"column"`
	Value    string          `json:"value"`
	Constant json.RawMessage `json:"constant"`
	Type     string          `json:"type"`
	Layout   string          `json:"layout"`
	Zone     string          `json:"zone"`
	Round    *int            `json:"round"`
	Default  json.RawMessage `json:"default"`
	Required bool            `json:"required"`
}

// value reads a value where a bare word is the name of a column. nil: there is none.
func (p *mappingParser) value(path string, raw json.RawMessage) *value {
	return p.either(path, raw, func(v *value, word string) { v.column = word })
}

// constant reads a value where a bare word stands for itself.
func (p *mappingParser) constant(path string, raw json.RawMessage) *value {
	return p.either(path, raw, func(v *value, word string) { v.fixed = &scalar{text: word} })
}

func (p *mappingParser) either(path string, raw json.RawMessage, word func(*value, string)) *value {
	if len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	v := &value{path: path, zone: p.zone, round: -1, index: -1}
	if raw[0] != '{' {
		var s string
		if err := json.Unmarshal(raw, &s); err != nil || s == "" {
			p.fail(path, "want text, or an object with column, value or constant")
			return nil
		}
		word(v, s)
		return v
	}
	var b valueBody
	if !p.decode(path, raw, &b) {
		return nil
	}
	sources := 0
	if b.Column != "" {
		v.column = b.Column
		sources++
	}
	if b.Value != "" {
		v.expr = b.Value
		sources++
		p.compiles(v, nil)
	}
	if b.Constant != nil {
		v.fixed = p.scalar(join(path, "constant"), b.Constant)
		sources++
	}
	if sources != 1 {
		p.fail(path, "want exactly one of column, value and constant")
	}
	switch v.kind = b.Type; b.Type {
	case "", text, number, integer, boolean, instant:
	default:
		p.fail(join(path, "type"), "want text, number, integer, boolean or time, got %q", b.Type)
	}
	v.layout = layouts.Replace(b.Layout)
	if b.Zone != "" {
		v.zone = p.location(join(path, "zone"), b.Zone)
	}
	if b.Round != nil {
		if v.round = *b.Round; v.round < 0 || v.round > 12 {
			p.fail(join(path, "round"), "want 0 to 12 decimals, got %d", v.round)
		}
	}
	if b.Default != nil {
		v.fallback = p.scalar(join(path, "default"), b.Default)
	}
	v.required = b.Required
	return v
}

func (p *mappingParser) scalar(path string, raw json.RawMessage) *scalar {
	switch raw[0] {
	case '{', '[', 'n':
		p.fail(path, "want text, a number, true or false")
		return &scalar{}
	case '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			p.fail(path, "%v", err)
		}
		return &scalar{text: s}
	}
	return &scalar{text: string(raw), json: true}
}

// layouts turns YYYY-MM-DD HH:mm:ss into what package time reads; a layout in its own form is left as it is.
var layouts = strings.NewReplacer("YYYY", "2006", "YY", "06", "MM", "01", "DD", "02", "HH", "15", "hh", "03", "mm", "04", "ss", "05", "SSS", "000", "ZZ", "-0700")

// compiles compiles an expression. env names the columns and their types; nil checks the form only.
func (p *mappingParser) compiles(v *value, env map[string]any) {
	if err := v.compile(env); err != nil {
		p.add(err)
	}
}

const maxExpression = 4096

func (v *value) compile(env map[string]any) error {
	if len(v.expr) > maxExpression {
		return heed.FieldErrorf(v.path, "an expression may have %d bytes", maxExpression)
	}
	options := []expr.Option{expr.DisableBuiltin("now"), expr.MaxNodes(500)}
	if env == nil {
		options = append(options, expr.AllowUndefinedVariables())
	} else {
		options = append(options, expr.Env(env))
	}
	if v.condition && env != nil {
		options = append(options, expr.AsBool())
	}
	program, err := expr.Compile(v.expr, options...)
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return heed.FieldErrorf(v.path, "%s", first)
	}
	v.program = program
	return nil
}

var errEmpty = errors.New("is empty")

// convert turns text into the value's type. ok is false when there is nothing.
func (v *value) convert(s string) (scalar, bool, error) {
	switch v.kind {
	case "", text:
		return scalar{text: s}, s != "", nil
	}
	s = strings.TrimSpace(s)
	if s == "" {
		return scalar{}, false, nil
	}
	switch v.kind {
	case number, integer:
		if v.kind == number && v.round < 0 && plainNumber(s) {
			return scalar{text: s, json: true}, true, nil
		}
		f, err := parseNumber(s)
		if err != nil {
			return scalar{}, false, err
		}
		out, err := v.number(f)
		return out, err == nil, err
	case boolean:
		switch strings.ToLower(s) {
		case "true", "t", "yes", "y", "1", "on":
			return scalar{text: "true", json: true}, true, nil
		case "false", "f", "no", "n", "0", "off":
			return scalar{text: "false", json: true}, true, nil
		}
		return scalar{}, false, fmt.Errorf("want true or false, got %s", quoted(s))
	}
	at, err := v.time(s)
	return scalar{text: at.String(), at: at}, err == nil, err
}

func (v *value) number(f float64) (scalar, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return scalar{}, errors.New("is no finite number")
	}
	if v.round >= 0 {
		scale := math.Pow10(v.round)
		if r := math.Round(f * scale); !math.IsInf(r, 0) {
			f = r / scale
		}
	}
	if v.kind == integer {
		if f != math.Trunc(f) || math.Abs(f) >= 1<<53 {
			return scalar{}, fmt.Errorf("want a whole number, got %v", f)
		}
		return scalar{text: strconv.FormatInt(int64(f), 10), json: true}, nil
	}
	if f == 0 {
		f = 0 // not -0
	}
	format := byte('f')
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		format = 'e'
	}
	return scalar{text: strconv.FormatFloat(f, format, -1, 64), json: true}, nil
}

func parseNumber(s string) (float64, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) || strings.ContainsAny(s, "xX_pP") {
		return 0, fmt.Errorf("want a number, got %s", quoted(s))
	}
	return f, nil
}

// plainNumber says whether s is a JSON number of everyday size, so that it can be copied as it is.
func plainNumber(s string) bool {
	i := 0
	if s[0] == '-' {
		i++
	}
	start := i
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	if i == start || s[start] == '0' && i > start+1 || i > 15 {
		return false
	}
	if i == len(s) {
		return true
	}
	if s[i] != '.' || i == len(s)-1 || len(s) > 24 {
		return false
	}
	for i++; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func (v *value) time(s string) (heed.Time, error) {
	if s == v.lastText {
		return v.lastTime, nil
	}
	t, err := v.readTime(s)
	if err != nil {
		return 0, err
	}
	v.lastText, v.lastTime = strings.Clone(s), t
	return t, nil
}

func (v *value) readTime(s string) (heed.Time, error) {
	bad := func() (heed.Time, error) {
		if v.layout == "" {
			return 0, fmt.Errorf("want an ISO 8601 date such as 2026-03-29 10:00:00, got %s", quoted(s))
		}
		return 0, fmt.Errorf("want a date of the form %s, got %s", v.layout, quoted(s))
	}
	switch v.layout {
	case "unix", "unix_ms":
		f, err := parseNumber(s)
		if v.layout == "unix" {
			f *= 1000
		}
		if err != nil || math.Abs(f) > 1e14 {
			return bad()
		}
		return heed.Time(math.Round(f * 1000)), nil
	case "":
		for _, layout := range [...]string{"2006-01-02 15:04:05", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02", "2006-01-02 15:04"} {
			if t, err := time.ParseInLocation(layout, s, v.zone); err == nil {
				return heed.At(t), nil
			}
		}
		return bad()
	}
	t, err := time.ParseInLocation(v.layout, s, v.zone)
	if err != nil {
		return bad()
	}
	return heed.At(t), nil
}

// quoted shows a value of the file in a reason, shortly.
func quoted(s string) string {
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "..."
	}
	return strconv.Quote(s)
}
