package app_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/heedcx/heed/api"
)

// Who goes from one stage to the next shows on home with where they came from, today and in the week.
func TestHomeShowsWhoWentFromWhichStageToWhich(t *testing.T) {
	eachHistory(t, func(t *testing.T, w *world) {
		w.events(person("ann", map[string]any{"email": "ann@example.org"}), person("ben", map[string]any{"email": "ben@example.org"}))
		for i := range 4 { // the fourth order makes a loyal customer
			w.events(map[string]any{"type": "track", "userId": "ann", "event": "Order Completed", "properties": map[string]any{"order_id": fmt.Sprint("o", i), "revenue": 10}})
		}
		var o api.Overview
		w.until("history tells of her who has gone on", func() bool {
			o = api.Overview{}
			w.call(http.MethodGet, "/api/v1/overview", nil, &o)
			return slices.Contains(o.Moves, api.Move{From: "new", To: "loyal", Today: 1, Week: 1})
		})
		if !slices.Contains(o.Moved, api.Count{Key: "loyal", Count: 1}) {
			t.Errorf("%v came into the stages, want one into loyal", o.Moved)
		}
	})
}
