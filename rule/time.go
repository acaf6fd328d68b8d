package rule

import (
	"strings"

	"github.com/heedcx/heed"
)

// parseTime reads the two forms of a time that rules know, in literals and in data:
//
//	2026-01-31                                midnight UTC
//	2026-01-31T10:20:30[.123456](Z|+02:00)    RFC 3339, cut to the microsecond
//
// The SQL targets do the same arithmetic on the same characters (sql_time.go), so that they agree to the microsecond.
func parseTime(s string) (heed.Time, bool) {
	if len(s) < 10 || len(s) > 35 || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	y, ok1 := digits(s[0:4])
	m, ok2 := digits(s[5:7])
	d, ok3 := digits(s[8:10])
	if !ok1 || !ok2 || !ok3 || y < 1 || m < 1 || m > 12 || d < 1 || d > daysIn(y, m) {
		return 0, false
	}
	t := days(y, m, d) * 86_400_000_000
	if len(s) == 10 {
		return heed.Time(t), true
	}
	if len(s) < 20 || s[10] != 'T' || s[13] != ':' || s[16] != ':' {
		return 0, false
	}
	h, ok1 := digits(s[11:13])
	mi, ok2 := digits(s[14:16])
	sec, ok3 := digits(s[17:19])
	if !ok1 || !ok2 || !ok3 || h > 23 || mi > 59 || sec > 59 {
		return 0, false
	}
	t += ((h*60+mi)*60 + sec) * 1_000_000
	rest := s[19:]
	if rest[0] == '.' {
		end := strings.IndexAny(rest, "Z+-")
		if end < 2 || end > 10 {
			return 0, false
		}
		n, ok := digits(rest[1:end])
		if !ok {
			return 0, false
		}
		for i := end - 1; i < 6; i++ {
			n *= 10
		}
		for i := end - 1; i > 6; i-- {
			n /= 10
		}
		t += n
		rest = rest[end:]
	}
	if rest == "Z" {
		return heed.Time(t), true
	}
	if len(rest) != 6 || rest[3] != ':' || rest[0] != '+' && rest[0] != '-' {
		return 0, false
	}
	zh, ok1 := digits(rest[1:3])
	zm, ok2 := digits(rest[4:6])
	if !ok1 || !ok2 || zh > 23 || zm > 59 {
		return 0, false
	}
	off := (zh*60 + zm) * 60_000_000
	if rest[0] == '-' {
		off = -off
	}
	return heed.Time(t - off), true
}

func digits(s string) (n int64, ok bool) {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, len(s) > 0
}

func daysIn(y, m int64) int64 {
	switch m {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if y%4 == 0 && (y%100 != 0 || y%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// days counts the days from 1970-01-01 to a date of the Gregorian calendar (Howard Hinnant's days_from_civil, for
// years from 1 on).
func days(y, m, d int64) int64 {
	if m <= 2 {
		y, m = y-1, m+12
	}
	return 365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + d - 1 - 719468
}

// formatTime is the shorter of the two forms that parseTime reads back.
func formatTime(t heed.Time) string {
	s := t.Std().Format("2006-01-02T15:04:05.999999Z07:00")
	if t == 0 {
		s = "1970-01-01T00:00:00Z"
	}
	return strings.TrimSuffix(s, "T00:00:00Z")
}
