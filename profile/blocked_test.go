package profile

import (
	"context"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/stream"
)

func TestBlockedList(t *testing.T) {
	testx.Each(t, []string{stream.Queries, Queries}, func(t *testing.T, d db.DB) {
		b := newBench(t, d)
		say := func(user, name, properties string, at int) {
			b.process(of(user, &heed.Event{Type: heed.Feedback, Name: name, Timestamp: sec(at), ReceivedAt: sec(at), Properties: heed.RawJSON(properties)}))
		}
		list := func(search, reason string) (out []BlockedRow) {
			t.Helper()
			err := d.Read(context.Background(), func(q db.Querier) error {
				for after := (BlockCursor{}); ; {
					rows, err := BlockedList(context.Background(), q, search, reason, after, 1)
					if err != nil || len(rows) == 0 {
						return err
					}
					out = append(out, rows...)
					after = BlockCursor{rows[0].At, rows[0].Person, rows[0].Key}
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		say("a", "bounced", `{"channel":"email","address":"Ann@Example.com","hard":true}`, 10)
		say("b", "blocked", `{"channel":"sms","detail":"asked on the phone"}`, 20)
		say("b", "complained", `{"channel":"email"}`, 20)
		if got := list("", ""); len(got) != 3 || got[2].Key != "email:ann@example.com" || got[2].Reason != "hard_bounce" {
			t.Fatalf("%+v", got)
		}
		for search, want := range map[string]int{"ann@": 1, "email:ann": 1, "email": 2, "EMAIL": 2, "bob": 0} {
			if got := list(search, ""); len(got) != want {
				t.Errorf("%q: %+v", search, got)
			}
		}
		if got := list("", "manual"); len(got) != 1 || got[0].Person != person("b") {
			t.Errorf("%+v", got)
		}
		// What was lifted is gone, and an older event that comes later does not bring it back.
		say("a", "unblocked", `{"channel":"email","address":"ann@example.com"}`, 30)
		say("a", "bounced", `{"channel":"email","address":"ann@example.com","hard":true}`, 15)
		if got := list("ann@", ""); len(got) != 0 || len(b.get("a").Blocked) != 0 {
			t.Errorf("%+v %v", got, b.get("a").Blocked)
		}
		say("a", "bounced", `{"channel":"email","address":"ann@example.com","hard":true}`, 40)
		if got := list("ann@", ""); len(got) != 1 {
			t.Errorf("%+v", got)
		}
		b.process(&heed.Event{Type: heed.PersonErased, Person: person("b")})
		if got := list("", ""); len(got) != 1 {
			t.Errorf("%+v", got)
		}
	})
}
