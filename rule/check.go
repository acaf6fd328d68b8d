package rule

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/heedcx/heed"
)

// Names is what Check may know of the brand. A nil function knows nothing and lets every name pass.
type Names struct {
	Event   func(name string) bool
	Segment func(name string) bool
	Stage   func(name string) bool
	Purpose func(name string) bool
	// Triggering allows event.properties...: only where a rule is asked about an event.
	NoTriggering bool
}

// Check says everything that is wrong with a tree: types, limits, and names that the brand does not have. The errors
// are *heed.Error whose Field is the path in the tree, such as of[1].value.
func Check(e *Expr, names Names) []error {
	c := &checker{names: names}
	c.expr(e, "", 1, false)
	return c.errs
}

type checker struct {
	names Names
	nodes int
	errs  []error
}

func (c *checker) bad(at, format string, args ...any) {
	if len(c.errs) < 20 {
		c.errs = append(c.errs, heed.FieldErrorf(strings.TrimPrefix(at, "."), format, args...))
	}
}

func (c *checker) expr(e *Expr, at string, depth int, where bool) {
	if e == nil {
		c.bad(at, "is empty: want a condition")
		return
	}
	if c.nodes++; c.nodes > MaxNodes {
		if c.nodes == MaxNodes+1 {
			c.bad(at, "the rule has more than %d conditions", MaxNodes)
		}
		return
	}
	if depth > MaxDepth {
		c.bad(at, "the rule nests deeper than %d levels", MaxDepth)
		return
	}
	if isGroup(e.Kind) {
		c.group(e, at, depth, where)
		return
	}
	if where != (e.Kind == Property || e.Kind == Place) {
		if where {
			c.bad(at+".kind", "a where asks about the event only: use property or place, not %q", e.Kind)
		} else {
			c.bad(at+".kind", "%q is only possible inside a where", e.Kind)
		}
		return
	}
	if e.Within < 0 || e.Within > MaxDuration {
		c.bad(at+".within", "want a duration of at most 3653d")
	}
	c.leaf(e, at, depth)
}

func isGroup(k Kind) bool { return k == All || k == Any || k == Not }

func (c *checker) group(e *Expr, at string, depth int, where bool) {
	if len(e.Of) == 0 || e.Kind == Not && len(e.Of) != 1 {
		c.bad(at+".of", "%s needs %s", e.Kind, map[bool]string{true: "exactly one condition", false: "at least one condition"}[e.Kind == Not])
	}
	for i, k := range e.Of {
		c.expr(k, fmt.Sprintf("%s.of[%d]", at, i), depth+1, where)
	}
}

func (c *checker) leaf(e *Expr, at string, depth int) {
	switch e.Kind {
	case Everyone, Nobody, Known:
	case Did:
		c.event(e.Event, at+".event", depth)
		c.count(e, at)
	case Then:
		if len(e.Steps) < 2 || len(e.Steps) > MaxSteps {
			c.bad(at+".steps", "a sequence has 2 to %d steps", MaxSteps)
		}
		for i, s := range e.Steps {
			c.event(s, fmt.Sprintf("%s.steps[%d]", at, i), depth)
		}
	case First, Last:
		c.event(e.Event, at+".event", depth)
		c.timeTest(e, at)
	case Trait, Property:
		c.path(e.Path, at)
		c.anyTest(e, at)
	case Triggering:
		c.triggering(e, at)
	case Place:
		c.oneOf(at+".name", e.Name, "touchpoint", "channel", "source", "department", "direction")
		c.stringTest(e, at)
	case Orders:
		c.oneOf(at+".name", e.Name, "count", "revenue", "first", "last")
		if e.Name == "first" || e.Name == "last" {
			c.timeTest(e, at)
		} else {
			c.numberTest(e, at)
		}
	case Seen:
		c.oneOf(at+".name", e.Name, "first", "last")
		c.timeTest(e, at)
	case StageSince:
		c.timeTest(e, at)
	case Stage:
		c.stage(e, at)
	case Segment:
		c.known(at+".name", "segment", e.Name, c.names.Segment)
	case Consent:
		c.known(at+".name", "purpose", e.Name, c.names.Purpose)
		if e.Channel != "" {
			c.name(at+".channel", e.Channel)
		}
		c.oneOf(at+".state", e.State, "granted", "denied", "pending", "missing")
	case Case:
		c.oneOf(at+".name", e.Name, "open", "opened", "closed")
	case Moment:
		c.oneOf(at+".state", e.State, "good", "bad")
		c.text(at+".name", e.Name)
		c.text(at+".topic", e.Topic)
	case Preference:
		c.oneOf(at+".name", e.Name, "topic", "muted", "channel", "locale", "zone")
		if e.Value == nil || e.Value.Type != String || e.Value.Str == "" {
			c.bad(at+".value", "want a text")
		} else {
			c.text(at+".value", e.Value.Str)
		}
	case Blocked:
		c.name(at+".channel", e.Channel)
	case Promise:
		c.oneOf(at+".name", e.Name, "", "overdue")
	default:
		c.bad(at+".kind", "there is no condition %q", cut(string(e.Kind)))
	}
}

