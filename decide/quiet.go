package decide

import (
	"strings"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/zone"
)

// QuietSpec is the document of kind quiet_hours.
type QuietSpec struct {
	Title string `json:"title,omitempty"`
	Text  string `json:"text,omitempty"`
	// From and To are wall-clock times, "21:00" and "08:00". To before From is on the next day; equal is a whole day.
	From string `json:"from"`
	To   string `json:"to"`
	// Days are those on which the hours start: mon .. sun. Empty is every day.
	Days []string `json:"days,omitempty"`
	Scope
}

type quiet struct {
	name, text string
	scope      Scope
	from, to   int   // minutes since midnight
	days       uint8 // bit 0 is Sunday; 0 is every day
}

var weekdays = [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func (o *Policy) quietHours(d Doc) (*quiet, []error) {
	var s QuietSpec
	q := &quiet{name: d.Name}
	if err := decode(d, &s, true); err != nil {
		return q, []error{err} // from == to: quiet all day, for everyone, until it is put right
	}
	s.settle()
	errs := s.check(o.purposes)
	clock := func(field, text string) int {
		t, err := time.Parse("15:04", text)
		if err != nil {
			errs = append(errs, heed.FieldErrorf(field, "%q is not a time of day: write it like \"21:00\"", text))
			return 0
		}
		return t.Hour()*60 + t.Minute()
	}
	q.from, q.to = clock("from", s.From), clock("to", s.To)
	if q.from == q.to && len(s.Days) == 0 && errs == nil {
		errs = append(errs, heed.FieldErrorf("to", "equals from, so it would always be quiet: name the days, or change one of them"))
	}
	for _, day := range s.Days {
		i := -1
		for n, w := range weekdays {
			if len(day) >= 3 && strings.EqualFold(day[:3], w) {
				i = n
			}
		}
		if i < 0 {
			errs = append(errs, heed.FieldErrorf("days", "%q is not a day: use mon, tue, wed, thu, fri, sat, sun", day))
			continue
		}
		q.days |= 1 << i
	}
	q.text, q.scope = s.Text, s.Scope
	return q, errs
}

// until says whether it is quiet at t in loc, and when that ends. The clock on the wall counts: a start or an end that
// a clock change skips is the moment of the change; of a time that happens twice, hours start at the first and end at
// the second.
func (q *quiet) until(t heed.Time, loc *time.Location) (heed.Time, bool) {
	y, m, d := t.Std().In(loc).Date()
	for _, off := range [...]int{-1, 0} {
		day := time.Date(y, m, d+off, 0, 0, 0, 0, time.UTC)
		if q.days != 0 && q.days&(1<<day.Weekday()) == 0 {
			continue
		}
		start := zone.Wall(loc, y, m, d+off, q.from/60, q.from%60, 0)
		if t < start {
			continue
		}
		if q.to <= q.from {
			off++
		}
		if end := lastWall(loc, y, m, d+off, q.to/60, q.to%60); t < end {
			return end, true
		}
	}
	return 0, false
}

// lastWall is zone.Wall that means the second of two.
func lastWall(loc *time.Location, y int, m time.Month, d, hour, minute int) heed.Time {
	first := zone.Wall(loc, y, m, d, hour, minute, 0)
	l := first.Std().In(loc)
	_, change := l.ZoneBounds()
	if change.IsZero() || change.Sub(l) > 3*time.Hour {
		return first
	}
	_, before := l.Zone()
	_, after := change.Zone()
	if again := l.Add(time.Duration(before-after) * time.Second); before > after && !again.Before(change) {
		return heed.At(again)
	}
	return first
}

// maxQuietHops bounds the search for the end of quiet hours that follow on one another.
const maxQuietHops = 32

// quietUntil is the end of all quiet hours that are in force at now.
func (o *Policy) quietUntil(in *heed.Intent, pu *Purpose, loc *time.Location, now heed.Time) (until heed.Time, by *quiet) {
	t := now
	for range maxQuietHops {
		moved := false
		for _, q := range o.quiet {
			if !q.scope.fits(in.Channel, pu.Name, pu.Class, pu.Selling) {
				continue
			}
			if end, quiet := q.until(t, loc); quiet {
				if by == nil {
					by = q
				}
				t, moved = end, true
			}
		}
		if !moved {
			break
		}
	}
	return t, by
}

func (o *Policy) anyQuiet(in *heed.Intent, pu *Purpose) *quiet {
	for _, q := range o.quiet {
		if q.scope.fits(in.Channel, pu.Name, pu.Class, pu.Selling) {
			return q
		}
	}
	return nil
}
