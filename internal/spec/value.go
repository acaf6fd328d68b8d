package spec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// A document between its two forms is a tree of yaml.MapSlice (an object in the order of its keys), []any, string,
// json.Number (as it was written), bool and nil.

var (
	errDepth  = errors.New("is nested too deeply")
	jsonShape = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)
)

// valueOf makes a tree of a YAML node. With an error comes the node that is wrong.
func valueOf(n ast.Node, depth int) (any, ast.Node, error) {
	if depth > maxDepth {
		return nil, n, errDepth
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		return objectOf(n, n.Values, depth)
	case *ast.MappingValueNode:
		return objectOf(n, []*ast.MappingValueNode{n}, depth)
	case *ast.SequenceNode:
		list := make([]any, 0, len(n.Values))
		for _, x := range n.Values {
			v, at, err := valueOf(x, depth+1)
			if err != nil {
				return nil, at, err
			}
			list = append(list, v)
		}
		return list, nil, nil
	case *ast.StringNode:
		// The parser takes 1e3 for text; YAML 1.2 and JSON do not.
		if n.Token.Type == token.StringType && jsonShape.MatchString(n.Value) {
			return numberOf(n, n.Value)
		}
		return n.Value, nil, nil
	case *ast.LiteralNode:
		return n.Value.Value, nil, nil
	case *ast.BoolNode:
		return n.Value, nil, nil
	case *ast.NullNode:
		return nil, nil, nil
	case *ast.IntegerNode:
		if jsonShape.MatchString(n.Token.Value) {
			return numberOf(n, n.Token.Value)
		}
		return numberOf(n, fmt.Sprint(n.Value)) // 0x1f, 0o17, 1_000
	case *ast.FloatNode:
		if jsonShape.MatchString(n.Token.Value) {
			return numberOf(n, n.Token.Value)
		}
		return numberOf(n, strconv.FormatFloat(n.Value, 'g', -1, 64)) // .5, 1_000.5
	case *ast.InfinityNode, *ast.NanNode:
		return nil, n, fmt.Errorf("%s cannot be stored: JSON has no such number", n.GetToken().Value)
	}
	return nil, n, fmt.Errorf("a %s is not supported here: write the value out", n.Type())
}

func numberOf(n ast.Node, text string) (any, ast.Node, error) {
	if _, err := strconv.ParseFloat(text, 64); err != nil || !jsonShape.MatchString(text) {
		return nil, n, fmt.Errorf("the number %s cannot be stored: it is out of range", cut(text, 40))
	}
	return json.Number(text), nil, nil
}

func objectOf(n ast.Node, values []*ast.MappingValueNode, depth int) (any, ast.Node, error) {
	out := make(yaml.MapSlice, 0, len(values))
	seen := make(map[string]bool, len(values))
	for _, f := range values {
		key, ok := keyOf(f.Key)
		if !ok {
			return nil, f.Key, errors.New("want a word as the key")
		}
		if seen[key] { // written in two ways: 1 and "1"
			return nil, f.Key, fmt.Errorf("key %q is there twice", cut(key, 80))
		}
		seen[key] = true
		v, at, err := valueOf(f.Value, depth+1)
		if err != nil {
			return nil, at, err
		}
		out = append(out, yaml.MapItem{Key: key, Value: v})
	}
	return out, nil, nil
}

// keyOf is the text of a scalar key: 5 and true are words here.
func keyOf(k ast.MapKeyNode) (string, bool) {
	switch k := k.(type) {
	case *ast.StringNode:
		return k.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode, *ast.InfinityNode, *ast.NanNode:
		return k.GetToken().Value, true
	}
	return "", false
}

// decodeJSON makes a tree of one JSON value. A key that is there twice is an error.
func decodeJSON(raw []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	v, err := decodeNext(d, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is something behind the object")
	}
	return v, nil
}

func decodeNext(d *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errDepth
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		out := yaml.MapSlice{}
		seen := map[string]bool{}
		for d.More() {
			t, err := d.Token()
			if err != nil {
				return nil, err
			}
			key, _ := t.(string) // the decoder takes nothing else
			if seen[key] {
				return nil, fmt.Errorf("key %q is there twice", cut(key, 80))
			}
			seen[key] = true
			v, err := decodeNext(d, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, yaml.MapItem{Key: key, Value: v})
		}
		_, err = d.Token()
		return out, err
	case json.Delim('['):
		out := []any{}
		for d.More() {
			v, err := decodeNext(d, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		_, err = d.Token()
		return out, err
	}
	if n, ok := t.(json.Number); ok {
		if _, err := n.Float64(); err != nil {
			return nil, fmt.Errorf("the number %s cannot be stored: it is out of range", cut(n.String(), 40))
		}
	}
	return t, nil
}

// writeJSON writes a tree, compactly.
func writeJSON(b *bytes.Buffer, v any) error {
	switch v := v.(type) {
	case yaml.MapSlice:
		b.WriteByte('{')
		for i, f := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := writeScalar(b, f.Key); err != nil {
				return err
			}
			b.WriteByte(':')
			if err := writeJSON(b, f.Value); err != nil {
				return err
			}
		}
		b.WriteByte('}')
		return nil
	case []any:
		b.WriteByte('[')
		for i, x := range v {
			if i > 0 {
				b.WriteByte(',')
			}
			if err := writeJSON(b, x); err != nil {
				return err
			}
		}
		b.WriteByte(']')
		return nil
	}
	return writeScalar(b, v)
}

func writeScalar(b *bytes.Buffer, v any) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("%v cannot be stored: %w", v, err)
	}
	b.Truncate(b.Len() - 1) // the encoder's newline
	return nil
}

// native turns the numbers of a tree into what the YAML writer knows.
func native(v any) any {
	switch v := v.(type) {
	case yaml.MapSlice:
		out := make(yaml.MapSlice, len(v))
		for i, f := range v {
			out[i] = yaml.MapItem{Key: f.Key, Value: native(f.Value)}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = native(x)
		}
		return out
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return i
		}
		if u, err := strconv.ParseUint(v.String(), 10, 64); err == nil {
			return u
		}
		f, _ := v.Float64() // checked when it came in
		return f
	}
	return v
}
