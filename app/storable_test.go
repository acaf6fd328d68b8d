package app_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/app"
)

// What somebody types into the console is taken, whatever it is: PostgreSQL refuses \u0000 and half characters.
func TestWhatDatabasesRefuseIsTakenByEveryDoor(t *testing.T) {
	each(t, func(c *app.Config) { c.Roles = []string{"collect", "work", "api"} }, func(t *testing.T, w *world) {
		say := func(e heed.Event) {
			t.Helper()
			e.UserID, e.Source, e.Timestamp, e.ReceivedAt = "u1", "test", 1_772_000_000_000_000, 1_772_000_000_000_000
			if err := w.Do(t.Context(), []heed.Event{e}); err != nil {
				t.Fatal(err)
			}
		}
		say(heed.Event{Type: heed.Identify, MessageID: "a", Properties: heed.RawJSON(`{"plan":"a\u0000b","home":{"city":"\ud83d"}}`)})
		say(heed.Event{Type: heed.Track, Name: "Called\x00", Touchpoint: "Desk\xff", MessageID: "b", Properties: heed.RawJSON(`{"summary":"\ude00 \u0000"}`)})
		say(heed.Event{Type: heed.Track, Name: "Consent Granted", MessageID: "c", Properties: heed.RawJSON(`{"purpose":"news","channel":"email","text":"\u0000"}`)})
		var p struct{ ID string }
		status, text := w.do("GET", "/api/v1/people?identifier=user_id:u1", nil)
		if err := json.Unmarshal(text, &p); err != nil || status != 200 {
			t.Fatalf("%d %s", status, text)
		}
		_, brief := w.do("GET", "/api/v1/people/"+p.ID+"/brief", nil)
		all := strings.ReplaceAll(string(text)+string(brief), `\ufffd`, "\ufffd") // an engine may write it either way
		for _, want := range []string{"a\ufffdb", "Called\ufffd", "Desk\ufffd"} {
			if !strings.Contains(all, want) {
				t.Errorf("%s lacks %q", all, want)
			}
		}
	})
}
