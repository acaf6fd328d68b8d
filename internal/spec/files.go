package spec

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/heedcx/heed"
)

// ReadFiles reads files and folders of .yaml, .yml and .json into a set. A name that begins with a dot is left out. All
// files are read before anything is said, so that one run shows everything that is wrong.
func ReadFiles(paths ...string) (Set, error) {
	all := Set{}
	var bad Problems
	for _, root := range paths {
		if _, err := os.Stat(root); err != nil {
			return nil, heed.Errorf(heed.NotFound, "cannot read %s: there is no such file or folder", root)
		}
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if path != root && strings.HasPrefix(d.Name(), ".") {
				if d.IsDir() {
					return filepath.SkipDir
				}
				return nil
			}
			if d.IsDir() || path != root && !isSpecFile(path) {
				return nil
			}
			specs, err := readFile(path)
			if p, ok := errors.AsType[Problems](err); ok {
				bad = append(bad, p...)
				return nil
			}
			if err != nil {
				return err
			}
			bad = append(bad, all.add(specs)...)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if bad != nil {
		return nil, bad
	}
	return all, nil
}

func isSpecFile(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".yaml", ".yml", ".json":
		return true
	}
	return false
}

func readFile(path string) ([]Spec, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > MaxFile {
		return nil, heed.Errorf(heed.TooLarge, "%s has %d bytes; a file may have %d: split it", path, info.Size(), MaxFile)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, text) // JSON is YAML
}

// Read puts the documents of one text into a set.
func Read(file string, text []byte) (Set, error) {
	specs, err := Parse(file, text)
	if err != nil {
		return nil, err
	}
	all := Set{}
	if bad := all.add(specs); bad != nil {
		return nil, bad
	}
	return all, nil
}

// add takes in specs and complains about those that are there already.
func (s Set) add(specs []Spec) (bad Problems) {
	for _, x := range specs {
		k := Key{x.Kind, x.Name}
		if had, twice := s[k]; twice {
			bad = append(bad, Problem{Kind: k.Kind, Name: k.Name, Where: x.Origin.Locate("name"),
				Text: fmt.Sprintf("is defined twice, the first time at %s", had.Origin.Locate("name"))})
			continue
		}
		s[k] = x
	}
	return bad
}

// ReadJSON makes a spec of an object with the fields of its kind. Fields kind and name may be there and must then agree.
func ReadJSON(kind, name string, body []byte) (Spec, error) {
	if len(body) > 2*MaxBody { // white space may go
		return Spec{}, heed.Errorf(heed.TooLarge, "%s %s has %d bytes; a document may have %d", kind, name, len(body), MaxBody)
	}
	root, err := decodeJSON(body)
	if err != nil {
		return Spec{}, heed.FieldErrorf("body", "%v", err)
	}
	fields, ok := root.(yaml.MapSlice)
	if !ok {
		return Spec{}, heed.FieldErrorf("body", "want a JSON object with the fields of a %s", kind)
	}
	rest := make(yaml.MapSlice, 0, len(fields))
	for _, f := range fields {
		want := kind
		switch f.Key {
		case "name":
			want = name
		case "kind":
		default:
			rest = append(rest, f)
			continue
		}
		if f.Value != want {
			return Spec{}, heed.FieldErrorf(fmt.Sprint(f.Key), "says %s, but this is %s %s", cut(fmt.Sprint(f.Value), 80), kind, name)
		}
	}
	var b bytes.Buffer
	if err := writeJSON(&b, rest); err != nil {
		return Spec{}, heed.FieldErrorf("body", "%v", err)
	}
	if b.Len() > MaxBody {
		return Spec{}, heed.Errorf(heed.TooLarge, "%s %s has %d bytes; a document may have %d", kind, name, b.Len(), MaxBody)
	}
	return Spec{Kind: kind, Name: name, Body: b.Bytes()}, nil
}
