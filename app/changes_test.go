package app_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/app"
	"github.com/heedcx/heed/internal/testx"
)

// hear listens to an App: next returns when one of the kinds has changed.
func (w *world) hear(query string) (next func(kinds ...string)) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	w.t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.URL()+"/api/v1/changes"+query, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+apiKey)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	if res.StatusCode != 200 {
		w.t.Fatalf("changes: %d", res.StatusCode)
	}
	w.t.Cleanup(func() { _ = res.Body.Close() })
	lines := bufio.NewScanner(res.Body)
	return func(kinds ...string) {
		w.t.Helper()
		missing := slices.Clone(kinds)
		for len(missing) > 0 && lines.Scan() {
			text, is := strings.CutPrefix(lines.Text(), "data: ")
			if !is {
				continue
			}
			var c api.Changed
			if err := json.Unmarshal([]byte(text), &c); err != nil {
				w.t.Fatal(err)
			}
			missing = slices.DeleteFunc(missing, func(kind string) bool { return slices.Contains(c.Kinds, kind) })
		}
		if len(missing) > 0 {
			w.t.Fatalf("the stream ended without %q", missing)
		}
	}
}

const buyers = "kind: segment\nname: buyers\nrule: did \"Order Completed\"\n"

func TestChangesAreTold(t *testing.T) {
	each(t, nil, func(t *testing.T, w *world) {
		next := w.hear("")
		w.apply(buyers)
		next("specs", "segments", "audit")
		w.events(track("u1", "Order Completed"))
		next("people", "history")
		var p struct{ ID string }
		w.call(http.MethodGet, "/api/v1/people?identifier=user_id:u1", nil, &p)
		next = w.hear("?person=" + p.ID)
		w.events(track("u1", "Order Completed"))
		next("people/"+p.ID, "history")
		w.events(track("u2", "Order Completed"))
		next("people/" + p.ID) // again: history may hold more of her now
	})
}

// Who is connected to one process hears of what another one on the same PostgreSQL has changed.
func TestChangesOfAnotherProcess(t *testing.T) {
	database := testx.NewPostgres(t)
	works := boot(t, config(t, database, nil))
	answers := boot(t, config(t, database, func(c *app.Config) { c.Roles = []string{"api"} }))
	next := answers.hear("")
	works.apply(buyers)
	next("specs", "audit")
	works.events(track("u1", "Order Completed"))
	next("people", "history")
}
