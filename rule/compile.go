package rule

import (
	"slices"

	"github.com/heedcx/heed"
)

// compile turns a checked tree into what Eval walks.
func compile(e *Expr) node {
	n := node{kind: e.Kind, name: e.Name, topic: e.Topic, within: heed.Time(e.Within), is: e.State}
	for _, k := range e.Of {
		n.kids = append(n.kids, compile(k))
	}
	if e.Op != "" {
		n.test = compileTest(e)
	}
	switch e.Kind {
	case All:
		n.op = opAll
	case Any:
		n.op = opAny
	case Not:
		n.op = opNot
	case Everyone:
		n.op = opTrue
	case Nobody:
		n.op = opFalse
	case Did:
		n.op, n.id = opCount, counterID(eventText(e.Event))
		n.is, n.n = atLeastOnce(e.Count)
		if e.Within > 0 {
			n.op = opWithin
		}
	case Then:
		n.op, n.id = opSequence, sequenceCounter(e).ID
	case First:
		n.op, n.id = opFirst, counterID(eventText(e.Event))
	case Last:
		n.op, n.id = opLast, counterID(eventText(e.Event))
	case Trait:
		n.op, n.id, n.path = opTrait, e.Path[0], slices.Clone(e.Path[1:])
	case Orders:
		n.op = opOrderNumber
		if e.Name == "first" || e.Name == "last" {
			n.op = opTime
		}
	case Seen, StageSince:
		n.op = opTime
	case Stage:
		n.op = opStage
	case Known:
		n.op = opKnown
	case Segment:
		n.op, n.id = opSegment, e.Name
	case Consent:
		n.op, n.id, n.id2 = opConsent, heed.ConsentKey(e.Name, e.Channel), heed.ConsentKey(e.Name, "")
	case Case:
		n.op = opCase
	case Moment:
		n.op, n.good = opMoment, e.State == "good"
	case Preference:
		n.op, n.id = opPreference, e.Value.Str
	case Blocked:
		n.op, n.id, n.id2 = opBlocked, e.Channel, e.Channel+":"
	case Promise:
		n.op = opPromise
	case Triggering:
		n.op, n.name, n.path = opEvent, e.Path[0], slices.Clone(e.Path[1:])
	case Property:
		n.op, n.path = opProperty, slices.Clone(e.Path)
	case Place:
		n.op = opPlace
	case inHistory:
		n.op, n.n = opInHistory, e.Count.N
	}
	return n
}

func compileTest(e *Expr) test {
	t := test{op: e.Op}
	if v := e.Value; v != nil {
		t.value, t.list, t.span = *v, v.List, heed.Time(v.Span)
	}
	return t
}
