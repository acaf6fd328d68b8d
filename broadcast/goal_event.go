package broadcast

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/rule"
)

// Goal is the event by which a broadcast is measured, what must be true of it, and how long after its turn it counts.
type Goal struct {
	Event  string
	Where  *rule.Expr // nil asks nothing
	Within heed.Time
}

// WhereText is what must be true of the event, as text; "" when that is nothing.
func (g *Goal) WhereText() string {
	if g.Where == nil {
		return ""
	}
	return g.Where.String()
}

// means says which events are meant.
func (g *Goal) means() (rule.CounterSpec, error) {
	r, err := rule.New(&rule.Expr{Kind: rule.Did, Event: &rule.Event{Name: g.Event, Where: g.Where}})
	if err != nil {
		return rule.CounterSpec{}, err
	}
	return r.Counters()[0], nil
}

// readWhere reads what may be asked of an event: properties.revenue > 50 as text, or the same as a tree.
func readWhere(doc json.RawMessage) (*rule.Expr, error) {
	if len(doc) == 0 {
		return nil, nil
	}
	if doc[0] != '"' {
		e := &rule.Expr{}
		d := json.NewDecoder(bytes.NewReader(doc))
		d.DisallowUnknownFields()
		return e, d.Decode(e)
	}
	var text string
	if err := json.Unmarshal(doc, &text); err != nil {
		return nil, err
	}
	return rule.ParseWhere(text)
}

// wrongWhere says that the goal's condition is wrong.
func wrongWhere(err error) error {
	text := err.Error()
	if e, ok := errors.AsType[*heed.Error](err); ok {
		text = e.Message
	}
	return heed.FieldErrorf("goal.where", "%s", text)
}
