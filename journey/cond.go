package journey

import (
	"encoding/json"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/rule"
)

// condition is a rule that a journey asks.
type condition struct {
	rule  *rule.Rule
	timed bool
}

func (c *condition) holds(p *heed.Person, e *heed.Event, now heed.Time) bool {
	return c.rule.Eval(p, e, now)
}

// next is when time alone may change the answer.
func (c *condition) next(p *heed.Person, now heed.Time) heed.Time {
	if !c.timed {
		return heed.Never
	}
	return c.rule.NextChange(p, now)
}

// rule reads a rule that may be absent.
func (c *compiler) rule(field string, doc ruleDoc) *condition {
	if len(doc) == 0 {
		return nil
	}
	r := new(rule.Rule)
	if err := r.UnmarshalJSON(doc); err != nil {
		c.fail(field, err)
		return nil
	}
	return c.keep(field, r)
}

func (c *compiler) keep(field string, r *rule.Rule) *condition {
	if c.all != nil {
		for _, err := range r.Check(rule.Names{
			Segment: func(n string) bool { return c.all.Has(spec.Segment, n) },
			Purpose: func(n string) bool { return c.all.Has(spec.Purpose, n) },
		}) {
			c.fail(field, err)
		}
	}
	cond := &condition{rule: r, timed: r.Deps().Timed}
	c.p.conds = append(c.p.conds, cond)
	return cond
}

// eventMatch says which events are meant.
type eventMatch struct{ spec rule.CounterSpec }

func (m *eventMatch) matches(e *heed.Event) bool { return m.spec.Match(e) }

// event reads which events are meant: a name, a type (track when absent) and what must be true of the event.
func (c *compiler) event(field, name, typ string, where ruleDoc) *eventMatch {
	ev := c.eventOf(field, name, typ, where)
	r, err := rule.New(&rule.Expr{Kind: rule.Did, Event: ev})
	if err != nil {
		c.fail(join(field, "where"), err)
		return &eventMatch{}
	}
	return &eventMatch{spec: r.Counters()[0]}
}

// did makes the condition that such an event happened at least n times within a span.
func (c *compiler) did(field, name, typ string, where ruleDoc, n int, within Span) *condition {
	r, err := rule.New(&rule.Expr{
		Kind: rule.Did, Event: c.eventOf("", name, typ, where), Count: &rule.Count{Is: rule.AtLeast, N: n},
		Within: rule.Duration(within.Exact().Microseconds()),
	})
	if err != nil {
		c.fail(field, err)
		return nil
	}
	return c.keep(field, r)
}

func (c *compiler) eventOf(field, name, typ string, where ruleDoc) *rule.Event {
	ev := &rule.Event{Name: name, Type: c.oneOf(join(field, "type"), typ, "track", "page", "screen", "feedback")}
	if ev.Type == "track" {
		ev.Type = ""
	}
	if len(where) == 0 {
		return ev
	}
	var err error
	if where[0] != '"' {
		err = strict(where, &ev.Where)
	} else {
		ev.Where, err = parseWhere(where)
	}
	if err != nil {
		c.fail(join(field, "where"), err)
	}
	return ev
}

// parseWhere reads what may be asked of an event, such as properties.total > 50 and channel = "web".
func parseWhere(doc ruleDoc) (*rule.Expr, error) {
	var text string
	if err := json.Unmarshal(doc, &text); err != nil {
		return nil, err
	}
	return rule.ParseWhere(text)
}