func (c *checker) event(e *Event, at string, depth int) {
	if e == nil {
		c.bad(at, "which event?")
		return
	}
	switch e.typ() {
	case heed.Track, heed.Page, heed.Screen, heed.Identify, heed.Group, heed.Feedback:
	default:
		c.bad(at+".type", "want track, page, screen, identify, group or feedback, not %q", cut(e.Type))
	}
	if e.Name == "" && e.typ() == heed.Track {
		c.bad(at+".name", "which event?")
	}
	c.text(at+".name", e.Name)
	if f := c.names.Event; f != nil && e.typ() == heed.Track && e.Name != "" && !f(e.Name) {
		c.bad(at+".name", "no event %q has been seen", cut(e.Name))
	}
	if e.Where != nil {
		c.expr(e.Where, at+".where", depth+1, true)
	}
}

func (c *checker) count(e *Expr, at string) {
	k := e.Count
	if k == nil {
		return
	}
	c.oneOf(at+".count.is", k.Is, AtLeast, AtMost, Exactly)
	top := 1_000_000
	if e.Within > 0 {
		top = MaxTimes
	}
	if k.N < 0 || k.N > top {
		c.bad(at+".count.n", "want a whole number from 0 to %d", top)
	}
	if k.Is == AtLeast && k.N == 0 {
		c.bad(at+".count.n", "at least 0 times holds for everyone")
	}
}

func (c *checker) stage(e *Expr, at string) {
	if !slices.Contains([]Op{Eq, Ne, In, Exists}, e.Op) {
		c.bad(at+".op", "a stage is tested with =, !=, in or exists")
		return
	}
	c.stringTest(e, at)
	if e.Value == nil {
		return
	}
	for _, v := range append(e.Value.List, *e.Value) {
		if f := c.names.Stage; f != nil && v.Type == String && !f(v.Str) {
			c.bad(at+".value", "there is no stage %q", cut(v.Str))
		}
		if v.Type == String && v.Str == "" {
			c.bad(at+".value", "which stage?")
		}
	}
}

func (c *checker) triggering(e *Expr, at string) {
	if c.names.NoTriggering {
		c.bad(at+".kind", "event... asks about the event that just happened: possible in journeys, not here")
		return
	}
	c.path(e.Path, at)
	if len(e.Path) == 0 {
		return
	}
	if e.Path[0] == "properties" && len(e.Path) > 1 {
		c.anyTest(e, at)
		return
	}
	if len(e.Path) != 1 || e.Path[0] != "name" && e.Path[0] != "type" && !isPlace(e.Path[0]) {
		c.bad(at+".path", "want event.properties.NAME, event.name, event.type, event.touchpoint, event.channel, event.source, event.department or event.direction")
		return
	}
	c.stringTest(e, at)
}

func (c *checker) path(path []string, at string) {
	if len(path) == 0 || len(path) > 8 {
		c.bad(at+".path", "want 1 to 8 names")
	}
	for _, s := range path {
		c.name(at+".path", s)
	}
}

func (c *checker) oneOf(at, got string, want ...string) {
	if !slices.Contains(want, got) {
		c.bad(at, "want %s, not %q", strings.TrimPrefix(strings.Join(want, ", "), ", "), cut(got))
	}
}

func (c *checker) known(at, what, name string, has func(string) bool) {
	c.name(at, name)
	if has != nil && name != "" && !has(name) {
		c.bad(at, "there is no %s %q", what, cut(name))
	}
}

// name checks what becomes a key of a JSON path in SQL. Quotes and backslashes cannot be written there.
func (c *checker) name(at, s string) {
	if s == "" || len(s) > 128 || strings.ContainsAny(s, `"\`) {
		c.bad(at, "want a name of 1 to 128 bytes without quotes and backslashes")
	}
	c.text(at, s)
}

func (c *checker) text(at, s string) {
	if len(s) > MaxValue {
		c.bad(at, "want at most %d bytes", MaxValue)
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < 0x20 || r == 0x7f }) {
		c.bad(at, "want text without control characters")
	}
}
