package decide

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/heedcx/heed"
)

// Span is a duration as specs write it: 15m, 36h, 7d, 1w2d. A day is 24 hours, a week 7 days.
type Span heed.Time

// maxSpan bounds every duration in a spec.
const maxSpan = 5 * 366 * 24 * time.Hour

// ParseSpan reads a duration such as 90m, 7d or 1w2d.
func ParseSpan(s string) (Span, error) {
	var total time.Duration
	rest := s
	for rest != "" {
		n := 0
		for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
			n++
		}
		if n == 0 || n == len(rest) || n > 9 {
			return 0, errSpan(s)
		}
		v, err := strconv.ParseInt(rest[:n], 10, 64)
		if err != nil {
			return 0, errSpan(s)
		}
		unit, ok := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}[rest[n]]
		if !ok || time.Duration(v) > maxSpan/unit {
			return 0, errSpan(s)
		}
		total += time.Duration(v) * unit
		rest = rest[n+1:]
	}
	if s == "" || total > maxSpan {
		return 0, errSpan(s)
	}
	return Span(total / time.Microsecond), nil
}

func errSpan(s string) error {
	if len(s) > 40 {
		s = s[:40] + "..."
	}
	return fmt.Errorf("%q is not a duration: write it like 15m, 36h, 7d or 1w2d, at most 5 years", s)
}

// UnmarshalJSON implements json.Unmarshaler.
func (d *Span) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return errSpan(string(b))
	}
	v, err := ParseSpan(s)
	*d = v
	return err
}

// MarshalJSON implements json.Marshaler.
func (d Span) MarshalJSON() ([]byte, error) {
	return json.Marshal(fmt.Sprintf("%ds", int64(d)/1e6))
}
