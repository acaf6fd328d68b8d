package segment

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/rule"
)

// Spec is the body of kind segment.
type Spec struct {
	Title       string     `json:"title,omitempty"`
	Description string     `json:"description,omitempty"`
	Rule        *rule.Rule `json:"rule"`
	// EnterExisting makes those who match already when the segment is created or its rule changed enter with an event,
	// so that journeys begin for them too. Otherwise they become members quietly.
	EnterExisting bool `json:"enter_existing,omitempty"`
}

// Ladder is the body of kind lifecycle. The last stage whose rule holds is the person's.
type Ladder struct {
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Stages      []Rung `json:"stages"`
}

// Rung is one stage of the lifecycle.
type Rung struct {
	Name  string     `json:"name"`
	Title string     `json:"title,omitempty"`
	Rule  *rule.Rule `json:"rule"`
}

// MaxStages bounds a ladder.
const MaxStages = 24

// defaultLadder is what a brand has that does not say otherwise. Later stages go before earlier ones.
func defaultLadder() Ladder {
	rungs := [...][2]string{
		{"anonymous", `everyone`},
		{"known", `known`},
		{"new", `orders.count >= 1 and orders.first within 30d or known and orders.count = 0 and first seen within 14d`},
		{"active", `orders.last within 180d and orders.first more than 30d ago or known and orders.count = 0 and last seen within 90d and first seen more than 14d ago`},
		{"loyal", `orders.count >= 4 and orders.last within 180d`},
		{"advocate", `orders.count >= 2 and orders.last within 365d and good moment within 180d and (did "Referral Made" within 365d or did "Review Posted" within 365d where properties.rating >= 4)`},
		{"at_risk", `orders.count >= 1 and orders.last more than 180d ago or known and orders.count = 0 and last seen more than 90d ago`},
		{"lapsed", `orders.count >= 1 and orders.last more than 365d ago or known and orders.count = 0 and last seen more than 365d ago`},
	}
	var l Ladder
	for _, r := range rungs {
		made, err := rule.Parse(r[1])
		if err != nil {
			panic("segment: the default ladder: " + err.Error()) // a test asks for it
		}
		l.Stages = append(l.Stages, Rung{Name: r[0], Rule: made})
	}
	return l
}

// DefaultLadder is the lifecycle of a brand that has none of its own.
func DefaultLadder() Ladder { return defaultLadder() }

// CheckSpec says what is wrong with a spec of kind segment or lifecycle.
func CheckSpec(s spec.Spec, all spec.Set) []error {
	switch s.Kind {
	case spec.Segment:
		return checkSegment(s, all)
	case spec.Lifecycle:
		return checkLadder(s, all)
	}
	return nil
}

func checkSegment(s spec.Spec, all spec.Set) []error {
	body, err := spec.Decode[Spec](s)
	if err != nil {
		return []error{err}
	}
	if body.Rule == nil {
		return []error{heed.FieldErrorf("rule", "which people? Write a rule, such as: did \"Order Completed\" within 90d")}
	}
	errs := underField("rule", body.Rule.Check(namesOf(all)))
	if cycle := findCycle(s.Name, all); cycle != "" {
		errs = append(errs, heed.FieldErrorf("rule", "the segments ask about each other in a circle: %s", cycle))
	}
	return errs
}

func checkLadder(s spec.Spec, all spec.Set) []error {
	body, err := spec.Decode[Ladder](s)
	if err != nil {
		return []error{err}
	}
	var errs []error
	if n := len(all.Of(spec.Lifecycle)); n > 1 {
		errs = append(errs, heed.Errorf(heed.Invalid, "there is one lifecycle, not %d", n))
	}
	if n := len(body.Stages); n == 0 || n > MaxStages {
		errs = append(errs, heed.FieldErrorf("stages", "want 1 to %d stages", MaxStages))
	}
	seen := map[string]bool{}
	for i, r := range body.Stages {
		at := fmt.Sprintf("stages[%d]", i)
		if err := spec.CheckName(r.Name); err != nil {
			errs = append(errs, heed.FieldErrorf(at+".name", "%s", heed.MessageOf(err)))
		}
		if seen[r.Name] {
			errs = append(errs, heed.FieldErrorf(at+".name", "the stage %q is there twice", r.Name))
		}
		seen[r.Name] = true
		if r.Rule == nil {
			errs = append(errs, heed.FieldErrorf(at+".rule", "when is someone there? Write a rule; everyone is one"))
			continue
		}
		errs = append(errs, underField(at+".rule", r.Rule.Check(namesOf(all)))...)
		if r.Rule.Deps().Aspects&rule.AspectStage != 0 {
			errs = append(errs, heed.FieldErrorf(at+".rule", "a stage cannot ask which stage someone is in"))
		}
	}
	if cycle := findCycle("", all); cycle != "" {
		errs = append(errs, heed.FieldErrorf("stages", "the stages and segments ask about each other in a circle: %s", cycle))
	}
	return errs
}

func underField(field string, errs []error) []error {
	for i, err := range errs {
		errs[i] = heed.FieldErrorf(field, "%s", err)
	}
	return errs
}

// namesOf is what the rules of this set may refer to.
func namesOf(all spec.Set) rule.Names {
	n := rule.Names{NoTriggering: true, Segment: func(name string) bool { return all.Has(spec.Segment, name) }}
	if len(all.Of(spec.Purpose)) > 0 {
		n.Purpose = func(name string) bool { return all.Has(spec.Purpose, name) }
	}
	ladder := DefaultLadder()
	if own := all.Of(spec.Lifecycle); len(own) > 0 {
		body, err := spec.Decode[Ladder](own[0])
		if err != nil {
			return n
		}
		ladder = body
	}
	n.Stage = func(name string) bool {
		return slices.ContainsFunc(ladder.Stages, func(r Rung) bool { return r.Name == name })
	}
	return n
}

// asked is what a segment (or the lifecycle, under the empty name) asks about: names of segments, and whether the stage.
func asked(name string, all spec.Set) (segments []string, stage bool) {
	var rules []*rule.Rule
	if name != "" {
		s, _ := all.Get(spec.Segment, name)
		if body, err := spec.Decode[Spec](s); err == nil && body.Rule != nil {
			rules = append(rules, body.Rule)
		}
	} else {
		for _, s := range all.Of(spec.Lifecycle) {
			body, err := spec.Decode[Ladder](s)
			if err != nil {
				continue
			}
			for _, r := range body.Stages {
				if r.Rule != nil {
					rules = append(rules, r.Rule)
				}
			}
		}
	}
	for _, r := range rules {
		segments = append(segments, r.Deps().Segments...)
		stage = stage || r.Deps().Aspects&rule.AspectStage != 0
	}
	slices.Sort(segments)
	return slices.Compact(segments), stage
}

// findCycle returns the way from name back to itself, "" if there is none.
func findCycle(name string, all spec.Set) string {
	visited := map[string]bool{}
	var visit func(at, path string) string
	visit = func(at, path string) string {
		segments, stage := asked(at, all)
		if stage {
			segments = append(segments, "")
		}
		for _, next := range segments {
			way := path + " > " + cmp.Or(next, "lifecycle")
			if next == name {
				return way
			}
			if !visited[next] {
				visited[next] = true
				if found := visit(next, way); found != "" {
					return found
				}
			}
		}
		return ""
	}
	return visit(name, cmp.Or(name, "lifecycle"))
}
