package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/db"
)

const studioBrand = `
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
subject: "Hello {{ person.first_name }}"
text: Hello.
html: <p>Hello.</p>
---
kind: quiet_hours
name: nights
from: "21:00"
to: "08:00"
channels: [email]
classes: [marketing]
`

// draft is a journey as the console holds it.
func draft(extra string) map[string]any {
	body := `{"trigger": {"event": "Order Completed", "where": "properties.revenue > 10"}, "entry": {"limit": 1, "rule": "not trait staff = true"},
		"goal": {"event": "Review Posted", "then": "mark"},
		"nodes": [{"id": "hello", "message": {"channel": "email", "purpose": "news", "template": "hello"}},
			{"id": "rest", "wait": "1d"},
			{"id": "rich", "branch": [{"when": "orders.revenue > 100", "then": "call"}], "else": "done"},
			{"id": "call", "task": {"title": "Call them", "department": "service"}},
			{"id": "done", "end": true}]` + extra + `}`
	return map[string]any{"name": "thanks", "body": json.RawMessage(body)}
}

func with(m map[string]any, more map[string]any) map[string]any {
	for k, v := range more {
		m[k] = v
	}
	return m
}

func (w *world) simulate(more map[string]any) (out api.Simulation) {
	w.t.Helper()
	w.call(http.MethodPost, "/api/v1/journeys/simulate", with(draft(""), more), &out)
	return out
}

// told is a simulation as lines.
func told(s api.Simulation) []string {
	var out []string
	for _, x := range s.Steps {
		at, _ := json.Marshal(x.At)
		parts := []string{string(at[1:17]), x.Kind}
		for _, p := range []string{x.Node, x.To, x.Name, x.Outcome, x.Reason, x.Rule} {
			if p != "" {
				parts = append(parts, p)
			}
		}
		out = append(out, strings.Join(parts, " "))
	}
	return out
}

