package collect

import (
	"strings"
	"time"

	"github.com/heedcx/heed"
)

// parseTime reads an ISO 8601 date, with or without time, fraction and zone (UTC when it has none).
func parseTime(s string) (heed.Time, bool) {
	if t, ok := fastTime(s); ok {
		return t, true
	}
	s = strings.TrimSpace(s)
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00",
		"2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999Z0700", "2006-01-02", "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1 && t.Year() <= 9999 {
			return heed.At(t), true
		}
	}
	return 0, false
}

// fastTime reads the one form that SDKs send: 2006-01-02T15:04:05.000Z, with 0 to 9 digits of fraction.
func fastTime(s string) (heed.Time, bool) {
	if len(s) < 20 || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' || s[len(s)-1] != 'Z' {
		return 0, false
	}
	year, month, day := number2(s[0:])*100+number2(s[2:]), number2(s[5:]), number2(s[8:])
	hour, minute, second := number2(s[11:]), number2(s[14:]), number2(s[17:])
	if year < 1600 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 {
		return 0, false
	}
	micros := 0
	if frac := s[19 : len(s)-1]; frac != "" {
		if frac[0] != '.' || len(frac) == 1 || len(frac) > 10 {
			return 0, false
		}
		for i := 1; i <= 6; i++ {
			d := 0
			if i < len(frac) {
				if d = int(frac[i]) - '0'; d < 0 || d > 9 {
					return 0, false
				}
			}
			micros = micros*10 + d
		}
		for _, c := range []byte(frac[min(7, len(frac)):]) {
			if c < '0' || c > '9' {
				return 0, false
			}
		}
	}
	// Days since 1970-01-01 of a date in the proleptic Gregorian calendar (Howard Hinnant, days_from_civil).
	y, m := year, month
	if m <= 2 {
		y--
		m += 12
	}
	era := y / 400
	yoe := y - era*400
	doy := (153*(m-3)+2)/5 + day - 1
	days := era*146097 + yoe*365 + yoe/4 - yoe/100 + doy - 719468
	return heed.Time(((int64(days)*24+int64(hour))*60+int64(minute))*60+int64(second))*1e6 + heed.Time(micros), true
}

// number2 reads two digits; far below zero when they are not.
func number2(s string) int {
	a, b := int(s[0])-'0', int(s[1])-'0'
	if a < 0 || a > 9 || b < 0 || b > 9 {
		return -1 << 20
	}
	return a*10 + b
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// earliest is the oldest instant that an event may claim: nobody's clock was right before it, and a device that has
// lost its clock reports 1970 or 1980.
var earliest = heed.Time(time.Date(1980, 1, 7, 0, 0, 0, 0, time.UTC).UnixMicro())

// happened is when an event happened by our clock: what its sender's clock said, corrected by how far that clock was
// off when it sent. Segment writes it as receivedAt - (sentAt - originalTimestamp). What comes out in the future or
// before 1980 says nothing, so the event happened when we got it.
func happened(original, sent, received heed.Time) heed.Time {
	t := original
	switch {
	case original == 0:
		return received
	case sent != 0:
		t = received - (sent - original)
	}
	if t > received || t < earliest {
		return received
	}
	return t
}
