package spec

import (
	"context"
	"slices"
	"strings"

	"github.com/heedcx/heed/db"
)

// Key names a spec.
type Key struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

func (k Key) String() string { return k.Kind + " " + k.Name }

// Set is a collection of specs, one version of each, none of them deleted.
type Set map[Key]Spec

// Kinds are all kinds in the order in which they are listed, exported and applied: what others refer to comes first.
var Kinds = [...]string{Brand, Purpose, Source, Lifecycle, Segment, Template, Rule, Cap, QuietHours, Channel, Journey, Broadcast}

// KnownKind says whether there is such a kind.
func KnownKind(kind string) bool { return slices.Contains(Kinds[:], kind) }

// SetOf collects specs; the later of two with the same key wins.
func SetOf(specs ...Spec) Set {
	s := make(Set, len(specs))
	for _, x := range specs {
		s[Key{x.Kind, x.Name}] = x
	}
	return s
}

// Get returns one spec.
func (s Set) Get(kind, name string) (Spec, bool) {
	x, ok := s[Key{kind, name}]
	return x, ok
}

// Has says whether there is such a spec.
func (s Set) Has(kind, name string) bool { _, ok := s[Key{kind, name}]; return ok }

// Of returns the specs of one kind, by name.
func (s Set) Of(kind string) []Spec {
	var out []Spec
	for k, x := range s {
		if k.Kind == kind {
			out = append(out, x)
		}
	}
	slices.SortFunc(out, func(a, b Spec) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// All returns every spec in the order of Kinds, then by name.
func (s Set) All() []Spec {
	out := make([]Spec, 0, len(s))
	for _, x := range s {
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b Spec) int { return compareKeys(Key{a.Kind, a.Name}, Key{b.Kind, b.Name}) })
	return out
}

// With returns a copy of the set in which the given specs replace or add to those of the same key.
func (s Set) With(specs ...Spec) Set {
	out := make(Set, len(s)+len(specs))
	for k, x := range s {
		out[k] = x
	}
	for _, x := range specs {
		out[Key{x.Kind, x.Name}] = x
	}
	return out
}

func compareKeys(a, b Key) int {
	if a.Kind != b.Kind {
		i, j := slices.Index(Kinds[:], a.Kind), slices.Index(Kinds[:], b.Kind)
		if i != j {
			return i - j
		}
		return strings.Compare(a.Kind, b.Kind)
	}
	return strings.Compare(a.Name, b.Name)
}

// Current returns everything that is in force now.
func Current(ctx context.Context, q db.Querier) (Set, error) {
	specs, err := read(q.Query(ctx, "spec.current"))
	return SetOf(specs...), err
}
