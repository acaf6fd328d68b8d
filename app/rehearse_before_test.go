package app

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/journey"
)

// What people had gone through of the journey before the first day counts for its entry conditions, and whoever was
// inside then is inside until they really left.
func TestRehearsalKnowsWhoWasInItBefore(t *testing.T) {
	from := heed.At(time.Date(2026, 4, 16, 12, 0, 0, 0, time.UTC))
	day := func(n float64) heed.Time { return from.Add(time.Duration(n * 24 * float64(time.Hour))) }
	set := capped(t)
	past := func(n int, last float64) journey.Earlier {
		return journey.Earlier{Past: map[string]heed.Ran{"thanks": {N: n, Last: day(last)}}}
	}
	inside := func(entered, exited float64) journey.Earlier {
		s := journey.Stay{ID: heed.MakeID(day(entered), [10]byte{9}), Entered: day(entered)}
		if exited > 0 {
			s.Exited = day(exited)
		}
		return journey.Earlier{Inside: []journey.Stay{s}}
	}
	keyed := func(e journey.Earlier, key string) journey.Earlier {
		if len(e.Inside) > 0 {
			e.Inside[0].Key = key
			return e
		}
		return journey.Earlier{Past: map[string]heed.Ran{"thanks/" + key: e.Past["thanks"]}}
	}
	nodes := `"nodes": [{"id": "hello", "message": {"channel": "email", "purpose": "news", "template": "hello"}}]`
	once := `{"trigger": {"event": "Order Completed"}, "entry": {"limit": 1}, ` + nodes + `}`
	perOrder := `{"trigger": {"event": "Order Completed"}, "key": "properties.order_id", ` + nodes + `}`
	dated := func(rule string) string {
		return `{"trigger": {"date": {"trait": "renewal", "offset": "-3d"}}, "entry": {"limit": 1` + rule + `}, ` + nodes + `}`
	}
	daily := func(entry, exit string) string {
		return `{"trigger": {"schedule": {"every": "day", "at": "09:00"}}, "entry": ` + entry + `, ` + exit + nodes + `}`
	}
	for _, c := range []struct {
		name    string
		body    string
		earlier journey.Earlier
		orders  []float64 // in days after the first
		want    string
	}{
		{"never in it", once, journey.Earlier{}, []float64{1, 2}, "1 run, refused []"},
		{"once, and in it a year ago", once, past(1, -365), []float64{1, 2}, "0 runs, refused [limit 1]"},
		{"twice, and in it once", `{"trigger": {"event": "Order Completed"}, "entry": {"limit": 2}, ` + nodes + `}`, past(1, -365), []float64{1, 2}, "1 run, refused []"},
		{"as often as they like", `{"trigger": {"event": "Order Completed"}, "entry": {"limit": 0}, ` + nodes + `}`, past(7, -1), []float64{1, 2}, "2 runs, refused []"},
		{"once in 90 days, 80 days ago", `{"trigger": {"event": "Order Completed"}, "entry": {"limit": 0, "every": "90d"}, ` + nodes + `}`, past(1, -80), []float64{1, 2}, "0 runs, refused [every 1]"},
		{"once in 90 days, they are over within the days", `{"trigger": {"event": "Order Completed"}, "entry": {"limit": 0, "every": "90d"}, ` + nodes + `}`, past(1, -80), []float64{1, 11}, "1 run, refused []"},
		{"once, and inside on the first day", once, inside(-3, 5), []float64{6}, "0 runs, refused [limit 1]"},
		{"as often as they like, inside until the fifth day", `{"trigger": {"event": "Order Completed"}, "entry": {"limit": 0}, ` + nodes + `}`, inside(-3, 5), []float64{4}, "0 runs, refused [inside 1]"},
		{"and they order again when they have left", `{"trigger": {"event": "Order Completed"}, "entry": {"limit": 0}, ` + nodes + `}`, inside(-3, 5), []float64{4, 6}, "1 run, refused []"},
		{"inside still", `{"trigger": {"event": "Order Completed"}, "entry": {"limit": 0}, "on_publish": "migrate", ` + nodes + `}`, inside(-40, 0), []float64{4, 29.9}, "0 runs, refused [inside 1]"},
		{"a version that ends the runs of those inside", `{"trigger": {"event": "Order Completed"}, "entry": {"limit": 0}, "on_publish": "exit", ` + nodes + `}`, inside(-40, 0), []float64{4}, "1 run, refused []"},
		{"once per order, of another order", perOrder, keyed(past(1, -9), "o9"), []float64{1}, "1 run, refused []"},
		{"once per order, of this order", perOrder, keyed(past(1, -9), "o0"), []float64{1}, "0 runs, refused [limit 1]"},
		{"once per order, inside because of this order", perOrder, keyed(inside(-9, 0), "o0"), []float64{1, 2}, "1 run, refused []"},
		{"whoever enters the segment once, and has been in it", `{"trigger": {"segment_entered": "buyers"}, "entry": {"limit": 1}, ` + nodes + `}`, past(1, -365), []float64{1, 2}, "0 runs, refused [limit 1]"},
		{"a date that has come", dated(``), journey.Earlier{}, nil, "1 run, refused []"},
		{"a date that has come, and they have been in it", dated(``), past(1, -365), nil, "0 runs, refused [limit 1]"},
		{"a date that has come, and the rule does not hold", dated(`, "rule": "trait vip = true"`), journey.Earlier{}, nil, "0 runs, refused [rule 1]"},
		{"each day, once", daily(`{"limit": 1}`, ``), journey.Earlier{}, nil, "1 run, refused []"},
		{"each day, and they are inside until the fifth", daily(`{"limit": 2}`, ``), inside(-3, 5), nil, "1 run, refused []"},
		{"each day, and the exit rule holds", daily(`{"limit": 0}`, `"exit": "trait member = true", `), journey.Earlier{}, nil, "0 runs, refused [exit 1]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			id := heed.MakeID(from, [10]byte{1})
			var events []*heed.Event
			add := deeds(id, &events)
			add(heed.Identify, "", `{"email":"a@example.com","member":true,"renewal":"2026-05-01"}`, day(-40))
			for i, at := range c.orders {
				add(heed.Track, "Order Completed", fmt.Sprintf(`{"order_id":"o%d","revenue":20}`, i), day(at))
			}
			draft := spec.Spec{Kind: spec.Journey, Name: "thanks", Body: heed.RawJSON(c.body)}
			world := set.With(draft)
			r := newRehearsal("thanks", func(float64) error { return nil })
			var errs []error
			if r.draft, errs = journey.ReadDraft(draft, world); len(errs) > 0 {
				t.Fatal(errs)
			}
			cast := castOf(map[heed.ID]heed.Time{id: day(-40)}, events, nil)
			if len(c.earlier.Past)+len(c.earlier.Inside) > 0 {
				cast.earlier = map[heed.ID]journey.Earlier{id: c.earlier}
			}
			if err := r.play(context.Background(), world, cast, from, day(30)); err != nil {
				t.Fatal(err)
			}
			r.sum(draft)
			refused := []string{}
			for _, x := range r.out.Refused {
				refused = append(refused, fmt.Sprint(x.Key, " ", x.Count))
			}
			got := fmt.Sprint(r.out.Runs, " runs, refused ", refused)
			if r.out.Runs == 1 {
				got = fmt.Sprint("1 run, refused ", refused)
			}
			if got != c.want || r.out.Triggered != 1 || len(r.out.Notes) > 0 {
				t.Errorf("%s of %d triggered, want %s; notes %v", got, r.out.Triggered, c.want, r.out.Notes)
			}
			here := int64(0)
			for _, n := range r.out.Nodes {
				here += n.Here + n.Left
			}
			ended := int64(0)
			for _, e := range r.out.Ended {
				ended += e.Count
			}
			if here != r.out.Runs || ended > r.out.Runs { // the runs from before are nobody's
				text, _ := json.Marshal(r.out)
				t.Errorf("%d here or left, %d ended: %s", here, ended, text)
			}
		})
	}
}
