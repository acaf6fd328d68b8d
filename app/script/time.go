package script

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/zone"
)

// span is a length of time: days and weeks by the calendar, the rest exact.
type span struct {
	days  int
	exact time.Duration
}

var (
	spanShape = regexp.MustCompile(`^([0-9]{1,6}(s|m|h|d|w))+$`)
	spanPart  = regexp.MustCompile(`([0-9]+)(s|m|h|d|w)`)
)

func parseSpan(s string) (span, bool) {
	if !spanShape.MatchString(s) {
		return span{}, false
	}
	var out span
	for _, m := range spanPart.FindAllStringSubmatch(s, -1) {
		n, _ := strconv.Atoi(m[1]) // the shape says so
		switch m[2] {
		case "s":
			out.exact += time.Duration(n) * time.Second
		case "m":
			out.exact += time.Duration(n) * time.Minute
		case "h":
			out.exact += time.Duration(n) * time.Hour
		case "d":
			out.days += n
		case "w":
			out.days += 7 * n
		}
	}
	return out, true
}

// after is t and the span, on clocks in loc.
func (s span) after(t heed.Time, loc *time.Location) heed.Time {
	return zone.AddDays(t, s.days, loc).Add(s.exact)
}

func (s span) before(t heed.Time, loc *time.Location) heed.Time {
	return zone.AddDays(t, -s.days, loc).Add(-s.exact)
}

var weekdays = map[string]time.Weekday{
	"sun": time.Sunday, "mon": time.Monday, "tue": time.Tuesday, "wed": time.Wednesday, "thu": time.Thursday, "fri": time.Friday, "sat": time.Saturday,
}

// parseWhen reads a moment on clocks in loc: "2026-03-28 09:00", the next "09:00" or "mon 09:00" after now, or RFC 3339.
func parseWhen(words []string, now heed.Time, loc *time.Location) (heed.Time, error) {
	text := strings.Join(words, " ")
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return heed.At(t), nil
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return zone.Wall(loc, t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second()), nil
		}
	}
	days := uint8(0)
	clock := text
	if day, rest, ok := strings.Cut(text, " "); ok {
		if d, known := weekdays[strings.ToLower(day)]; known {
			days, clock = 1<<d, rest
		}
	}
	if t, err := time.Parse("15:04", clock); err == nil {
		return zone.NextClock(now, t.Hour(), t.Minute(), days, loc), nil
	}
	return 0, fmt.Errorf(`%q is no moment: write 09:00, mon 09:00, "2026-03-28 09:00" or 2026-03-28T09:00:00Z`, text)
}

// show writes a moment as people read it.
func show(t heed.Time, loc *time.Location) string {
	if t == 0 {
		return "never"
	}
	l := t.Std().In(loc)
	if l.Second() != 0 {
		return l.Format("Mon 2 Jan 2006 15:04:05")
	}
	return l.Format("Mon 2 Jan 2006 15:04")
}
