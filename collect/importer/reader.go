package importer

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
	"github.com/tidwall/gjson"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/collect"
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

// newReader binds the mapping to the columns of a file (nil for NDJSON). A column or an expression that does not fit is
// an error that names the field, the line of the mapping file, and the columns that there are.
func newReader(m *Mapping, columns []string, now heed.Time) (*reader, error) {
	r := &reader{m: m, columns: columns, now: now, env: map[string]any{}}
	p := &binder{reader: r, parser: newParser(m)}
	for i := range m.rows {
		row := &m.rows[i]
		for _, v := range []*value{row.when, row.event, row.group, row.timestamp, row.touchpoint, row.channel, row.direction, row.department} {
			p.bind(v)
		}
		for _, list := range [][]named{row.ids, row.properties} {
			for _, n := range list {
				p.bind(n.value)
			}
		}
	}
	for name := range m.types {
		if columns != nil && !slices.Contains(columns, name) {
			p.parser.fail("columns."+name, "%s", p.missing(name))
		}
	}
	if p.parser.bad != nil {
		return nil, p.parser.bad
	}
	return r, nil
}

func newParser(m *Mapping) *mappingParser {
	p := &mappingParser{}
	p.spec.Name, p.spec.Origin = m.Name, m.origin
	return p
}

type binder struct {
	*reader
	parser *mappingParser
}

func (p *binder) missing(name string) string {
	return fmt.Sprintf("the file has no column %q; it has %s", name, strings.Join(p.columns, ", "))
}

func (p *binder) bind(v *value) {
	switch {
	case v == nil:
	case v.column != "":
		if p.columns == nil {
			return
		}
		if v.index = slices.Index(p.columns, v.column); v.index < 0 {
			p.parser.fail(v.path, "%s", p.missing(v.column))
		}
	case v.expr != "":
		tree, err := parser.Parse(v.expr)
		if err != nil {
			return // reported when the mapping was read
		}
		names := identifiers{}
		ast.Walk(&tree.Node, &names)
		env := map[string]any{}
		for _, name := range names.list {
			if p.columns != nil && !slices.Contains(p.columns, name) {
				p.parser.fail(v.path, "%s", p.missing(name))
				return
			}
			v.uses = append(v.uses, p.variable(name))
			env[name] = any("")
			if p.m.types[name] == number {
				env[name] = 0.0
			}
		}
		if p.columns == nil { // the types of NDJSON are those of each line
			env = nil
		}
		if err := v.compile(env); err != nil {
			p.parser.add(err)
		}
	}
}

func (p *binder) variable(name string) int {
	for i, v := range p.vars {
		if v.name == name {
			return i
		}
	}
	p.vars = append(p.vars, variable{name: name, index: slices.Index(p.columns, name), number: p.m.types[name] == number})
	return len(p.vars) - 1
}

// identifiers collects the names that an expression reads: words, and $env["words with spaces"].
type identifiers struct{ list []string }

// Visit implements ast.Visitor.
func (n *identifiers) Visit(node *ast.Node) {
	add := func(name string) {
		if name != "$env" && !slices.Contains(n.list, name) {
			n.list = append(n.list, name)
		}
	}
	switch x := (*node).(type) {
	case *ast.IdentifierNode:
		add(x.Value)
	case *ast.MemberNode:
		if base, ok := x.Node.(*ast.IdentifierNode); ok && base.Value == "$env" {
			if s, ok := x.Property.(*ast.StringNode); ok {
				add(s.Value)
			}
		}
	}
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

// event turns the record at hand into e. number and raw are the line's. skip: the mapping leaves the line out.
func (r *reader) event(number int, raw []byte, e *heed.Event) (skip bool, err error) {
	r.turn++
	row, err := r.row()
	if err != nil {
		return false, err
	}
	if row.skip {
		return true, nil
	}
	*e = heed.Event{Type: row.kind, Source: r.m.Source, ReceivedAt: r.now, Timestamp: r.now, Direction: heed.Inbound}
	e.MessageID = r.messageID(number, raw)
	if row.timestamp != nil {
		at, ok, err := r.get(row.timestamp)
		if err != nil {
			return false, err
		}
		if !ok {
			return false, fmt.Errorf("%s: %w", row.timestamp.path, errEmpty)
		}
		if e.Timestamp = at.at; at.at > r.now.Add(24*hour) || at.at < oldest {
			return false, fmt.Errorf("%s: %s is not between 1900 and tomorrow", row.timestamp.path, at.at)
		}
	}
	direction := string(e.Direction)
	for _, w := range [...]struct {
		v   *value
		to  *string
		max int
	}{{row.event, &e.Name, 512}, {row.group, &e.GroupID, 256}, {row.touchpoint, &e.Touchpoint, 512}, {row.channel, &e.Channel, 64}, {row.direction, &direction, 64}, {row.department, &e.Department, 512}} {
		if w.v == nil {
			continue
		}
		s, ok, err := r.get(w.v)
		if err != nil {
			return false, err
		}
		if ok {
			if err := plain(s.text, w.max); err != nil {
				return false, fmt.Errorf("%s: %w", w.v.path, err)
			}
			*w.to = s.text
		}
	}
	if e.Direction = heed.Direction(direction); direction != string(heed.Inbound) && direction != string(heed.Outbound) {
		return false, fmt.Errorf("%s: want inbound or outbound, got %s", row.direction.path, quoted(direction))
	}
	if e.Type == heed.Track && e.Name == "" {
		return false, fmt.Errorf("%s: %w", row.event.path, errEmpty)
	}
	if e.Type == heed.Group && e.GroupID == "" {
		return false, fmt.Errorf("%s: %w", row.group.path, errEmpty)
	}
	if err := r.identifiers(row, e); err != nil {
		return false, err
	}
	e.Properties, err = r.properties(row)
	return false, err
}

func (r *reader) row() (*row, error) {
	for i := range r.m.rows {
		row := &r.m.rows[i]
		if row.when == nil {
			return row, nil
		}
		got, err := r.run(row.when)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", row.when.path, err)
		}
		yes, ok := got.(bool)
		if !ok {
			return nil, fmt.Errorf("%s: want true or false, got %T", row.when.path, got)
		}
		if yes {
			return row, nil
		}
	}
	return nil, fmt.Errorf("no row of the mapping holds for this line")
}

