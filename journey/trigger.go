package journey

import (
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/spec"
)

// trigger is what starts a journey.
type trigger struct {
	event    *eventMatch
	entered  string // a segment
	left     string // a segment
	date     *dateOf
	schedule *schedule
	api      bool
}

// timed says whether time alone starts the journey.
func (t *trigger) timed() bool { return t.date != nil || t.schedule != nil }

// next returns when time starts the journey for p next, after now; false for never.
func (t *trigger) next(p *heed.Person, now heed.Time, loc *time.Location) (heed.Time, bool) {
	if t.date != nil {
		at, ok := t.date.first(p, loc, now)
		return at, ok && at > now
	}
	if seg := t.schedule.segment; seg != "" {
		if _, in := p.Segments[seg]; !in {
			return 0, false
		}
	}
	return t.schedule.next(now, loc)
}

func (c *compiler) trigger(d triggerDoc) trigger {
	t := trigger{entered: d.SegmentEntered, left: d.SegmentLeft, api: d.API}
	n := 0
	if d.Event != "" {
		n++
		t.event = c.event("trigger", d.Event, d.Type, d.Where)
	} else if len(d.Where) > 0 || d.Type != "" {
		c.failf("trigger.event", "where and type belong to an event: name it")
	}
	for _, s := range []struct{ field, name string }{{"segment_entered", d.SegmentEntered}, {"segment_left", d.SegmentLeft}} {
		if s.name != "" {
			n++
			c.refer("trigger."+s.field, spec.Segment, s.name)
		}
	}
	if d.Date != nil {
		n++
		c.path = "trigger.date"
		t.date = c.date(*d.Date)
		c.path = ""
	}
	if d.Schedule != nil {
		n++
		t.schedule = c.schedule(d.Schedule)
	}
	if n == 0 && !d.API {
		c.failf("trigger", "nothing starts the journey yet: give one of event, segment_entered, segment_left, date, schedule, or api: true")
	}
	if n > 1 {
		c.failf("trigger", "want one of event, segment_entered, segment_left, date, schedule (api: true may stand alone or beside it), got %d", n)
	}
	return t
}
