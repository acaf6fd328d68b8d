package importer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/parser"

	"github.com/heedcx/heed"
)

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
