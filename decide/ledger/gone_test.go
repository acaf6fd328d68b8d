package ledger_test

import (
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/testx"
)

// Gone is what was really handed over, bounced or not; what is held, waits or failed has not gone.
func TestGoneIsWhatReallyWentOut(t *testing.T) {
	testx.Each(t, queries(), func(t *testing.T, d db.DB) {
		r := newRig(t, d, clock.NewVirtual(noon))
		r.basics(nil)
		a, b, c := ana(1), ana(2), ana(3)
		for _, p := range []*heed.Person{a, b, c} {
			r.put(p)
		}
		send := func(results map[byte]heed.MessageState) {
			t.Helper()
			var done []heed.SendResult
			for _, m := range r.claim("email") {
				done = append(done, heed.SendResult{ID: m.Message.ID, State: results[m.Message.ID[1]], At: r.clock.Now()})
			}
			if err := r.led.Record(t.Context(), done); err != nil {
				t.Fatal(err)
			}
		}
		r.process(wanted(a.ID, 1, "email", "news"))
		send(map[byte]heed.MessageState{1: heed.MessageSent})
		r.clock.Set(noon.Add(time.Hour))
		later := r.clock.Now()
		r.process(wanted(a.ID, 2, "email", "orders", func(in *heed.Intent) { in.Journey = "thanks" }), wanted(b.ID, 3, "email", "news"), wanted(b.ID, 4, "email", "orders"), wanted(c.ID, 5, "email", "news"))
		send(map[byte]heed.MessageState{2: heed.MessageBounced, 3: heed.MessageFailed, 4: heed.MessageSent, 5: heed.MessageSent})
		r.process(wanted(a.ID, 6, "email", "orders"))
		if got, err := r.led.Waiting(t.Context()); err != nil || len(got) != 1 || got[0].Channel != "email" || got[0].Due != later {
			t.Errorf("waiting: %+v, %v", got, err)
		}
		got, err := r.led.Gone(t.Context(), []heed.ID{a.ID, b.ID}, noon)
		if err != nil || len(got) != 3 {
			t.Fatalf("got %+v, %v; want 1, 2 and 4", got, err)
		}
		for _, g := range got {
			switch g.Contact.Message {
			case mid(1):
				if g.Person != a.ID || g.Journey != "" || g.Contact != (heed.Contact{At: noon, Message: mid(1), Channel: "email", Purpose: "news", Class: "marketing"}) {
					t.Errorf("first: %+v", g)
				}
			case mid(2):
				if g.Journey != "thanks" || g.Contact.At != later {
					t.Errorf("second: %+v", g)
				}
			case mid(4):
				if g.Person != b.ID {
					t.Errorf("fourth: %+v", g)
				}
			default:
				t.Errorf("also %+v", g)
			}
		}
		if got, err := r.led.Gone(t.Context(), []heed.ID{a.ID}, later); err != nil || len(got) != 1 {
			t.Errorf("since later: %+v, %v", got, err)
		}
	})
}
