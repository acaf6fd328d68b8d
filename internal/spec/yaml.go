package spec

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/heedcx/heed"
)

// Parse reads the YAML documents of one file. Each is an object with kind, name and the fields of its kind. Errors
// carry file:line:column; every document that is wrong is reported, not only the first.
func Parse(file string, text []byte) ([]Spec, error) {
	if len(text) > MaxFile {
		return nil, heed.Errorf(heed.TooLarge, "%s has %d bytes; a file may have %d: split it", file, len(text), MaxFile)
	}
	if line := tooDeep(text); line > 0 {
		return nil, Problems{{Where: fmt.Sprintf("%s:%d:1", file, line), Text: "is nested too deeply"}}
	}
	parsed, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, Problems{yamlProblem(file, err)}
	}
	var out []Spec
	var bad Problems
	for _, doc := range parsed.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.NullType || doc.Body.Type() == ast.CommentType {
			continue // nothing between two lines of ---
		}
		s, err := parseDoc(&Origin{File: file, doc: doc.Body})
		if err != nil {
			bad = append(bad, err...)
			continue
		}
		out = append(out, s)
	}
	if bad != nil {
		return nil, bad
	}
	return out, nil
}

func parseDoc(o *Origin) (Spec, Problems) {
	fail := func(n ast.Node, format string, args ...any) (Spec, Problems) {
		return Spec{}, Problems{{Where: o.at(n), Text: fmt.Sprintf(format, args...)}}
	}
	if n := forbidden(o.doc); n != nil {
		return fail(n, "anchors, aliases, merge keys and tags are not supported here: write the value out")
	}
	root, at, err := valueOf(o.doc, 0)
	if err != nil {
		return fail(at, "%v", err)
	}
	fields, ok := root.(yaml.MapSlice)
	if !ok {
		return fail(o.doc, "want an object with kind, name and the fields of its kind")
	}
	s := Spec{Origin: o}
	body := fields[:0:0]
	for _, f := range fields {
		text, isText := f.Value.(string)
		switch f.Key {
		case "kind", "name":
			if !isText {
				return Spec{}, Problems{{Where: o.Locate(fmt.Sprint(f.Key)), Text: fmt.Sprintf("%v must be text: put it in quotes", f.Key)}}
			}
			if f.Key == "kind" {
				s.Kind = text
			} else {
				s.Name = text
			}
		default:
			body = append(body, f)
		}
	}
	if s.Kind == "" || s.Name == "" {
		return fail(o.doc, "every document needs a kind and a name")
	}
	var b bytes.Buffer
	if err := writeJSON(&b, body); err != nil {
		return fail(o.doc, "%s: %v", Key{s.Kind, s.Name}, err)
	}
	if b.Len() > MaxBody {
		return fail(o.doc, "%s has %d bytes; a document may have %d", Key{s.Kind, s.Name}, b.Len(), MaxBody)
	}
	s.Body = b.Bytes()
	return s, nil
}

// tooDeep returns the line on which brackets or dashes nest deeper than a parser should follow; 0 when none does.
func tooDeep(text []byte) int {
	n, depth := 0, 0
	for line := range bytes.Lines(text) {
		n++
		dashes := 0
		for i, c := range line {
			switch c {
			case '[', '{':
				depth++
			case ']', '}':
				depth = max(0, depth-1)
			case '-', '?', ':':
				if i+1 < len(line) && line[i+1] == ' ' {
					dashes++
				}
			}
		}
		indent := len(line) - len(bytes.TrimLeft(line, " "))
		if depth > 16*maxDepth || dashes > 16*maxDepth || indent > 16*maxDepth {
			return n
		}
	}
	return 0
}

// forbidden finds what would let a small file become a big document.
func forbidden(root ast.Node) ast.Node {
	var f finder
	ast.Walk(&f, root)
	return f.found
}

type finder struct{ found ast.Node }

func (f *finder) Visit(n ast.Node) ast.Visitor {
	switch n.Type() {
	case ast.AnchorType, ast.AliasType, ast.MergeKeyType, ast.TagType:
		if f.found == nil {
			f.found = n
		}
		return nil
	}
	return f
}

func yamlProblem(file string, err error) Problem {
	p := Problem{Where: file, Text: err.Error()}
	if e, ok := errors.AsType[yaml.Error](err); ok {
		p.Text = e.GetMessage()
		if t := e.GetToken(); t != nil && t.Position != nil {
			p.Where = fmt.Sprintf("%s:%d:%d", file, t.Position.Line, t.Position.Column)
		}
	}
	p.Text = strings.TrimSpace(p.Text)
	return p
}