func TestSimulate(t *testing.T) {
	eachHistory(t, func(t *testing.T, w *world) {
		w.apply(studioBrand)
		friday := time.Now().UTC().AddDate(0, 0, 10).Truncate(24 * time.Hour)
		for friday.Weekday() != time.Friday {
			friday = friday.AddDate(0, 0, 1)
		}
		at := func(days int, clock string) string {
			return friday.AddDate(0, 0, days).Format(time.DateOnly) + "T" + clock
		}
		// She orders on Friday at ten in the evening: the night is over in her zone, an hour behind UTC in winter or at it.
		got := w.simulate(map[string]any{
			"start": at(0, "10:00:00Z"), "days": 5,
			"invented": map[string]any{"zone": "Etc/GMT+1", "traits": map[string]any{"email": "ann@example.com", "first_name": "Ann"}, "consents": []any{map[string]any{"purpose": "news", "channel": "email", "state": "granted"}}},
			"events":   []any{map[string]any{"at": at(0, "22:00:00Z"), "name": "Order Completed", "properties": map[string]any{"revenue": 140, "order_id": "1"}}},
		})
		want := []string{
			at(0, "22:00") + " event Order Completed", at(0, "22:00") + " entered", at(0, "22:00") + " node hello rest message", at(0, "22:00") + " decided hello news hold QUIET_HOURS nights",
			at(1, "09:00") + " decided hello news send OK", at(1, "09:00") + " node rest rich wait", at(1, "09:00") + " handed hello hello", at(1, "09:00") + " waits rest",
			at(2, "09:00") + " node rich call branch orders.revenue > 100", at(2, "09:00") + " node call done task", at(2, "09:00") + " node done end", at(2, "09:00") + " task call Call them", at(2, "09:00") + " ended done done",
		}
		if lines := told(got); !slices.Equal(sorted(lines), sorted(want)) || !got.Entered || got.Reason != "done" {
			t.Errorf("got\n%s\nwant\n%s\n%+v", strings.Join(lines, "\n"), strings.Join(want, "\n"), got)
		}

		// Somebody real is taken as they are, without consent; and a colleague does not come in.
		w.events(person("ben", map[string]any{"email": mail(1), "first_name": "Ben"}), person("eve", map[string]any{"email": mail(2), "staff": true}))
		id := func(user string) string {
			var one struct{ ID string }
			w.call(http.MethodGet, "/api/v1/people?identifier=user_id:"+user, nil, &one)
			return one.ID
		}
		order := []any{map[string]any{"at": at(0, "12:00:00Z"), "name": "Order Completed", "properties": map[string]any{"revenue": 20, "order_id": "1"}}}
		got = w.simulate(map[string]any{"person": id("ben"), "start": at(0, "10:00:00Z"), "events": order})
		if lines := strings.Join(told(got), "\n"); !strings.Contains(lines, "decided hello news drop NO_CONSENT") || strings.Contains(lines, "task") {
			t.Errorf("ben:\n%s", lines)
		}
		got = w.simulate(map[string]any{"person": id("eve"), "start": at(0, "10:00:00Z"), "events": order})
		if lines := strings.Join(told(got), "\n"); !strings.Contains(lines, "refused rule") || got.Entered {
			t.Errorf("eve:\n%s", lines)
		}
		// Put in by hand, whatever starts it.
		if got = w.simulate(map[string]any{"person": id("ben"), "start": at(0, "10:00:00Z"), "enter": true}); !got.Entered {
			t.Errorf("put in: %+v", got)
		}
		if n := len(w.messages("limit=10")); n > 0 {
			t.Errorf("%d real messages", n)
		}
		if status, text := w.do(http.MethodPost, "/api/v1/journeys/simulate", with(draft(`, "exit": "did"`), nil)); status != 422 {
			t.Errorf("a wrong draft: %d %s", status, text)
		}
		if status, _ := w.do(http.MethodPost, "/api/v1/journeys/simulate", with(draft(""), map[string]any{"person": id("ben"), "start": "2020-01-01T00:00:00Z"})); status != 422 {
			t.Errorf("a real person in the past: %d", status)
		}
		var wrong struct {
			Items []struct{ Field, Node, Detail string }
		}
		body := strings.Replace(string(draft("")["body"].(json.RawMessage)), `"wait": "1d"`, `"wait": "soon"`, 1)
		w.call(http.MethodPost, "/api/v1/journeys/check", map[string]any{"name": "thanks", "body": json.RawMessage(body)}, &wrong)
		if len(wrong.Items) != 1 || wrong.Items[0].Node != "rest" || !strings.HasPrefix(wrong.Items[0].Field, "nodes[1].wait") {
			t.Errorf("what is wrong: %+v", wrong)
		}
	})
}

func sorted(lines []string) []string {
	out := slices.Clone(lines)
	slices.Sort(out)
	return out
}

