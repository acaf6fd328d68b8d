package app_test

import (
	"net/http"
	"testing"
)

func TestTheAnswerSaysWhichEventsCameBefore(t *testing.T) {
	each(t, nil, func(t *testing.T, w *world) {
		send := func(ids ...string) (statuses []string) {
			var list []map[string]any
			for _, id := range ids {
				list = append(list, map[string]any{"type": "track", "userId": "ann", "event": "Ordered", "messageId": id})
			}
			var out struct {
				Accepted, Duplicates int
				Events               []struct{ Status string }
			}
			w.call(http.MethodPost, "/api/v1/events", map[string]any{"events": list}, &out)
			w.settled()
			for _, e := range out.Events {
				statuses = append(statuses, e.Status)
			}
			return statuses
		}
		if got := send("1", "2", "1"); got[0] != "accepted" || got[1] != "accepted" || got[2] != "duplicate" {
			t.Errorf("the first time: %v", got)
		}
		if got := send("3", "2", "1"); got[0] != "accepted" || got[1] != "duplicate" || got[2] != "duplicate" {
			t.Errorf("the second time: %v", got)
		}
	})
}
