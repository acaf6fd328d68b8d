package app_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

type deadLetter struct{ ID, Stage, Source, Reason string }

func (w *world) deadLetters(limit int) (all []deadLetter) {
	w.t.Helper()
	for after := ""; ; {
		var page struct {
			Items []deadLetter
			Next  string
		}
		w.call(http.MethodGet, fmt.Sprintf("/api/v1/dead-letters?limit=%d&after=%s", limit, after), nil, &page)
		all = append(all, page.Items...)
		if after = page.Next; after == "" {
			return all
		}
	}
}

func TestRefusedEventsCanBeFoundAndAFloodOfThemIsCounted(t *testing.T) {
	w := boot(t, config(t, "", nil))
	bad := `{"events":[` + strings.TrimSuffix(strings.Repeat(`{"type":"nonsense"},`, 2500), ",") + `]}`
	for range 2 {
		if status, body := w.do(http.MethodPost, "/api/v1/events", bad); status != http.StatusBadRequest {
			t.Fatalf("%d %s", status, body)
		}
	}
	var list []deadLetter
	w.until("the summary is written", func() bool {
		list = w.deadLetters(200)
		return strings.Contains(list[0].Reason, "more events were refused")
	})
	// All of the first batch, what a moment refills, and the summary of the rest.
	if n := len(list); n < 2501 || n > 3500 {
		t.Errorf("%d letters are kept", n)
	}
	if list[0].Source != list[1].Source || list[1].Stage != "collect" || !strings.Contains(list[1].Reason, "type") {
		t.Errorf("the newest are %+v", list[:2])
	}
	seen := map[string]bool{}
	for _, l := range list {
		if seen[l.ID] {
			t.Fatalf("letter %s came twice", l.ID)
		}
		seen[l.ID] = true
	}
	if status, body := w.do(http.MethodPost, "/api/v1/dead-letters/"+list[1].ID+"/retry", nil); status != http.StatusConflict || !strings.Contains(string(body), "never got past the door") {
		t.Errorf("a retry was answered with %d %s", status, body)
	}
	for _, id := range []string{"999999", "1-99999", "x", "-1"} {
		if status, _ := w.do(http.MethodPost, "/api/v1/dead-letters/"+id+"/retry", nil); status != http.StatusNotFound {
			t.Errorf("a retry of %s was answered with %d", id, status)
		}
	}
}