func TestRehearse(t *testing.T) {
	eachHistory(t, func(t *testing.T, w *world) {
		w.apply(studioBrand)
		day := func(ago int, hour int) string {
			return time.Now().UTC().AddDate(0, 0, -ago).Truncate(24 * time.Hour).Add(time.Duration(hour) * time.Hour).Format(time.RFC3339)
		}
		var list []map[string]any
		add := func(e map[string]any, at string) {
			e["timestamp"], e["messageId"] = at, fmt.Sprint("m", len(list))
			list = append(list, e)
		}
		order := func(id string, revenue int, at string) {
			e := track(id, "Order Completed")
			e["properties"] = map[string]any{"revenue": revenue, "order_id": id + at}
			add(e, at)
		}
		for i, id := range []string{"ann", "ben", "cat", "dan", "eve", "old", "fay", "gus"} {
			add(person(id, map[string]any{"email": mail(i), "staff": id == "eve"}), day(40, 10))
			if id != "dan" {
				e := track(id, "Consent Granted")
				e["properties"] = map[string]any{"purpose": "news", "channel": "email"}
				add(e, day(40, 11))
			}
		}
		order("old", 50, day(35, 12))  // before the days of the rehearsal
		order("ann", 140, day(10, 12)) // sent at once, rich
		order("ann", 50, day(5, 12))   // limit: once
		order("ben", 50, day(10, 23))  // held by the night
		order("cat", 5, day(10, 12))   // not worth it
		order("dan", 50, day(9, 12))   // has not said yes
		order("eve", 50, day(9, 12))   // works here
		order("fay", 50, day(9, 12))   // was in it a year ago
		order("gus", 50, day(9, 12))   // is in it since then
		add(track("ann", "Review Posted"), day(10, 18))
		w.events(list...)
		w.until("history has it all", func() bool {
			_, known := w.do(http.MethodGet, "/api/v1/catalogue", nil)
			return strings.Contains(string(known), "Review Posted")
		})
		was := func(user string, exited time.Duration) {
			var one struct{ ID string }
			w.call(http.MethodGet, "/api/v1/people?identifier=user_id:"+user, nil, &one)
			person, _ := heed.ParseID(one.ID)
			now := heed.At(time.Now())
			entered, left := now.Add(-365*24*time.Hour), heed.Time(0)
			if exited > 0 {
				left = now.Add(-exited)
			}
			if err := w.DB.Write(t.Context(), func(tx db.Tx) error {
				_, err := tx.Exec(t.Context(), "journey.put_run", heed.NewID(entered), "thanks", 1, person, "", "rest", "active", entered, entered, 0, left, "", 0, 1)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		was("fay", 364*24*time.Hour)
		was("gus", 0)

		var job api.RehearsalJob
		at := ""
		// Whose the events are, history hears a moment later: on PostgreSQL when the transactions of other tests are over too.
		w.until("a rehearsal knows of everybody", func() bool {
			w.call(http.MethodPost, "/api/v1/rehearsals", draft(""), &job)
			id, _ := json.Marshal(job.ID)
			at = strings.Trim(string(id), `"`)
			w.until("the rehearsal is done", func() bool {
				w.call(http.MethodGet, "/api/v1/rehearsals/"+at, nil, &job)
				return job.State == "done" || job.State == "failed"
			})
			if job.Result == nil {
				t.Fatalf("failed: %s", job.Error)
			}
			return job.Result.People == 7
		})
		r := job.Result
		if r.People != 7 || r.Sampled != 7 || r.Triggered != 6 || r.Entered != 3 || r.Runs != 3 || r.Received != 2 || r.Reached != 1 {
			t.Errorf("got %+v", r)
		}
		if !slices.Equal(r.Refused, []api.Count{{Key: "inside", Count: 1}, {Key: "limit", Count: 1}, {Key: "rule", Count: 1}}) {
			t.Errorf("refused %v", r.Refused)
		}
		hello := r.Nodes[0]
		if hello != (api.RehearsedNode{Node: "hello", Arrived: 3, Wanted: 3, Sent: 2, Held: 1, Dropped: 1}) {
			t.Errorf("hello: %+v", hello)
		}
		if call := r.Nodes[3]; call.Node != "call" || call.Arrived != 1 {
			t.Errorf("call: %+v", call)
		}
		var answers []string
		for _, a := range r.Messages {
			answers = append(answers, fmt.Sprint(a.Outcome, " ", a.Reason, " ", a.Rule, " ", a.Count))
		}
		if want := []string{"send OK  2", "drop NO_CONSENT  1", "hold QUIET_HOURS nights 1"}; !slices.Equal(sorted(answers), sorted(want)) {
			t.Errorf("answers %q", answers)
		}
		if n := len(w.messages("limit=10")); n > 0 {
			t.Errorf("%d real messages", n)
		}
		var mine struct{ Items []struct{ Name string } }
		if w.call(http.MethodGet, "/api/v1/journeys", nil, &mine); len(mine.Items) > 0 {
			t.Errorf("the draft is published: %v", mine)
		}
		if status, _ := w.do(http.MethodPost, "/api/v1/rehearsals/"+at+"/cancel", nil); status != http.StatusConflict {
			t.Errorf("canceling what has ended: %d", status)
		}
	})
}
