package zone

import (
	"time"

	"github.com/heedcx/heed"
)

// Wall returns the instant at which clocks in loc show the given date and time; overflowing values are normalised as
// time.Date does it. A time that a clock change skips becomes the first instant after the gap; a time that happens
// twice means the first.
func Wall(loc *time.Location, year int, month time.Month, day, hour, minute, second int) heed.Time {
	want := time.Date(year, month, day, hour, minute, second, 0, time.UTC)
	// The offset in force a day before and a day after: a change in between makes them differ.
	_, before := want.Add(-26 * time.Hour).In(loc).Zone()
	_, after := want.Add(26 * time.Hour).In(loc).Zone()
	early := want.Add(-time.Duration(before) * time.Second)
	if before == after {
		return heed.At(early)
	}
	late := want.Add(-time.Duration(after) * time.Second)
	if _, off := early.In(loc).Zone(); off == before { // before the change, or the first of two
		return heed.At(early)
	}
	if _, off := late.In(loc).Zone(); off == after {
		return heed.At(late)
	}
	// In the gap: early lies just behind the change, whose instant is the start of the new period.
	start, _ := early.In(loc).ZoneBounds()
	return heed.At(start)
}

// AddDays moves t by calendar days: the clock in loc shows the same time, n days later. A day with a clock change is
// 23 or 25 hours long.
func AddDays(t heed.Time, n int, loc *time.Location) heed.Time {
	if n == 0 {
		return t
	}
	l := t.Std().In(loc)
	// The part below the second is carried over by hand.
	frac := t.Sub(heed.At(t.Std().Truncate(time.Second)))
	return Wall(loc, l.Year(), l.Month(), l.Day()+n, l.Hour(), l.Minute(), l.Second()).Add(frac)
}

// NextClock returns the first instant after t at which clocks in loc show hour:minute on one of the weekdays (bit 0 is
// Sunday; 0 means every day).
func NextClock(t heed.Time, hour, minute int, days uint8, loc *time.Location) heed.Time {
	l := t.Std().In(loc)
	for i := range 9 {
		day := time.Date(l.Year(), l.Month(), l.Day()+i, 0, 0, 0, 0, time.UTC)
		if days != 0 && days&(1<<day.Weekday()) == 0 {
			continue
		}
		if at := Wall(loc, day.Year(), day.Month(), day.Day(), hour, minute, 0); at > t {
			return at
		}
	}
	return heed.Never // not reached: nine days hold every weekday twice over the edge
}
