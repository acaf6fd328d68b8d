package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"

	"github.com/heedcx/heed"
)

// yamlFile reads flags from a YAML file.
func yamlFile(r io.Reader) (kong.Resolver, error) {
	f := file{}
	if err := yaml.NewDecoder(r).Decode(&f); err != nil && err != io.EOF {
		return nil, fmt.Errorf("configuration file: %w", err)
	}
	return f, nil
}

// file is a configuration file: values by the names of flags.
type file map[string]any

// Validate refuses what is a flag of no command: a name that is misspelled would else be as if it were not there. A flag
// of another command is fine, because one file serves all of them.
func (f file) Validate(model *kong.Application) error {
	known, _ := settings(model)
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if _, ok := known[name]; !ok {
			return heed.FieldErrorf("configuration file", "there is no setting %q%s; settings are flags without their dashes, `heed serve --help` lists them", name, meant(name, known))
		}
	}
	return nil
}

// Resolve gives what no flag and no variable has said.
func (f file) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	for _, name := range flag.Envs {
		if _, ok := os.LookupEnv(name); ok {
			return nil, nil
		}
	}
	v, ok := f[flag.Name]
	if !ok || v == nil {
		return nil, nil
	}
	if list, ok := v.([]any); ok {
		return list, nil
	}
	return fmt.Sprint(v), nil
}

// settings are the names of all commands' flags, and of the variables that stand for them.
func settings(model *kong.Application) (flags, variables map[string]struct{}) {
	flags, variables = map[string]struct{}{}, map[string]struct{}{}
	_ = kong.Visit(model, func(node kong.Visitable, next kong.Next) error { // fails only if we did
		if flag, ok := node.(*kong.Flag); ok {
			flags[flag.Name] = struct{}{}
			for _, v := range flag.Envs {
				variables[v] = struct{}{}
			}
		}
		return next(nil)
	})
	return flags, variables
}

// misspelled names variables that are almost one of ours. Others that begin with HEED_ may be the brand's: specs name
// variables that hold secrets.
func misspelled(model *kong.Application, environ []string) (says []string) {
	_, known := settings(model)
	for _, v := range environ {
		name, _, _ := strings.Cut(v, "=")
		if _, ok := known[name]; ok || !strings.HasPrefix(name, "HEED_") {
			continue
		}
		if hint := meant(name, known); hint != "" {
			says = append(says, name+" is no setting of Heed"+hint)
		}
	}
	return says
}

// meant is the known name that is nearest to name, as a question, "" when none is near.
func meant(name string, known map[string]struct{}) string {
	best, least := "", 3
	for _, k := range slices.Sorted(maps.Keys(known)) {
		if d := distance(name, k); d < least {
			best, least = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(", did you mean %q?", best)
}

// distance is how many letters must be put in, taken out or replaced to make b of a (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := before
			if a[i] != b[j] {
				change++
			}
			before = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
