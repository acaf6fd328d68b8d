package profile

import (
	"time"

	"github.com/tidwall/gjson"

	"github.com/heedcx/heed"
)

// moment reads a time from a property: RFC 3339, a date, or seconds or milliseconds since 1970. 0 when it is none.
func moment(v gjson.Result) heed.Time {
	switch v.Type {
	case gjson.String:
		for _, layout := range [...]string{time.RFC3339Nano, time.DateOnly, "2006-01-02T15:04:05", time.DateTime} {
			if t, err := time.Parse(layout, v.Str); err == nil && t.Year() > 1900 && t.Year() < 3000 {
				return heed.At(t)
			}
		}
	case gjson.Number:
		switch n := v.Float(); {
		case n > 0 && n < 1e11:
			return heed.Time(n * 1e6)
		case n >= 1e11 && n < 1e14:
			return heed.Time(n * 1e3)
		}
	}
	return 0
}
