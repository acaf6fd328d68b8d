package app

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/journey"
)

const cappedMore = `
kind: cap
name: three-a-month
max: 3
calendar: month
channel: email
---
kind: brand
name: test
title: Test
zone: UTC
zone_chain: [person, brand]
hold: {default: 40d}
sender: {name: Test, email: hello@test.example}
---
kind: journey
name: thanks
trigger: {event: Order Completed}
entry: {limit: 0}
nodes:
  - {id: hello, message: {channel: email, purpose: news, template: hello}}
`

// Caps begin with what really went out before the days of the rehearsal, in rolling and in calendar time, and are filled
// within them by what no journey of the rehearsal sends itself.
func TestRehearsalCountsWhatReallyWentOut(t *testing.T) {
	from := heed.At(time.Date(2026, 4, 16, 12, 0, 0, 0, time.UTC))
	now := from.Add(30 * 24 * time.Hour)
	set := capped(t)
	draft, _ := set.Get(spec.Journey, "thanks")
	day := func(n float64) heed.Time { return from.Add(time.Duration(n * 24 * float64(time.Hour))) }
	for _, c := range []struct {
		name    string
		granted float64   // when they say yes, in days after the first
		gone    []float64 // when a mail went out
		journey string    // which journey sent it
		order   float64
		answers []string
		real    int64
	}{
		{"nothing went out", -20, nil, "", 1, []string{"send OK "}, 0},
		{"two in the week before", -20, []float64{-3, -2}, "", 1, []string{"hold CAP two-a-week", "send OK "}, 2},
		{"two by a journey in the week before", -20, []float64{-3, -2}, "welcome", 1, []string{"hold CAP two-a-week", "send OK "}, 2},
		{"two that left the week", -20, []float64{-9, -8}, "", 1, []string{"send OK "}, 2},
		{"three in the same month, weeks before", -20, []float64{-15, -14, -13}, "", 1, []string{"hold CAP three-a-month", "hold QUIET_HOURS nights", "send OK "}, 3},
		{"three in the month before", -30, []float64{-19, -18, -17}, "", 1, []string{"send OK "}, 3},
		{"a broadcast and a call of the API within the days", -20, []float64{16, 17}, "", 18, []string{"hold CAP two-a-week", "send OK "}, 2},
		{"what a broadcast sends after the message counts for the next only", -20, []float64{19, 20}, "", 18, []string{"send OK "}, 2},
		{"what the draft's journey sent is sent anew, or not", -20, []float64{16, 17}, "thanks", 18, []string{"send OK "}, 0},
		{"what another journey sent is sent anew: once, not twice", 16, []float64{16}, "welcome", 17, []string{"send OK "}, 0},
		{"what a journey sent that is no more went out", -20, []float64{16, 17}, "old", 18, []string{"hold CAP two-a-week", "send OK "}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			id := heed.MakeID(from, [10]byte{1})
			var events []*heed.Event
			add := deeds(id, &events)
			add(heed.Identify, "", `{"email":"a@example.com"}`, day(-40))
			add(heed.Track, "Consent Granted", `{"purpose":"news","channel":"email"}`, day(c.granted))
			add(heed.Track, "Order Completed", `{"order_id":"1","revenue":20}`, day(c.order))
			slices.SortFunc(events, func(a, b *heed.Event) int { return cmp.Compare(a.Timestamp, b.Timestamp) })
			var gone []ledger.Gone
			for i, at := range c.gone {
				gone = append(gone, ledger.Gone{Person: id, Journey: c.journey,
					Contact: heed.Contact{At: day(at), Message: heed.MakeID(day(at), [10]byte{byte(i)}), Channel: "email", Purpose: "news", Class: "marketing"}})
			}
			r := newRehearsal("thanks", func(float64) error { return nil })
			var errs []error
			if r.draft, errs = journey.ReadDraft(draft, set); len(errs) > 0 {
				t.Fatal(errs)
			}
			if err := r.play(context.Background(), set, castOf(map[heed.ID]heed.Time{id: day(-40)}, events, gone), from, now); err != nil {
				t.Fatal(err)
			}
			r.sum(draft)
			var got []string
			for _, a := range r.out.Messages {
				got = append(got, fmt.Sprint(a.Outcome, " ", a.Reason, " ", a.Rule))
			}
			slices.Sort(got)
			if !slices.Equal(got, c.answers) || r.out.Real != c.real {
				t.Errorf("got %q and %d real ones, want %q and %d", got, r.out.Real, c.answers, c.real)
			}
		})
	}
}

