package spec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"
)

// Export writes the set as YAML files, one per kind, by file name. Reading them back gives the same documents.
func Export(s Set) (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, x := range s.All() {
		text, err := YAML(x)
		if err != nil {
			return nil, err
		}
		name := x.Kind + ".yaml"
		if out[name] != nil {
			out[name] = append(out[name], "---\n"...)
		}
		out[name] = append(out[name], text...)
	}
	return out, nil
}

// WriteFiles exports the set into a folder, which is made if need be. Other files in it are left alone.
func WriteFiles(dir string, s Set) error {
	files, err := Export(s)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// YAML is one spec as a YAML document, kind and name first, its fields in the order in which they were written.
func YAML(s Spec) ([]byte, error) {
	fields := yaml.MapSlice{{Key: "kind", Value: s.Kind}, {Key: "name", Value: s.Name}}
	if len(bytes.TrimSpace(s.Body)) > 0 {
		root, err := decodeJSON(s.Body)
		body, ok := root.(yaml.MapSlice)
		if err != nil || !ok {
			return nil, fmt.Errorf("spec: the stored body of %s %s is no JSON object: %w", s.Kind, s.Name, err)
		}
		fields = append(fields, native(body).(yaml.MapSlice)...)
	}
	text, err := yaml.MarshalWithOptions(fields, yaml.UseLiteralStyleIfMultiline(true), yaml.Indent(2))
	if err != nil {
		return nil, fmt.Errorf("spec: %s %s: %w", s.Kind, s.Name, err)
	}
	// What a YAML writer gets wrong in some rare text must not become a wrong file: fall back to JSON, which is YAML.
	if back, err := Parse("", text); err == nil && len(back) == 1 && len(Diff(s.Body, back[0].Body)) == 0 {
		return text, nil
	}
	return jsonDocument(s)
}

func jsonDocument(s Spec) ([]byte, error) {
	var b bytes.Buffer
	head, err := json.Marshal(Key{s.Kind, s.Name})
	if err != nil {
		return nil, err
	}
	text := strings.TrimSuffix(string(head), "}")
	if body := strings.TrimSpace(string(s.Body)); len(body) > 2 {
		text += "," + body[1:]
	} else {
		text += "}"
	}
	if err := json.Indent(&b, []byte(text), "", "  "); err != nil {
		return nil, fmt.Errorf("spec: %s %s: %w", s.Kind, s.Name, err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}
