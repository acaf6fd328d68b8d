package journey

import (
	"encoding/json"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/zone"
)

// dateOf is a moment that hangs on a date we know of the person: three days before it, at nine, each year.
type dateOf struct {
	trait  string
	offset Span
	clock  *clockTime // nil: the time in the trait, or 09:00 when it is a plain date
	yearly bool
}

func (c *compiler) date(d dateDoc) *dateOf {
	out := &dateOf{trait: d.Trait, yearly: d.Yearly}
	if d.Trait == "" {
		c.failf("trait", "name the trait that holds the date")
	}
	if d.Offset != "" {
		var err error
		if out.offset, err = ParseSpan(d.Offset); err != nil {
			c.fail("offset", err)
		}
	}
	if d.At != "" {
		t, err := parseClock(d.At)
		if err != nil {
			c.fail("at", err)
		}
		out.clock = &t
	}
	return out
}

// first returns the moment: of a yearly date the first after t, otherwise the only one, be it past or to come. It
// reports false when the person has no such date.
func (d *dateOf) first(p *heed.Person, loc *time.Location, t heed.Time) (heed.Time, bool) {
	tr, ok := p.Traits[d.trait]
	if !ok {
		return 0, false
	}
	day, plain, ok := parseDate(tr.Value, loc)
	if !ok {
		return 0, false
	}
	if !d.yearly {
		return d.moment(day, plain, loc), true
	}
	// The offset may push the moment over the end of the year, so start a year early.
	for y := t.Std().In(loc).Year() - 1; y < t.Std().Year()+3+abs(d.offset.Days)/365; y++ {
		dd := day
		dd.year = y
		if last := time.Date(y, dd.month+1, 0, 0, 0, 0, 0, time.UTC).Day(); dd.day > last {
			dd.day = last // 29 February is kept on the 28th
		}
		if at := d.moment(dd, plain, loc); at > t {
			return at, true
		}
	}
	return 0, false
}

func (d *dateOf) moment(day localTime, plain bool, loc *time.Location) heed.Time {
	if d.clock != nil {
		day.clockTime, day.second = *d.clock, 0
	} else if plain {
		day.clockTime = clockTime{hour: 9}
	}
	return zone.Wall(loc, day.year, day.month, day.day+d.offset.Days, day.hour, day.minute, day.second).Add(d.offset.Rest)
}

// localTime is what a calendar and a clock on the wall show.
type localTime struct {
	year  int
	month time.Month
	day   int
	clockTime
	second int
}

// parseDate reads "1990-05-12" or an RFC 3339 time, which is taken to the person's zone.
func parseDate(v heed.RawValue, loc *time.Location) (d localTime, plain, ok bool) {
	var s string
	if len(v) < 2 || v[0] != '"' || len(v) > 64 || json.Unmarshal([]byte(v), &s) != nil {
		return d, false, false
	}
	t, err := time.Parse(time.DateOnly, s)
	if plain = err == nil; !plain {
		if t, err = time.Parse(time.RFC3339, s); err != nil {
			return d, false, false
		}
		t = t.In(loc)
	}
	if t.Year() < 1800 || t.Year() > 2500 {
		return d, false, false
	}
	return localTime{t.Year(), t.Month(), t.Day(), clockTime{t.Hour(), t.Minute()}, t.Second()}, plain, true
}

func abs(n int) int { return max(n, -n) }

// schedule is a repeating moment on the person's clock.
type schedule struct {
	every   string
	days    uint8
	day     int
	date    localTime
	clock   clockTime
	segment string
	rule    *condition
}

func (c *compiler) schedule(d *scheduleDoc) *schedule {
	out := &schedule{every: c.oneOf("trigger.schedule.every", d.Every, "day", "week", "month", "once"), segment: d.Segment}
	field := func(f string) string { return join("trigger.schedule", f) }
	if d.At == "" {
		c.failf(field("at"), "say at what time, such as at: \"09:00\"")
	} else if t, err := parseClock(d.At); err != nil {
		c.fail(field("at"), err)
	} else {
		out.clock = t
	}
	if (out.every == "week") != (len(d.On) > 0) {
		c.failf(field("on"), "weekdays belong to every: week, and every: week needs them")
	} else if mask, err := parseDays(d.On); err != nil {
		c.fail(field("on"), err)
	} else {
		out.days = mask
	}
	if (out.every == "month") != (d.Day != 0) || d.Day < 0 || d.Day > 31 {
		c.failf(field("day"), "every: month needs a day from 1 to 31 (a shorter month takes its last), and only that does")
	}
	out.day = d.Day
	if (out.every == "once") != (d.Date != "") {
		c.failf(field("date"), "every: once needs a date such as 2026-12-01, and only that does")
	} else if d.Date != "" {
		var ok bool
		if out.date, _, ok = parseDate(quote(d.Date), time.UTC); !ok || len(d.Date) != 10 {
			c.failf(field("date"), "%q is not a date: write 2026-12-01", cut(d.Date))
		}
	}
	c.refer(field("segment"), spec.Segment, d.Segment)
	out.rule = c.rule(field("rule"), d.Rule)
	return out
}

// next returns the first moment after t.
func (s *schedule) next(t heed.Time, loc *time.Location) (heed.Time, bool) {
	switch s.every {
	case "once":
		at := zone.Wall(loc, s.date.year, s.date.month, s.date.day, s.clock.hour, s.clock.minute, 0)
		return at, at > t
	case "month":
		l := t.Std().In(loc)
		for i := range 3 {
			first := time.Date(l.Year(), l.Month()+time.Month(i), 1, 0, 0, 0, 0, time.UTC)
			day := min(s.day, first.AddDate(0, 1, -1).Day())
			if at := zone.Wall(loc, first.Year(), first.Month(), day, s.clock.hour, s.clock.minute, 0); at > t {
				return at, true
			}
		}
		return 0, false // not reached: the month after next is later
	}
	return zone.NextClock(t, s.clock.hour, s.clock.minute, s.days, loc), true
}