// deeds adds to what somebody did before a rehearsal.
func deeds(id heed.ID, events *[]*heed.Event) func(typ heed.Type, name, props string, at heed.Time) {
	return func(typ heed.Type, name, props string, at heed.Time) {
		*events = append(*events, &heed.Event{Type: typ, Name: name, Properties: heed.RawJSON(props), UserID: id.String(), Person: id, Source: "test", Timestamp: at, ReceivedAt: at, MessageID: fmt.Sprint(len(*events))})
	}
}

func capped(t testing.TB) spec.Set {
	set, err := spec.Read("brand.yaml", []byte(timedBrand))
	if err != nil {
		t.Fatal(err)
	}
	more, err := spec.Read("more.yaml", []byte(cappedMore))
	if err != nil {
		t.Fatal(err)
	}
	return set.With(more.All()...)
}

// The numbers are those of Newcombe 1998, table I: 81 of 263 is between 0.2553 and 0.3662 by Wilson's method.
func TestASampleSaysHowManyItWouldBeOfAll(t *testing.T) {
	set := capped(t)
	draft, _ := set.Get(spec.Journey, "thanks")
	r := newRehearsal("thanks", nil)
	r.draft, _ = journey.ReadDraft(draft, set)
	for i := range 81 {
		r.entered[heed.ID{byte(i)}] = true
	}
	r.out.People, r.out.Sampled = 2630, 263
	r.sum(draft)
	near := func(got, want float64) bool { return math.Abs(got-want) < 0.2 }
	if e := r.out.OfAll.Entered; !near(e.Value, 810) || !near(e.Low, 671.4) || !near(e.High, 963.1) {
		t.Errorf("entered of all: %+v", e)
	}
	whole := newRehearsal("thanks", nil)
	whole.draft = r.draft
	whole.out.People, whole.out.Sampled = 263, 263
	whole.sum(draft)
	if whole.out.OfAll != nil {
		t.Errorf("everybody was rehearsed, and yet: %+v", whole.out.OfAll)
	}
}

// However it is cut, everything happens once and in order, and no more than a reel of it is in memory.
func TestReelsHoldEverythingOnce(t *testing.T) {
	now := heed.At(time.Date(2026, 5, 1, 0, 30, 0, 0, time.UTC))
	known, events := lives(4000, 12, now)
	c := castOf(known, events, nil)
	n, last := 0, heed.Time(0)
	cuts := []heed.Time{0, now.Add(-37*24*time.Hour - time.Minute), now.Add(-30 * 24 * time.Hour), now}
	for i := range cuts[1:] {
		err := c.reels(t.Context(), cuts[i], cuts[i+1], func(some []*heed.Event) error {
			if len(some) > rehearsalReel+1000 {
				t.Errorf("%d at once", len(some))
			}
			for _, e := range some {
				if e.Timestamp < last || e.Timestamp < cuts[i] || e.Timestamp >= cuts[i+1] {
					t.Fatalf("%s after %s, from %s to %s", e.Timestamp, last, cuts[i], cuts[i+1])
				}
				last = e.Timestamp
			}
			n += len(some)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if n != len(events) || n < 2*rehearsalReel {
		t.Errorf("%d of %d", n, len(events))
	}
}
