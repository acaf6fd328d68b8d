package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/app"
	"github.com/heedcx/heed/internal/testx"
)

// Heed on ClickHouse: timelines, segments that are counted from history, previews, replay, and what the process says of it.
func TestHistoryInClickHouse(t *testing.T) {
	url := testx.NewClickHouse(t)
	c := config(t, "", func(c *app.Config) { c.HistoryURL = url })
	if _, all := findings(c, nameServer(t, nil)); all["history"][0].Level != app.Fine || !strings.Contains(all["history"][0].Text, "at the first start") {
		t.Errorf("the doctor before: %+v", all["history"])
	}
	w := boot(t, c)
	w.events(person("ana", map[string]any{"email": "ana@example.org"}), track("ana", "Order Completed"), track("ana", "Order Completed"),
		track("bea", "Order Completed"), map[string]any{"type": "track", "anonymousId": "cookie", "event": "Product Viewed"})
	var ana struct{ ID string }
	w.call(http.MethodGet, "/api/v1/people?identifier=user_id:ana", nil, &ana)
	names := func() (out []string) {
		var page struct{ Items []struct{ Type, Name string } }
		w.call(http.MethodGet, "/api/v1/people/"+ana.ID+"/interactions", nil, &page)
		for _, one := range page.Items {
			if one.Type == "track" { // facts come when they come
				out = append(out, one.Name)
			}
		}
		return out
	}
	if got := strings.Join(names(), ","); got != "Order Completed,Order Completed" {
		t.Errorf("ana's timeline: %s", got)
	}
	// Who was a stranger is ana now, and has seen what she has seen.
	w.events(map[string]any{"type": "identify", "userId": "ana", "anonymousId": "cookie"})
	if got := strings.Join(names(), ","); !strings.Contains(got, "Product Viewed") {
		t.Errorf("ana's timeline after a merge: %s", got)
	}
	var preview struct{ People int64 }
	w.call(http.MethodPost, "/api/v1/segments/preview", map[string]any{"rule": `did "Order Completed" at least 2 times`}, &preview)
	if preview.People != 1 {
		t.Errorf("a preview counts %d", preview.People)
	}
	w.apply("kind: segment\nname: viewers\nrule: did \"Product Viewed\" and did \"Order Completed\" at least 2 times within 90d\n")
	w.until("the segment is counted from history", func() bool {
		var members struct {
			Items []struct{ Person struct{ ID string } }
		}
		w.call(http.MethodGet, "/api/v1/segments/viewers/people", nil, &members)
		return len(members.Items) == 1 && members.Items[0].Person.ID == ana.ID
	})
	if status, text := w.do(http.MethodGet, "/readyz", nil); status != http.StatusOK || !strings.Contains(string(text), "ClickHouse") {
		t.Errorf("/readyz: %d %s", status, text)
	}
	w.settled()
	before := strings.Join(names(), ",")
	if err := w.ReplayHistory(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(names(), ","); got != before {
		t.Errorf("after a replay: %s, before: %s", got, before)
	}
	if _, all := findings(c, nameServer(t, nil)); all["history"][0].Level != app.Fine || !strings.Contains(all["history"][0].Text, "ClickHouse") {
		t.Errorf("the doctor: %+v", all["history"])
	}
}

func TestHistoryURLsThatAreWrong(t *testing.T) {
	for _, url := range []string{"clickhouse://host", "clickhouse:///db", "clickhouse://host/a-b", "clickhouse://host:9000/db", "clickhouse://host/db?secure=1", "clickhouse:host/db", "mysql://host/db"} {
		c := config(t, "", nil)
		c.HistoryURL = url
		if err := c.Validate(); heed.CodeOf(err) != heed.Invalid || !strings.Contains(err.Error(), "history-url") {
			t.Errorf("%s: %v", url, err)
		}
	}
	c := config(t, "", func(c *app.Config) { c.HistoryURL = "clickhouse://heed:geheim@127.0.0.1:1/heed" })
	_, all := findings(c, nameServer(t, nil))
	if f := all["history"][0]; f.Level != app.Wrong || strings.Contains(f.Text, "geheim") || !strings.Contains(f.Text, "does not answer") {
		t.Errorf("the doctor: %+v", f)
	}
}
