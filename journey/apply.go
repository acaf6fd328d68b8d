package journey

import (
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/stream"
)

// sourcePrefix marks events that a journey made itself.
const sourcePrefix = "journey:"

func (s *work) apply(b *stream.Batch, p *heed.Person, e *heed.Event) {
	if s.spentBy != e.Person || e.Type == heed.Wake || !e.Type.Derived() && !strings.HasPrefix(e.Source, sourcePrefix) {
		s.spent, s.spentBy = 0, e.Person
	}
	switch e.Type {
	case heed.PersonErased:
		s.erase(p, e.Person)
		return
	case heed.PeopleMerged:
		if p != nil {
			s.merge(b, p, e)
		}
	case heed.SplitPerson:
		if p != nil {
			s.restore(b, p, e)
		}
	case heed.MessageWanted, heed.MessageWithdrawn, heed.RunChanged, heed.TaskWanted:
		return // our own words: nothing in them moves a run
	}
	if p == nil {
		return
	}
	if len(p.Runs) > 0 {
		s.visit(b, p, e)
	}
	s.start(b, p, e)
	if len(s.timed) > 0 || len(p.Timers) > 0 {
		s.timers(b, p, e)
	}
}

// start enters the person into the journeys that e starts.
func (s *work) start(b *stream.Batch, p *heed.Person, e *heed.Event) {
	switch e.Type {
	case heed.Track, heed.Page, heed.Screen, heed.Feedback:
		for _, pl := range s.events[eventKey{e.Type, e.Name}] {
			if pl.trigger.event.matches(e) {
				s.enter(b, p, e, pl, entrance{vars: varsOf(e.Properties)})
			}
		}
		if e.Type == heed.Track && e.Name == EnterEvent {
			s.enterByAPI(b, p, e)
		}
	case heed.SegmentEntered:
		for _, pl := range s.entered[e.Name] {
			s.enter(b, p, e, pl, entrance{})
		}
	case heed.SegmentLeft:
		for _, pl := range s.left[e.Name] {
			s.enter(b, p, e, pl, entrance{})
		}
	}
}