func (r *reader) identifiers(row *row, e *heed.Event) error {
	for _, id := range row.ids {
		s, ok, err := r.get(id.value)
		if err != nil {
			return err
		}
		v := strings.TrimSpace(s.text)
		if !ok || v == "" {
			continue
		}
		if err := plain(v, 256); err != nil {
			return fmt.Errorf("%s: %w", id.path, err)
		}
		switch id.name {
		case heed.UserID:
			e.UserID = v
		case heed.AnonymousID:
			e.AnonymousID = v
		case heed.Email:
			e.IDs = append(e.IDs, heed.Identifier{Namespace: id.name, Value: strings.ToLower(v)})
		default:
			e.IDs = append(e.IDs, heed.Identifier{Namespace: id.name, Value: v})
		}
	}
	if e.UserID == "" && e.AnonymousID == "" && len(e.IDs) == 0 && (r.m.Strict || e.Type == heed.Identify) {
		return fmt.Errorf("%s: nobody is named", join(row.path, "ids"))
	}
	return nil
}

// plain checks text that identifies or names something.
func plain(s string, max int) error {
	if len(s) > max {
		return fmt.Errorf("is %d bytes long, the limit is %d", len(s), max)
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f || s[i] >= utf8.RuneSelf {
			if strings.IndexFunc(s, unicode.IsControl) >= 0 {
				return fmt.Errorf("has a control character: %s", quoted(s))
			}
			break
		}
	}
	return nil
}

func (r *reader) properties(row *row) (heed.RawJSON, error) {
	if len(row.properties) == 0 {
		return nil, nil
	}
	b := append(r.buf[:0], '{')
	for _, p := range row.properties {
		s, ok, err := r.get(p.value)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b = append(appendJSON(b, p.name), ':')
		if s.json {
			b = append(b, s.text...)
		} else {
			b = appendJSON(b, s.text)
		}
	}
	r.buf = append(b, '}')
	if len(r.buf) > collect.MaxEventBytes {
		return nil, fmt.Errorf("the properties are %d bytes long, the limit is %d", len(r.buf), collect.MaxEventBytes)
	}
	return bytes.Clone(r.buf), nil
}

// appendJSON appends s as a JSON string. NUL becomes U+FFFD, because databases refuse it.
func appendJSON(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			q, err := json.Marshal(strings.ReplaceAll(s, "\x00", "\ufffd"))
			if err != nil { // a string always encodes
				q = []byte(`""`)
			}
			return append(b, q...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// messageID is the same whenever this line of this file is read under this mapping's name.
func (r *reader) messageID(number int, raw []byte) string {
	b := append(r.sum[:0], r.m.Name...)
	b = append(b, 0)
	b = strconv.AppendInt(b, int64(number), 10)
	b = append(b, 0)
	r.sum = append(b, raw...)
	sum := sha256.Sum256(r.sum)
	var out [4 + 24]byte
	copy(out[:], "imp-")
	hex.Encode(out[4:], sum[:12])
	return string(out[:])
}
