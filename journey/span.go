package journey

import (
	"strconv"
	"strings"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/zone"
)

// Span is a length of time as people write it: 2d, 1w, 36h, 1d12h, 90m, -3d. Days and weeks are calendar days in the
// person's zone, so "1d" after 09:00 is 09:00; hours, minutes and seconds are exact.
type Span struct {
	Days int
	Rest time.Duration
}

// maxSpanDays bounds a span; whoever waits longer than ten years will have changed their mind.
const maxSpanDays = 3660

// ParseSpan reads a span.
func ParseSpan(s string) (Span, error) {
	bad := func() (Span, error) {
		return Span{}, heed.Errorf(heed.Invalid, "%q is not a length of time: write 30m, 36h, 2d, 1w or 1d12h (w and d are calendar time)", cut(s))
	}
	text, neg := strings.CutPrefix(s, "-")
	if text == "" {
		return bad()
	}
	var out Span
	for text != "" {
		n := 0
		for n < len(text) && text[n] >= '0' && text[n] <= '9' {
			n++
		}
		if n == 0 || n > 9 || n == len(text) {
			return bad()
		}
		v, _ := strconv.Atoi(text[:n]) // at most nine digits
		switch text[n] {
		case 'w':
			out.Days += 7 * v
		case 'd':
			out.Days += v
		case 'h':
			out.Rest += time.Duration(v) * time.Hour
		case 'm':
			out.Rest += time.Duration(v) * time.Minute
		case 's':
			out.Rest += time.Duration(v) * time.Second
		default:
			return bad()
		}
		text = text[n+1:]
		if out.Days > maxSpanDays || out.Rest > maxSpanDays*24*time.Hour {
			return Span{}, heed.Errorf(heed.Invalid, "%q is longer than ten years", cut(s))
		}
	}
	if neg {
		out.Days, out.Rest = -out.Days, -out.Rest
	}
	return out, nil
}

// IsZero says whether the span has no length.
func (s Span) IsZero() bool { return s == Span{} }

// After returns the instant one span after t on the clocks of loc.
func (s Span) After(t heed.Time, loc *time.Location) heed.Time {
	return zone.AddDays(t, s.Days, loc).Add(s.Rest)
}

// Exact is the span with days of 24 hours, for bounds that need no calendar.
func (s Span) Exact() time.Duration { return time.Duration(s.Days)*24*time.Hour + s.Rest }

// String writes the span as ParseSpan reads it.
func (s Span) String() string {
	var b strings.Builder
	days, rest := s.Days, s.Rest
	if days < 0 || rest < 0 {
		b.WriteByte('-')
		days, rest = -days, -rest
	}
	unit := func(n int64, u string) {
		if n > 0 {
			b.WriteString(strconv.FormatInt(n, 10))
			b.WriteString(u)
		}
	}
	unit(int64(days), "d")
	unit(int64(rest/time.Hour), "h")
	unit(int64(rest%time.Hour/time.Minute), "m")
	unit(int64(rest%time.Minute/time.Second), "s")
	if b.Len() == 0 {
		return "0s"
	}
	return b.String()
}

// clockTime is a time of day.
type clockTime struct{ hour, minute int }

func parseClock(s string) (clockTime, error) {
	t, err := time.Parse("15:04", s)
	if err != nil {
		return clockTime{}, heed.Errorf(heed.Invalid, "%q is not a time of day: write it as \"09:00\"", cut(s))
	}
	return clockTime{t.Hour(), t.Minute()}, nil
}

// parseDays reads weekdays into a mask; bit 0 is Sunday.
func parseDays(words []string) (uint8, error) {
	var mask uint8
	for _, w := range words {
		low := strings.ToLower(w)
		found := false
		for d := time.Sunday; d <= time.Saturday; d++ {
			name := strings.ToLower(d.String())
			if low == name || low == name[:3] {
				mask |= 1 << d
				found = true
			}
		}
		if !found {
			return 0, heed.Errorf(heed.Invalid, "%q is not a weekday: write mon, tue, wed, thu, fri, sat or sun", cut(w))
		}
	}
	return mask, nil
}

func cut(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "..."
	}
	return s
}
