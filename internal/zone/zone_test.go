package zone_test

import (
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/zone"
)

func at(t *testing.T, s string) heed.Time {
	t.Helper()
	x, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return heed.At(x)
}

func TestWallAcrossClockChanges(t *testing.T) {
	var c zone.Cache
	for _, x := range []struct {
		zone string
		y    int
		m    time.Month
		d    int
		h    int
		min  int
		want string
		why  string
	}{
		{"Europe/Lisbon", 2026, 3, 29, 0, 59, "2026-03-29T00:59:00Z", "the last minute before the gap"},
		{"Europe/Lisbon", 2026, 3, 29, 1, 30, "2026-03-29T01:00:00Z", "in the gap: the first instant after it"},
		{"Europe/Lisbon", 2026, 3, 29, 2, 0, "2026-03-29T01:00:00Z", "the first minute after the gap"},
		{"Europe/Lisbon", 2026, 10, 25, 1, 30, "2026-10-25T00:30:00Z", "happens twice: the first"},
		{"Europe/Lisbon", 2026, 10, 25, 2, 0, "2026-10-25T02:00:00Z", "after the overlap"},
		{"America/New_York", 2026, 3, 8, 2, 30, "2026-03-08T07:00:00Z", "gap in New York"},
		{"America/New_York", 2026, 11, 1, 1, 30, "2026-11-01T05:30:00Z", "overlap in New York"},
		{"Australia/Lord_Howe", 2026, 10, 4, 2, 15, "2026-10-03T15:30:00Z", "a half-hour gap"},
		{"Pacific/Apia", 2011, 12, 30, 12, 0, "2011-12-30T10:00:00Z", "a day that did not exist"},
		{"America/Santiago", 2026, 9, 6, 0, 0, "2026-09-06T04:00:00Z", "a gap at midnight"},
		{"Asia/Kolkata", 2026, 1, 32, 9, 0, "2026-02-01T03:30:00Z", "an overflowing day"},
	} {
		if got := zone.Wall(c.Load(x.zone), x.y, x.m, x.d, x.h, x.min, 0); got != at(t, x.want) {
			t.Errorf("%s %02d:%02d: got %s, want %s (%s)", x.zone, x.h, x.min, got, x.want, x.why)
		}
	}
}

func TestAddDaysKeepsTheClock(t *testing.T) {
	var c zone.Cache
	loc := c.Load("America/New_York")
	for _, x := range []struct {
		from, want string
		days       int
	}{
		{"2026-03-07T14:00:00Z", "2026-03-08T13:00:00Z", 1},  // 09:00 EST, then 09:00 EDT: 23 hours
		{"2026-10-31T13:00:00Z", "2026-11-01T14:00:00Z", 1},  // 25 hours
		{"2026-03-09T13:00:00Z", "2026-03-07T14:00:00Z", -2}, // backwards
		{"2026-03-07T07:30:00Z", "2026-03-08T07:00:00Z", 1},  // 02:30, which the next day skips
	} {
		if got := zone.AddDays(at(t, x.from), x.days, loc); got != at(t, x.want) {
			t.Errorf("%s %+d days: got %s, want %s", x.from, x.days, got, x.want)
		}
	}
	odd := at(t, "2026-03-07T14:00:00Z") + 123456
	if got := zone.AddDays(odd, 1, loc); got != at(t, "2026-03-08T13:00:00Z")+123456 {
		t.Errorf("microseconds are lost: %s", got)
	}
}

func TestNextClock(t *testing.T) {
	var c zone.Cache
	loc := c.Load("Europe/Lisbon")
	const monday = 1 << 1
	for _, x := range []struct {
		from, want string
		days       uint8
	}{
		{"2026-07-01T07:59:59Z", "2026-07-01T08:00:00Z", 0}, // summer: UTC+1
		{"2026-07-01T08:00:00Z", "2026-07-02T08:00:00Z", 0}, // now is not later
		{"2026-03-28T12:00:00Z", "2026-03-29T08:00:00Z", 0}, // over the gap
		{"2026-10-24T12:00:00Z", "2026-10-25T09:00:00Z", 0}, // over the overlap
		{"2026-07-01T12:00:00Z", "2026-07-06T08:00:00Z", monday},
		{"2026-07-06T08:00:00Z", "2026-07-13T08:00:00Z", monday},
	} {
		if got := zone.NextClock(at(t, x.from), 9, 0, x.days, loc); got != at(t, x.want) {
			t.Errorf("after %s: got %s, want %s", x.from, got, x.want)
		}
	}
}

func TestChain(t *testing.T) {
	var c zone.Cache
	all := zone.Chain{Words: []string{"person", "country", "brand"}, Brand: "Europe/Lisbon"}
	person := func(z, country string) *heed.Person {
		p := &heed.Person{Preferences: heed.Preferences{Zone: z}}
		if country != "" {
			p.Traits = map[string]heed.Trait{"country": {Value: heed.RawValue(`"` + country + `"`)}}
		}
		return p
	}
	for _, x := range []struct {
		p     *heed.Person
		chain zone.Chain
		zone  string
		from  string
	}{
		{person("Asia/Tokyo", "DE"), all, "Asia/Tokyo", "person"},
		{person("Mars/Olympus", "de"), all, "Europe/Berlin", "country"},
		{person("Local", "US"), all, "Europe/Lisbon", "brand"},
		{person("../../etc/passwd", ""), all, "Europe/Lisbon", "brand"},
		{person("", ""), zone.Chain{Words: []string{"person"}, Brand: "Europe/Lisbon"}, "", ""},
	} {
		loc, from := c.Of(x.p, x.chain)
		name := ""
		if loc != nil {
			name = loc.String()
		}
		if name != x.zone || from != x.from {
			t.Errorf("%+v: got %q from %q, want %q from %q", x.p.Preferences, name, from, x.zone, x.from)
		}
	}
}

func TestChainDoesNotAllocate(t *testing.T) {
	var c zone.Cache
	chain := zone.Chain{Words: []string{"person", "country", "brand"}, Brand: "Europe/Lisbon"}
	p := &heed.Person{Preferences: heed.Preferences{Zone: "Asia/Tokyo"}}
	c.Of(p, chain)
	if n := testing.AllocsPerRun(100, func() { c.Of(p, chain) }); n > 1 {
		t.Errorf("%v allocations for a known zone, want at most 1", n)
	}
}
