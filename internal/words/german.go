package words

import (
	"regexp"
	"strings"
)

// clock writes the dates, times and numbers of a language.
type clock interface {
	moment(english string) string
	number(english string) string
	money(english string) string
}

type german struct{}

var (
	weekday = regexp.MustCompile(`^(\d\d:\d\d)( UTC)? ([A-Z][a-z]+day)$`)
	instant = regexp.MustCompile(`^(\d\d:\d\d)( UTC)? on (\d+) ([A-Z][a-z]+) (\d{4})$`)
	date    = regexp.MustCompile(`^(\d+) ([A-Z][a-z]+) (\d{4})$`)
	month   = regexp.MustCompile(`^([A-Z][a-z]+) (\d{4})$`)
)

var germanDays = map[string]string{"Monday": "Montag", "Tuesday": "Dienstag", "Wednesday": "Mittwoch", "Thursday": "Donnerstag", "Friday": "Freitag", "Saturday": "Samstag", "Sunday": "Sonntag"}

var germanMonths = map[string]string{"Jan": "Januar", "Feb": "Februar", "Mar": "März", "Apr": "April", "May": "Mai", "Jun": "Juni", "Jul": "Juli", "Aug": "August", "Sep": "September", "Oct": "Oktober", "Nov": "November", "Dec": "Dezember"}

// moment writes "08:00 Tuesday", "08:00 UTC on 2 January 2026", "2 Jan 2026" and "January 2026"; what is none of them stays.
func (german) moment(s string) string {
	if m := weekday.FindStringSubmatch(s); m != nil && germanDays[m[3]] != "" {
		return germanDays[m[3]] + " " + m[1] + m[2]
	}
	if m := instant.FindStringSubmatch(s); m != nil && len(m[4]) > 2 {
		return m[3] + ". " + germanMonths[m[4][:3]] + " " + m[5] + ", " + m[1] + m[2]
	}
	if m := date.FindStringSubmatch(s); m != nil && len(m[2]) > 2 {
		return m[1] + ". " + germanMonths[m[2][:3]] + " " + m[3]
	}
	if m := month.FindStringSubmatch(s); m != nil && len(m[1]) > 2 && germanMonths[m[1][:3]] != "" {
		return germanMonths[m[1][:3]] + " " + m[2]
	}
	return s
}

// number writes 1234.50 as 1.234,50.
func (german) number(s string) string {
	whole, rest, fraction := strings.Cut(s, ".")
	for at := len(whole) - 3; at > 0 && whole[at-1] != '-'; at -= 3 {
		whole = whole[:at] + "." + whole[at:]
	}
	if fraction {
		return whole + "," + rest
	}
	return whole
}

var amount = regexp.MustCompile(`^(-?)(\D*?) ?([\d,]+)(\.\d+)?$`)

// money writes €1,234.50 as 1.234,50 € and CHF 80.00 as 80,00 CHF; the space does not break. What is no amount stays.
func (german) money(s string) string {
	m := amount.FindStringSubmatch(s)
	if m == nil {
		return s
	}
	out := m[1] + strings.ReplaceAll(m[3], ",", ".") + strings.Replace(m[4], ".", ",", 1)
	if m[2] != "" {
		out += "\u00a0" + m[2]
	}
	return out
}
