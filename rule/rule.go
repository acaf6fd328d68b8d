package rule

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/heedcx/heed"
)

// Rule is a checked rule, ready to ask. It never changes and may be shared.
type Rule struct {
	expr     *Expr
	text     string
	root     node
	counters []CounterSpec
	deps     Deps
}

// Parse reads the text form. The error is a *SyntaxError, or the first thing that Check finds.
func Parse(text string) (*Rule, error) {
	e, err := ParseExpr(text)
	if err != nil {
		return nil, err
	}
	return New(e)
}

// New takes a tree. The error is the first thing that Check finds.
func New(e *Expr) (*Rule, error) {
	if errs := Check(e, Names{}); len(errs) > 0 {
		return nil, errs[0]
	}
	e = normal(e)
	r := &Rule{expr: e, text: e.String(), root: compile(e), counters: Counters(e)}
	r.deps = depsOf(e)
	return r, nil
}

// Expr is the tree. Do not change it.
func (r *Rule) Expr() *Expr { return r.expr }

// String is the canonical text form.
func (r *Rule) String() string { return r.text }

// Counters lists what the rule needs counted.
func (r *Rule) Counters() []CounterSpec { return slices.Clone(r.counters) }

// Check looks up the names that the rule uses.
func (r *Rule) Check(names Names) []error { return Check(r.expr, names) }

// UnmarshalJSON takes the text form as a string, or the tree as an object.
func (r *Rule) UnmarshalJSON(b []byte) error {
	var made *Rule
	var err error
	if strings.HasPrefix(strings.TrimSpace(string(b)), `"`) {
		var text string
		if err := json.Unmarshal(b, &text); err != nil {
			return err
		}
		made, err = Parse(text)
	} else {
		var e *Expr
		if err := json.Unmarshal(b, &e); err != nil {
			if h, ok := errors.AsType[*heed.Error](err); ok {
				return h
			}
			return heed.Errorf(heed.Invalid, "a rule is a text or a tree of conditions: %v", err)
		}
		made, err = New(e)
	}
	if err == nil {
		*r = *made
	}
	return err
}

// MarshalJSON gives the text form.
func (r *Rule) MarshalJSON() ([]byte, error) { return json.Marshal(r.text) }

// Deps says what the answer of a rule depends on: when none of it changes, neither does the answer, but for time.
type Deps struct {
	Counters []string // ids
	Traits   []string // first name of the path
	Segments []string
	// Aspects is the set of parts of the person's document that the rule reads besides those.
	Aspects Aspect
	// Timed: the answer may change by time alone.
	Timed bool
	// Triggering: the rule asks about the event that just happened.
	Triggering bool
}

// Aspect is a set of parts of a person's document.
type Aspect uint16

// The aspects.
const (
	AspectConsents Aspect = 1 << iota
	AspectBlocked
	AspectPreferences
	AspectOrders
	AspectCases
	AspectMoments
	AspectPromises
	AspectStage
	AspectFirstSeen
	AspectLastSeen
	AspectKnown
)

// Deps says what the answer depends on.
func (r *Rule) Deps() Deps { return r.deps }

// EventOnly says whether the rule asks about events alone, so that history can answer it.
func (r *Rule) EventOnly() bool {
	d := &r.deps
	return len(d.Traits) == 0 && len(d.Segments) == 0 && d.Aspects == 0 && !d.Triggering
}

func depsOf(e *Expr) Deps {
	var d Deps
	for _, s := range Counters(e) {
		d.Counters = append(d.Counters, s.ID)
	}
	walk(e, func(e *Expr) {
		switch e.Kind {
		case Trait:
			d.Traits = append(d.Traits, e.Path[0])
		case Segment:
			d.Segments = append(d.Segments, e.Name)
		case Triggering:
			d.Triggering = true
		case Seen:
			d.Aspects |= map[string]Aspect{"first": AspectFirstSeen, "last": AspectLastSeen}[e.Name]
		default:
			d.Aspects |= aspectOf(e.Kind)
		}
		d.Timed = d.Timed || e.Kind != Then && e.Within > 0 || e.Op == Within || e.Op == Ago || e.Op == InNext ||
			e.Kind == Promise && e.Name == "overdue"
	})
	slices.Sort(d.Traits)
	slices.Sort(d.Segments)
	d.Traits, d.Segments = slices.Compact(d.Traits), slices.Compact(d.Segments)
	return d
}

func aspectOf(k Kind) Aspect {
	switch k {
	case Consent:
		return AspectConsents
	case Blocked:
		return AspectBlocked
	case Preference:
		return AspectPreferences
	case Orders:
		return AspectOrders
	case Case:
		return AspectCases
	case Moment:
		return AspectMoments
	case Promise:
		return AspectPromises
	case Stage, StageSince:
		return AspectStage
	case Known:
		return AspectKnown
	}
	return 0
}
