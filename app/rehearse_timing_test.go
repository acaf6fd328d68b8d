package app

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	runtimemetrics "runtime/metrics"
	"slices"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/journey"
)

const timedBrand = `
kind: brand
name: test
title: Test
zone: UTC
zone_chain: [person, brand]
sender: {name: Test, email: hello@test.example}
---
kind: purpose
name: news
title: News
class: marketing
consent: opt_in
---
kind: template
name: hello
channel: email
subject: "Hello"
text: Hello.
html: <p>Hello.</p>
---
kind: quiet_hours
name: nights
from: "21:00"
to: "08:00"
channels: [email]
classes: [marketing]
---
kind: cap
name: two-a-week
max: 2
per: 7d
channel: email
---
kind: segment
name: buyers
rule: 'did "Order Completed" at least 2 times within 30d'
---
kind: journey
name: welcome
trigger: {event: Consent Granted}
entry: {limit: 1}
nodes:
  - {id: hello, message: {channel: email, purpose: news, template: hello}}
  - {id: rest, wait: 3d}
  - {id: again, message: {channel: email, purpose: news, template: hello}}
---
kind: journey
name: thanks
trigger: {event: Order Completed}
entry: {limit: 0, every: 7d, rule: 'did "Product Viewed" at least 3 times within 30d'}
nodes:
  - {id: rest, wait: 1d}
  - {id: hello, message: {channel: email, purpose: news, template: hello}}
`

// lives invents what people do in 60 days before now: each is known, most say yes, then they look and order.
func lives(people, each int, now heed.Time) (map[heed.ID]heed.Time, []*heed.Event) {
	r := rand.New(rand.NewPCG(1, 2))
	known := make(map[heed.ID]heed.Time, people)
	var out []*heed.Event
	for i := range people {
		id := heed.MakeID(now, [10]byte{byte(i >> 16), byte(i >> 8), byte(i)})
		known[id] = now.Add(-60 * 24 * time.Hour)
		add := func(typ heed.Type, name, props string, at heed.Time) {
			out = append(out, &heed.Event{Type: typ, Name: name, Properties: heed.RawJSON(props), UserID: id.String(), Person: id, Source: "test",
				Timestamp: at, ReceivedAt: at, MessageID: fmt.Sprint(len(out))})
		}
		at := now.Add(-time.Duration(50+r.IntN(10)) * 24 * time.Hour)
		add(heed.Identify, "", fmt.Sprintf(`{"email":"p%d@example.com","first_name":"Ann"}`, i), at)
		if r.IntN(10) < 8 {
			add(heed.Track, "Consent Granted", `{"purpose":"news","channel":"email"}`, at+heed.Time(r.Int64N(30*24*3600*1e6)))
		}
		for range each - 2 {
			name, props := "Product Viewed", `{"sku":"L-1","name":"Shirt","category":"linen","price":49.5}`
			if r.IntN(8) == 0 {
				name, props = "Order Completed", fmt.Sprintf(`{"order_id":"%d","revenue":%d,"currency":"EUR"}`, len(out), 20+r.IntN(200))
			}
			add(heed.Track, name, props, at+heed.Time(r.Int64N(int64(now-at))))
		}
	}
	slices.SortStableFunc(out, func(a, b *heed.Event) int { return cmp.Compare(a.Timestamp, b.Timestamp) })
	return known, out
}

// castOf is a cast from memory.
func castOf(known map[heed.ID]heed.Time, events []*heed.Event, gone []ledger.Gone) *cast {
	c := &cast{people: known}
	at := func(t heed.Time) int {
		i, _ := slices.BinarySearchFunc(events, t, func(e *heed.Event, t heed.Time) int { return cmp.Compare(e.Timestamp, t) })
		return i
	}
	for _, e := range events {
		if from := e.Timestamp / anHour * anHour; len(c.hours) == 0 || c.hours[len(c.hours)-1].from != from {
			c.hours = append(c.hours, hour{from, 1})
		} else {
			c.hours[len(c.hours)-1].n++
		}
	}
	c.between = func(_ context.Context, from, to heed.Time) ([]*heed.Event, error) {
		return slices.Clone(events[at(from):at(to)]), nil
	}
	c.gone = func(_ context.Context, people []heed.ID, since heed.Time) (out []ledger.Gone, _ error) {
		for _, g := range gone {
			if g.Contact.At >= since && slices.Contains(people, g.Person) {
				out = append(out, g)
			}
		}
		return out, nil
	}
	return c
}

// heap is what was in use when garbage was collected last, in MB.
func heap() float64 {
	live := []runtimemetrics.Sample{{Name: "/gc/heap/live:bytes"}}
	runtimemetrics.Read(live)
	return float64(live[0].Value.Uint64()) / 1e6
}

// BenchmarkRehearsal replays people who do 12 or 50 things each: people/s, and the memory beyond what they did, are what the
// bounds of a rehearsal rest on.
func BenchmarkRehearsal(b *testing.B) {
	now := heed.At(time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC))
	set, err := spec.Read("brand.yaml", []byte(timedBrand))
	if err != nil {
		b.Fatal(err)
	}
	draft, _ := set.Get(spec.Journey, "thanks")
	for _, c := range [][2]int{{2000, 12}, {20_000, 12}, {20_000, 50}} {
		people, each := c[0], c[1]
		b.Run(fmt.Sprint(people, "x", each), func(b *testing.B) {
			peak := 0.0
			for b.Loop() {
				known, events := lives(people, each, now)
				runtime.GC()
				before, beats := heap(), 0
				r := newRehearsal("thanks", func(float64) error {
					if beats++; beats%200 == 0 {
						peak = max(peak, heap()-before)
					}
					return nil
				})
				var errs []error
				if r.draft, errs = journey.ReadDraft(draft, set); len(errs) > 0 {
					b.Fatal(errs)
				}
				if err := r.play(context.Background(), set, castOf(known, events, nil), now.Add(-30*24*time.Hour), now); err != nil {
					b.Fatal(err)
				}
				r.sum(draft)
				if r.out.Entered == 0 || r.out.Received == 0 {
					b.Fatalf("nobody took part: %+v", r.out)
				}
			}
			b.ReportMetric(float64(people)*float64(b.N)/b.Elapsed().Seconds(), "people/s")
			b.ReportMetric(peak, "MB")
		})
	}
}
