package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
)

// A goal's condition is asked of the events in history: as the document says it, or as whoever looks.
func TestABroadcastIsMeasuredByAConditionOnItsGoal(t *testing.T) {
	eachHistory(t, func(t *testing.T, w *world) {
		w.apply(studioBrand + `
---
{kind: segment, name: all, rule: 'trait all = true'}
---
kind: broadcast
name: spring
segment: all
message: {channel: email, purpose: news, template: hello}
holdout: 50
goal: {event: Order Completed, where: 'properties.revenue > 50 and properties.where = "shop"', within: 2d}
`)
		var people []map[string]any
		for i := range 12 {
			people = append(people, person(fmt.Sprint("p", i), map[string]any{"email": mail(i), "all": true}))
		}
		w.events(people...)
		var b api.BroadcastDetail
		w.until("everybody is in the segment", func() bool {
			var s struct {
				People int
			}
			w.call(http.MethodGet, "/api/v1/segments/all", nil, &s)
			return s.People == 12
		})
		w.call(http.MethodPost, "/api/v1/broadcasts/spring/start", map[string]any{"version": 1}, &b)
		w.until("it is done", func() bool {
			w.call(http.MethodGet, "/api/v1/broadcasts/spring", nil, &b)
			return b.Broadcast.State == "done"
		})
		var orders []map[string]any
		for i := range 12 {
			e := track(fmt.Sprint("p", i), "Order Completed")
			e["properties"] = map[string]any{"revenue": 10 * i, "where": []string{"shop", "web"}[i%2], "order_id": fmt.Sprint(i)}
			e["timestamp"] = time.Now().UTC().Format(time.RFC3339Nano)
			orders = append(orders, e)
		}
		w.events(orders...)
		reached := func(query url.Values) (n int64, g api.BroadcastGoal) {
			w.call(http.MethodGet, "/api/v1/broadcasts/spring/goal?"+query.Encode(), nil, &g)
			people := int64(0)
			for _, x := range g.Groups {
				n, people = n+x.Reached, people+x.People
			}
			if people != 12 {
				n = -1
			}
			return n, g
		}
		w.until("history has it all", func() bool {
			n, _ := reached(url.Values{"event": {"Order Completed"}})
			return n == 12
		})
		for _, c := range []struct {
			event, where string
			want         int64
		}{
			{"", "", 3},                 // 60, 80 and 100 in the shop
			{"Order Completed", "", 12}, // an event of one's own asks nothing
			{"Order Completed", "properties.revenue >= 90", 3},   // 90, 100, 110
			{"", `properties.where = "web"`, 6},                  // the document's event
			{"Order Completed", `properties.where = "kiosk"`, 0}, // nobody
		} {
			n, g := reached(url.Values{"event": {c.event}, "where": {c.where}})
			if n != c.want || g.Event != "Order Completed" || g.Within != "2d" {
				t.Errorf("%q where %q: %d of %+v, want %d", c.event, c.where, n, g, c.want)
			}
		}
		if status, text := w.do(http.MethodGet, "/api/v1/broadcasts/spring/goal?where="+url.QueryEscape("revenue >"), nil); status != http.StatusUnprocessableEntity {
			t.Errorf("a wrong condition: %d %s", status, text)
		}
	})
}

// A turn that quiet hours put off is found where one asks: with the person, in their timeline, by its message.
func TestATurnThatIsPutOffIsFound(t *testing.T) {
	each(t, nil, func(t *testing.T, w *world) {
		now := time.Now().UTC()
		clock := func(d time.Duration) string { return now.Add(d).Format("15:04") }
		w.apply(`
kind: brand
name: test
title: Test
zone: UTC
zone_chain: [person, brand]
sender: {name: Test, email: hello@test.example}
---
{kind: purpose, name: news, title: News, class: marketing, consent: none}
---
{kind: template, name: hello, channel: email, subject: Hello, text: Hello., html: <p>Hello.</p>}
---
{kind: quiet_hours, name: rest, from: "` + clock(-2*time.Hour) + `", to: "` + clock(2*time.Hour) + `", channels: [email], classes: [marketing]}
---
{kind: segment, name: all, rule: 'trait all = true'}
---
{kind: broadcast, name: spring, segment: all, pace: 60 per minute, message: {channel: email, purpose: news, template: hello}}
`)
		w.events(person("ann", map[string]any{"email": mail(0), "all": true}))
		w.until("she is in the segment", func() bool {
			var s struct{ People int }
			w.call(http.MethodGet, "/api/v1/segments/all", nil, &s)
			return s.People == 1
		})
		w.call(http.MethodPost, "/api/v1/broadcasts/spring/start", map[string]any{"version": 1}, &api.BroadcastDetail{})
		var ann struct{ ID string }
		w.call(http.MethodGet, "/api/v1/people?identifier=user_id:ann", nil, &ann)
		var told struct{ Items []api.Decision }
		w.until("her turn is put off", func() bool {
			w.call(http.MethodGet, "/api/v1/people/"+ann.ID+"/decisions", nil, &told)
			return len(told.Items) > 0
		})
		d := told.Items[0]
		if len(told.Items) != 1 || d.Outcome != heed.Hold || d.Reason != "QUIET_HOURS" || d.Rule != "rest" || d.By != "broadcast:spring" || d.Until == 0 || d.Message == nil {
			t.Fatalf("%+v", told.Items)
		}
		var m api.MessageDetail
		w.call(http.MethodGet, "/api/v1/messages/"+heed.ID(*d.Message).String(), nil, &m)
		if m.Message.State != heed.MessageHeld || m.Message.Due != d.Until || len(m.Decisions) != 1 {
			t.Errorf("%+v", m)
		}
		w.until("it is in her timeline", func() bool {
			var page struct{ Items []struct{ Type, Name string } }
			w.call(http.MethodGet, "/api/v1/people/"+ann.ID+"/interactions", nil, &page)
			n := 0
			for _, x := range page.Items {
				if x.Type == "message_decided" && x.Name == "hold" {
					n++
				}
			}
			return n == 1
		})
	})
}
