package decide

import (
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/zone"
)

// CapSpec is the document of kind cap: at most Max messages within Per (rolling) or within a calendar day, week
// (Monday first) or month in the person's zone. The scope says which messages are counted, and which are held when
// the count is full.
type CapSpec struct {
	Title    string `json:"title,omitempty"`
	Text     string `json:"text,omitempty"`
	Max      int    `json:"max"`
	Per      *Span  `json:"per,omitempty"`
	Calendar string `json:"calendar,omitempty"`
	Scope
}

type limit struct {
	name, text string
	scope      Scope
	max        int
	per        heed.Time // 0: calendar
	calendar   string
}

func (o *Policy) limit(d Doc) (*limit, []error) {
	var s CapSpec
	l := &limit{name: d.Name, per: 1}
	if err := decode(d, &s, true); err != nil {
		return l, []error{err} // max 0: nothing goes until it is put right
	}
	s.settle()
	errs := s.check(o.purposes)
	if s.Max < 1 || s.Max > 1000 {
		errs = append(errs, heed.FieldErrorf("max", "%d: use 1 to 1000", s.Max))
	}
	switch {
	case (s.Per == nil) == (s.Calendar == ""):
		errs = append(errs, heed.FieldErrorf("per", "say either per: 7d (rolling) or calendar: day, week or month"))
	case s.Per != nil:
		l.per = heed.Time(*s.Per)
		if l.per <= 0 || l.per > heed.Time(400*24*time.Hour/time.Microsecond) {
			errs = append(errs, heed.FieldErrorf("per", "must be more than nothing and at most 400d"))
		}
	case s.Calendar != "day" && s.Calendar != "week" && s.Calendar != "month":
		errs = append(errs, heed.FieldErrorf("calendar", "%q: use day, week or month", s.Calendar))
	default:
		l.per, l.calendar = 0, s.Calendar
	}
	if errs == nil {
		l.max = s.Max
	}
	l.text, l.scope = s.Text, s.Scope
	return l, errs
}

// reach is how far back the cap looks at most.
func (l *limit) reach() heed.Time {
	if l.calendar != "" {
		return heed.Time(32 * 24 * time.Hour / time.Microsecond)
	}
	return l.per
}

// period is the calendar period that holds t.
func (l *limit) period(t heed.Time, loc *time.Location) (start, end heed.Time) {
	y, m, d := t.Std().In(loc).Date()
	switch l.calendar {
	case "week":
		d -= (int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Weekday()) + 6) % 7
		return zone.Wall(loc, y, m, d, 0, 0, 0), zone.Wall(loc, y, m, d+7, 0, 0, 0)
	case "month":
		return zone.Wall(loc, y, m, 1, 0, 0, 0), zone.Wall(loc, y, m+1, 1, 0, 0, 0)
	}
	return zone.Wall(loc, y, m, d, 0, 0, 0), zone.Wall(loc, y, m, d+1, 0, 0, 0)
}

// full says whether the cap is used up for in at now, and when it frees (heed.Never: not by time). loc is needed for
// calendar caps only.
func (o *Policy) full(l *limit, in *heed.Intent, p *heed.Person, loc *time.Location, now heed.Time) (heed.Time, bool) {
	if l.max < 1 {
		return heed.Never, true
	}
	since, end := now-l.per+1, heed.Time(0)
	if l.calendar != "" {
		since, end = l.period(now, loc)
	}
	n := 0
	for i := len(p.Contacts) - 1; i >= 0; i-- {
		c := &p.Contacts[i]
		if c.At < since || c.Message == in.ID && !in.ID.IsZero() || !o.counts(l, c) {
			continue
		}
		if n++; n == l.max {
			if l.calendar != "" {
				return end, true
			}
			return c.At + l.per, true // the oldest of the newest max: when it leaves, there is room
		}
	}
	return 0, false
}

func (o *Policy) counts(l *limit, c *heed.Contact) bool {
	pu := o.purposes[c.Purpose]
	return l.scope.fits(c.Channel, c.Purpose, heed.Class(c.Class), pu != nil && pu.Selling)
}

// Contacts older than keepContacts are dropped from the document unless a cap looks further back.
const keepContacts = heed.Time(31 * 24 * time.Hour / time.Microsecond)

// Reserve notes in p that in goes out: that is what caps count. It forgets contacts that no cap can see. A message
// counts once, however often it is reserved.
func (o *Policy) Reserve(p *heed.Person, in *heed.Intent, now heed.Time) {
	class := heed.Class("")
	if pu := o.purposes[in.Purpose]; pu != nil {
		class = pu.Class
	}
	Release(p, in.ID)
	old := now - o.Remembers()
	n := 0
	for n < len(p.Contacts) && p.Contacts[n].At < old {
		n++
	}
	if n > 0 {
		p.Contacts = append(p.Contacts[:0], p.Contacts[n:]...)
	}
	p.Contacts = append(p.Contacts, heed.Contact{At: now, Message: in.ID, Channel: in.Channel, Purpose: in.Purpose, Class: string(class)})
	for i := len(p.Contacts) - 1; i > 0 && p.Contacts[i].At < p.Contacts[i-1].At; i-- { // a clock that was set back
		p.Contacts[i], p.Contacts[i-1] = p.Contacts[i-1], p.Contacts[i]
	}
	p.Dirty = true
}

// Remembers is how long a contact is kept in the document.
func (o *Policy) Remembers() heed.Time { return max(keepContacts, o.longest) }

// Release takes a reservation back and says whether there was one.
func Release(p *heed.Person, message heed.ID) bool {
	for i := len(p.Contacts) - 1; i >= 0; i-- {
		if p.Contacts[i].Message == message {
			p.Contacts = append(p.Contacts[:i], p.Contacts[i+1:]...)
			p.Dirty = true
			return true
		}
	}
	return false
}
