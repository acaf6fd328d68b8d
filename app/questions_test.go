package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed/api"
)

// What has passed the nodes of a journey, how often things happened and what values they carry is counted from history.
func TestPassagesTrendsAndValues(t *testing.T) {
	eachHistory(t, func(t *testing.T, w *world) {
		w.apply(studioBrand + `
---
kind: journey
name: basket
trigger: {event: Product Added}
nodes:
  - {id: kind, branch: [{when: 'trait vip = true', then: treat}], else: rest}
  - {id: rest, wait: 1d}
  - {id: done, end: true}
  - {id: treat, task: {title: Call them, department: service}}
  - {id: bye, end: true}
`)
		var list []map[string]any
		for i := range 5 {
			list = append(list, person(fmt.Sprint("p", i), map[string]any{"email": mail(i), "vip": i < 2}))
		}
		w.events(list...)
		today := time.Now().UTC().Truncate(24 * time.Hour)
		list = nil
		for i, ago := range []int{0, 1, 1, 3, 3, 3, 9} {
			e := track(fmt.Sprint("p", i%5), "Plan Chosen")
			e["timestamp"] = today.AddDate(0, 0, -ago).Format(time.RFC3339)
			e["properties"] = map[string]any{"plan": []string{"pro", "basic", "pro"}[i%3], "by": map[string]any{"team": "sales"}}
			list = append(list, e)
		}
		for i := range 5 {
			list = append(list, track(fmt.Sprint("p", i), "Product Added"))
		}
		w.events(list...)

		var known struct{ Items []api.KnownEvent }
		w.until("history knows of everybody's way", func() bool {
			w.call(http.MethodGet, "/api/v1/catalogue", nil, &known)
			changes := int64(0)
			for _, k := range known.Items {
				if k.Type == "run_changed" && (k.Name == "moved" || k.Name == "ended") {
					changes += k.Count
				}
			}
			return changes >= 5
		})
		nodes := func(query string) (out []string) {
			var d api.JourneyDetail
			w.call(http.MethodGet, "/api/v1/journeys/basket"+query, nil, &d)
			for _, n := range d.Nodes {
				out = append(out, fmt.Sprint(n.Node, " here ", n.Here, " passed ", n.Passed, " ended ", n.Ended))
			}
			return out
		}
		want := []string{"bye here 0 passed 0 ended [{done 2}]", "kind here 0 passed 5 ended []", "rest here 3 passed 0 ended []", "treat here 0 passed 2 ended []"}
		for _, query := range []string{"", "?version=1"} {
			w.until(fmt.Sprintf("nodes%s are %q", query, want), func() bool { return slices.Equal(nodes(query), want) })
		}
		if got := nodes("?version=2"); len(got) > 0 {
			t.Errorf("nobody was in version 2: got %q", got)
		}

		var trends struct{ Items []api.Trend }
		w.call(http.MethodGet, "/api/v1/catalogue/trends?days=5", nil, &trends)
		i := slices.IndexFunc(trends.Items, func(one api.Trend) bool { return one.Type == "track" && one.Name == "Plan Chosen" })
		if i < 0 || !slices.Equal(trends.Items[i].Days, []int64{0, 3, 0, 2, 1}) {
			t.Errorf("trends: got %+v", trends.Items)
		}

		for property, want := range map[string]string{"plan": `[{"pro" 5}]`, "by.team": `[{"sales" 7}]`, "by": "[]"} { // basic was chosen twice only
			var values struct{ Items []api.KnownValue }
			w.call(http.MethodGet, "/api/v1/vocabulary/values?event=Plan+Chosen&property="+property, nil, &values)
			var got []string
			for _, v := range values.Items {
				got = append(got, fmt.Sprintf("{%s %d}", v.Value, v.Count))
			}
			if text := "[" + strings.Join(got, " ") + "]"; text != want {
				t.Errorf("values of %s: got %s, want %s", property, text, want)
			}
		}
		var words api.Vocabulary
		w.call(http.MethodGet, "/api/v1/vocabulary", nil, &words)
		if !slices.ContainsFunc(words.Events, func(k api.KnownEvent) bool { return k.Name == "Plan Chosen" && k.Count == 7 && len(k.Properties) == 2 }) {
			t.Errorf("vocabulary: got %+v", words.Events)
		}
	})
}
