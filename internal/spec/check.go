package spec

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/heedcx/heed"
)

// Limits of what can be configured.
const (
	MaxFile  = 4 << 20   // bytes in one file
	MaxBody  = 256 << 10 // bytes in one document
	MaxSpecs = 10_000    // documents in force at once
	maxDepth = 64        // levels of nesting
)

var nameShape = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)

// CheckName says what is wrong with the name of a spec.
func CheckName(name string) error {
	if !nameShape.MatchString(name) {
		return heed.FieldErrorf("name", "%q is not a name: use 1 to 64 letters, digits, dots, dashes and underscores, and start with a letter or digit", cut(name, 80))
	}
	return nil
}

// Checks has one checker per kind, given by the stage that owns the kind. A checker sees the whole set, so that it can
// tell a reference that leads nowhere. Its errors are *heed.Error with the path of the field, such as nodes[2].wait.
type Checks map[string]func(s Spec, all Set) []error

// Problem is one thing that is wrong with one spec.
type Problem struct {
	Kind  string `json:"kind,omitempty"`
	Name  string `json:"name,omitempty"`
	Field string `json:"field,omitempty"`
	Where string `json:"where,omitempty"` // file:line:column, when it was read from a file
	Text  string `json:"text"`
}

// String is the problem on one line, the place first, as editors understand it.
func (p Problem) String() string {
	s := p.Text
	if p.Field != "" {
		s = p.Field + ": " + s
	}
	if p.Kind != "" {
		s = p.Kind + " " + p.Name + ": " + s
	}
	if p.Where != "" {
		s = p.Where + ": " + s
	}
	return s
}

// Problems is an error that lists everything that is wrong.
type Problems []Problem

func (p Problems) Error() string {
	var all []error
	for _, x := range p {
		all = append(all, errors.New(x.String()))
	}
	return errors.Join(all...).Error()
}

// Unwrap makes it an Invalid error for whoever maps errors to codes.
func (p Problems) Unwrap() error {
	if len(p) == 0 {
		return nil
	}
	if len(p) == 1 {
		return heed.Errorf(heed.Invalid, "%s", p[0])
	}
	return heed.Errorf(heed.Invalid, "%s (and %d more)", p[0], len(p)-1)
}

// Check looks at every spec of the set for which only returns true (nil: at all of them) and returns what is wrong,
// in the order of Set.All; nil when nothing is.
func (c Checks) Check(all Set, only func(Key) bool) error {
	var out Problems
	if len(all) > MaxSpecs {
		out = append(out, Problem{Text: fmt.Sprintf("%d documents are too many: at most %d can be in force", len(all), MaxSpecs)})
	}
	for _, s := range all.All() {
		if only != nil && !only(Key{s.Kind, s.Name}) {
			continue
		}
		for _, err := range c.one(s, all) {
			out = append(out, problemOf(s, err))
		}
	}
	if out == nil {
		return nil
	}
	return out
}

func (c Checks) one(s Spec, all Set) []error {
	if !KnownKind(s.Kind) {
		return []error{heed.FieldErrorf("kind", "there is no kind %q; the kinds are %v", cut(s.Kind, 40), Kinds)}
	}
	if err := CheckName(s.Name); err != nil {
		return []error{err}
	}
	if len(s.Body) > MaxBody {
		return []error{heed.Errorf(heed.TooLarge, "has %d bytes; at most %d are allowed", len(s.Body), MaxBody)}
	}
	if f := c[s.Kind]; f != nil {
		return f(s, all)
	}
	return nil
}

func problemOf(s Spec, err error) Problem {
	p := Problem{Kind: s.Kind, Name: s.Name, Text: err.Error()}
	if e, ok := errors.AsType[*heed.Error](err); ok {
		p.Field, p.Text = e.Field, e.Message
		if e.Field == s.Kind+" "+s.Name { // Decode names the document, not a field
			p.Field = ""
		}
	}
	p.Where = s.Origin.Locate(p.Field)
	return p
}

func cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n]) + "..."
}
