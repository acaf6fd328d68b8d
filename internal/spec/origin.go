package spec

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Origin remembers where in which file a spec was written, so that an error can point at the line.
type Origin struct {
	File string
	doc  ast.Node
}

// Locate returns file:line:column of a field such as nodes[2].wait, or of the nearest thing around it that is there.
func (o *Origin) Locate(field string) string {
	if o == nil || o.doc == nil {
		return ""
	}
	for f := strings.Trim(field, "."); f != ""; f = parentOf(f) {
		path, err := yaml.PathString("$." + f)
		if err != nil {
			continue
		}
		if n, err := path.FilterNode(o.doc); err == nil && n != nil {
			return o.at(n)
		}
	}
	return o.at(o.doc)
}

func (o *Origin) at(n ast.Node) string {
	t := n.GetToken()
	if m, ok := n.(*ast.MappingNode); ok && len(m.Values) > 0 { // a mapping's own token is its first colon
		t = m.Values[0].Key.GetToken()
	}
	if t == nil || t.Position == nil {
		return o.File
	}
	return fmt.Sprintf("%s:%d:%d", o.File, t.Position.Line, t.Position.Column)
}

// parentOf cuts the last step of a path: a.b[2] > a.b > a > "".
func parentOf(f string) string {
	i := strings.LastIndexAny(f, ".[")
	if i < 0 {
		return ""
	}
	return f[:i]
}
