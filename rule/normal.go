package rule

import "github.com/heedcx/heed"

// normal returns the one tree that stands for all trees that say the same by grouping alone: nested alls and anys are
// one, an all of one thing is that thing, what a kind does not use is empty. It copies what it changes.
func normal(e *Expr) *Expr {
	if e == nil {
		return nil
	}
	n := &Expr{Kind: e.Kind}
	switch e.Kind {
	case All, Any:
		for _, c := range e.Of {
			c = normal(c)
			if c != nil && c.Kind == e.Kind {
				n.Of = append(n.Of, c.Of...)
			} else {
				n.Of = append(n.Of, c)
			}
		}
		if len(n.Of) == 1 {
			return n.Of[0]
		}
	case Not:
		for _, c := range e.Of {
			n.Of = append(n.Of, normal(c))
		}
	case Did:
		n.Event, n.Within = normalEvent(e.Event), e.Within
		if c := e.Count; c != nil && *c != (Count{AtLeast, 1}) {
			n.Count = &Count{c.Is, c.N}
		}
	case Then:
		for _, s := range e.Steps {
			n.Steps = append(n.Steps, normalEvent(s))
		}
		n.Within = e.Within
	case First, Last:
		n.Event, n.Op, n.Value = normalEvent(e.Event), e.Op, e.Value
	case Trait, Triggering, Property:
		n.Path, n.Op, n.Value = e.Path, e.Op, e.Value
	case Orders, Seen, Place:
		n.Name, n.Op, n.Value = e.Name, e.Op, e.Value
	case Stage, StageSince:
		n.Op, n.Value = e.Op, e.Value
	case Segment:
		n.Name = e.Name
	case Consent:
		n.Name, n.Channel, n.State = e.Name, e.Channel, e.State
	case Case:
		if n.Name = e.Name; e.Name != "open" {
			n.Within = e.Within
		}
	case Moment:
		n.State, n.Name, n.Topic, n.Within = e.State, e.Name, e.Topic, e.Within
	case Preference:
		n.Name, n.Value = e.Name, e.Value
	case Blocked:
		n.Channel = e.Channel
	case Promise:
		n.Name = e.Name
	}
	if n.Op == Exists {
		n.Value = nil
	}
	if n.Value != nil {
		n.Value = normalValue(*n.Value)
	}
	return n
}

func normalValue(v Value) *Value {
	n := &Value{Type: v.Type}
	switch v.Type {
	case String:
		n.Str = v.Str
	case Number:
		if n.Num = v.Num; n.Num < tinyNumber && n.Num > -tinyNumber {
			n.Num = 0
		}
	case Bool:
		n.Bool = v.Bool
	case Instant:
		n.Time = v.Time
	case Span:
		n.Span = v.Span
	case List:
		for _, x := range v.List {
			n.List = append(n.List, *normalValue(x))
		}
	}
	return n
}

func normalEvent(e *Event) *Event {
	if e == nil {
		return nil
	}
	n := &Event{Type: e.Type, Name: e.Name, Where: normal(e.Where)}
	if n.Type == heed.Track.String() {
		n.Type = ""
	}
	return n
}
