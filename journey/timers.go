package journey

import (
	"github.com/heedcx/heed"
	"github.com/heedcx/heed/stream"
)

// timers starts the journeys whose date or schedule has come for p, and keeps p.Timers at the next moments. A timer is
// kept even while the journey is paused; what would have started then is passed over.
func (s *work) timers(b *stream.Batch, p *heed.Person, e *heed.Event) {
	quiet := e.Type == heed.Track || e.Type == heed.Page || e.Type == heed.Screen // says nothing of dates, zones or segments
	for _, pl := range s.timed {
		due, has := p.Timers[pl.name]
		if has && due <= b.Now {
			if sch := pl.trigger.schedule; sch == nil || sch.applies(p, e, b.Now) {
				why := s.enter(b, p, &heed.Event{Type: heed.Wake, Person: p.ID, Name: pl.name, Timestamp: due}, pl, entrance{at: due})
				if why != "" && s.refused != nil {
					s.refused(p.ID, pl.name, why)
				}
			}
		} else if has && quiet {
			continue // asked for already
		}
		s.plant(b, p, pl, due, has)
	}
	if e.Type != heed.Wake && e.Type != heed.PeopleMerged {
		return
	}
	for name := range p.Timers {
		if pl := s.latest[name]; pl == nil || !pl.broken() && !pl.trigger.timed() {
			delete(p.Timers, name)
			p.Dirty = true
		}
	}
}

// plant sets the timer of one journey to its next moment.
func (s *work) plant(b *stream.Batch, p *heed.Person, pl *plan, had heed.Time, has bool) {
	at, ok := pl.trigger.next(p, b.Now, s.zoneOf(p))
	switch {
	case !ok && has:
		delete(p.Timers, pl.name)
		p.Dirty = true
	case ok:
		if at != had {
			if p.Timers == nil {
				p.Timers = map[string]heed.Time{}
			}
			p.Timers[pl.name] = at
			p.Dirty = true
		}
		p.WakeBy(at)
	}
}

// applies says whether a schedule that has come concerns p.
func (s *schedule) applies(p *heed.Person, e *heed.Event, now heed.Time) bool {
	if s.segment != "" {
		if _, in := p.Segments[s.segment]; !in {
			return false
		}
	}
	return s.rule == nil || s.rule.holds(p, e, now)
}
