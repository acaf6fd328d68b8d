package ledger_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide"
	"github.com/heedcx/heed/decide/ledger"
)

func at(h, m int) time.Time { return time.Date(2026, 1, 14, h, m, 0, 0, time.UTC) }

const nights = `{"from":"21:00","to":"08:00"}`

func TestSentAndDelivered(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.basics(nil)
		p := ana(1)
		r.put(p)
		r.process(wanted(p.ID, 1, "email", "news", func(in *heed.Intent) { in.Template, in.Vars = "hello", `{"a":1}` }))
		r.expect(mid(1), heed.MessageReserved, decide.OK)
		if c := r.person(p.ID).Contacts; len(c) != 1 || c[0].Message != mid(1) || c[0].Class != "marketing" {
			t.Fatalf("the reservation is not in the document: %+v", c)
		}
		if len(r.decided) != 1 || r.decided[0].Name != "send" || r.decided[0].Ref != mid(1) {
			t.Fatalf("journeys heard %+v", r.decided)
		}
		got := r.claim("email")
		if len(got) != 1 || got[0].Message.Address != "ana@example.org" || got[0].Message.Template != "hello" || got[0].Message.Vars != `{"a":1}` ||
			got[0].Person.Preferences.Zone != "Europe/Lisbon" || got[0].Message.Attempts != 0 {
			t.Fatalf("claimed %+v", got)
		}
		if again := r.claim("email"); len(again) != 0 {
			t.Fatal("claimed twice")
		}
		ctx := context.Background()
		if err := r.led.Record(ctx, []heed.SendResult{{ID: mid(1), State: heed.MessageSent, At: noon, Provider: "x1"}}); err != nil {
			t.Fatal(err)
		}
		r.expect(mid(1), heed.MessageSent, decide.OK)
		for _, step := range []struct{ say, is heed.MessageState }{
			{heed.MessageDelivered, heed.MessageDelivered}, {heed.MessageSent, heed.MessageDelivered}, {heed.MessageFailed, heed.MessageDelivered},
			{heed.MessageBounced, heed.MessageBounced}, {heed.MessageDelivered, heed.MessageBounced}, {heed.MessageComplained, heed.MessageComplained},
		} {
			r.process(feedback(p.ID, mid(1), step.say))
			if is := r.state(mid(1)); is != step.is {
				t.Errorf("after %s: %s, want %s", step.say, is, step.is)
			}
		}
	})
}

func feedback(p, m heed.ID, s heed.MessageState) *heed.Event {
	return &heed.Event{Type: heed.Feedback, Person: p, Name: string(s), Timestamp: noon, Properties: heed.RawJSON(`{"message":"` + m.String() + `","detail":"d"}`)}
}

func TestRetryAndFailure(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.basics(map[string]string{"cap one": `{"max":1,"per":"1d"}`})
		p := ana(1)
		r.put(p)
		r.process(wanted(p.ID, 1, "email", "news"))
		r.claim("email")
		later := noon.Add(10 * time.Minute)
		if err := r.led.RetryLater(context.Background(), []heed.ID{mid(1)}, later, "busy"); err != nil {
			t.Fatal(err)
		}
		if got := r.claim("email"); len(got) != 0 {
			t.Fatal("offered again before its time")
		}
		r.clock.Set(later)
		got := r.claim("email")
		if len(got) != 1 || got[0].Message.Attempts != 1 {
			t.Fatalf("claimed %+v", got)
		}
		// A message that failed was not a contact: another may go.
		r.process(feedback(p.ID, mid(1), heed.MessageFailed), wanted(p.ID, 2, "email", "news"))
		r.expect(mid(2), heed.MessageReserved, decide.OK)
	})
}

func TestOptOutDuringHold(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.basics(map[string]string{"quiet_hours nights": nights})
		p := ana(1)
		r.put(p)
		r.at(at(22, 0))
		r.process(wanted(p.ID, 1, "email", "news"))
		r.expect(mid(1), heed.MessageHeld, decide.QuietHours)
		if w := r.person(p.ID).Wake; w != heed.At(at(8, 0).AddDate(0, 0, 1)) {
			t.Fatalf("wakes at %s", w)
		}
		r.prof.do["out"] = func(p *heed.Person) {
			p.Consents["news/email"] = heed.Consent{State: heed.Denied, At: r.clock.Now()}
		}
		r.process(&heed.Event{Type: heed.Track, Name: "out", Person: p.ID})
		r.at(at(8, 0).AddDate(0, 0, 1))
		r.expect(mid(1), heed.MessageDropped, decide.OptedOut)
		if got := r.claim("email"); len(got) != 0 {
			t.Fatal("sent after the opt-out")
		}
		q := r.person(p.ID)
		if len(q.Pending) != 0 || q.Wake != 0 || len(q.Contacts) != 0 {
			t.Errorf("left over: %+v", q)
		}
		if last := r.decided[len(r.decided)-1]; last.Name != "drop" || !strings.Contains(string(last.Properties), decide.OptedOut) {
			t.Errorf("the journey heard %s %s", last.Name, last.Properties)
		}
	})
}

func TestHeldIsReleased(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.basics(map[string]string{"quiet_hours nights": nights})
		p := ana(1)
		r.put(p)
		r.at(at(23, 0))
		r.process(wanted(p.ID, 1, "email", "news"))
		r.process(&heed.Event{Type: heed.Track, Name: "anything", Person: p.ID})
		r.at(at(7, 59).AddDate(0, 0, 1))
		r.expect(mid(1), heed.MessageHeld, decide.QuietHours)
		r.at(at(8, 0).AddDate(0, 0, 1))
		r.expect(mid(1), heed.MessageReserved, decide.OK)
	})
}

func TestOptOutBetweenReservationAndSend(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.basics(nil)
		p := ana(1)
		r.put(p)
		r.process(wanted(p.ID, 1, "email", "news"), wanted(p.ID, 2, "email", "orders"))
		r.prof.do["out"] = func(p *heed.Person) {
			p.Consents["*/"] = heed.Consent{State: heed.Denied, At: r.clock.Now()}
		}
		r.process(&heed.Event{Type: heed.Track, Name: "out", Person: p.ID})
		got := r.claim("email")
		if len(got) != 1 || got[0].Message.ID != mid(2) {
			t.Fatalf("claimed %+v, want the order mail only", got)
		}
		r.expect(mid(1), heed.MessageDropped, decide.OptedOut)
		if c := r.person(p.ID).Contacts; len(c) != 1 || c[0].Message != mid(2) {
			t.Errorf("the reservation was not freed: %+v", c)
		}
		if len(r.notices) != 1 || r.notices[0].Type != heed.Feedback || r.notices[0].Name != "dropped" || r.notices[0].IDs[0].Value != p.ID.String() {
			t.Errorf("notices %+v", r.notices)
		}
	})
}

// TestReservedButTheNightHasCome: the mail server was down until after 21:00, or told us to come back then.
func TestReservedButTheNightHasCome(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.basics(map[string]string{"quiet_hours nights": nights, "cap one": `{"max":1,"per":"7d"}`})
		p := ana(1)
		r.put(p)
		r.at(at(20, 59))
		r.process(wanted(p.ID, 1, "email", "news"))
		r.expect(mid(1), heed.MessageReserved, decide.OK)
		r.at(at(23, 0))
		if got := r.claim("email"); len(got) != 0 {
			t.Fatal("sent at night")
		}
		r.expect(mid(1), heed.MessageHeld, decide.QuietHours)
		if c := r.person(p.ID).Contacts; len(c) != 0 || len(r.notices) != 0 {
			t.Errorf("%+v %+v", c, r.notices)
		}
		r.at(at(8, 0).AddDate(0, 0, 1))
		if got := r.claim("email"); len(got) != 1 || len(r.person(p.ID).Contacts) != 1 {
			t.Fatalf("claimed %+v", got)
		}
	})
}

func TestCrashBetweenSendingAndRecordIsUnknown(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.basics(nil)
		p := ana(1)
		r.put(p)
		r.process(wanted(p.ID, 1, "email", "news"))
		if len(r.claim("email")) != 1 {
			t.Fatal("nothing claimed")
		}
		r.restart("one") // SMTP said OK, and we died
		n, err := r.led.Recover(context.Background())
		if err != nil || n != 1 {
			t.Fatal(n, err)
		}
		r.expect(mid(1), heed.MessageUnknown, decide.OK)
		r.clock.Advance(24 * time.Hour)
		r.wakeAll()
		if len(r.claim("email")) != 0 {
			t.Fatal("sent again")
		}
		if c := r.person(p.ID).Contacts; len(c) != 1 {
			t.Error("an unknown message must count: it may have arrived")
		}
		r.process(feedback(p.ID, mid(1), heed.MessageDelivered))
		r.expect(mid(1), heed.MessageDelivered, decide.OK)
	})
}

func TestRecoverLeavesTheClaimsOfOthers(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		if r.d.Dialect() == db.SQLite {
			return // one process only
		}
		r.basics(nil)
		p := ana(1)
		r.put(p)
		r.process(wanted(p.ID, 1, "email", "news"))
		r.claim("email")
		r.restart("two")
		if n, err := r.led.Recover(context.Background()); n != 0 || err != nil {
			t.Fatal(n, err)
		}
		r.clock.Advance(16 * time.Minute)
		if n, err := r.led.Recover(context.Background()); n != 1 || err != nil {
			t.Fatal(n, err)
		}
	})
}

func TestExitFreesReservationAndCancelsHeld(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.basics(map[string]string{"cap one": `{"max":1,"per":"7d"}`})
		p := ana(1)
		run := heed.ID{0xbb}
		p.Runs = []heed.Run{{ID: run, Journey: "welcome"}}
		r.put(p)
		of := func(in *heed.Intent) { in.Run, in.Journey = run, "welcome" }
		r.process(wanted(p.ID, 1, "email", "news", of))
		r.process(wanted(p.ID, 2, "email", "orders", of))
		r.expect(mid(1), heed.MessageReserved, decide.OK)
		r.expect(mid(2), heed.MessageHeld, decide.Cap)
		// The exit and the next wish come in one batch.
		r.process(&heed.Event{Type: heed.MessageWithdrawn, Person: p.ID, Ref: run}, wanted(p.ID, 3, "email", "news"))
		r.expect(mid(1), heed.MessageCanceled, decide.Withdrawn)
		r.expect(mid(2), heed.MessageCanceled, decide.Withdrawn)
		r.expect(mid(3), heed.MessageReserved, decide.OK)
		if got := r.claim("email"); len(got) != 1 || got[0].Message.ID != mid(3) {
			t.Errorf("claimed %+v", got)
		}
		// What a sender has is not taken back.
		p3 := r.person(p.ID)
		if len(p3.Pending) != 0 || len(p3.Contacts) != 1 {
			t.Errorf("left over: %+v %+v", p3.Pending, p3.Contacts)
		}
	})
}

func TestWithdrawnInTheSameBatch(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.basics(nil)
		p := ana(1)
		r.put(p)
		run := heed.ID{0xbb}
		r.process(wanted(p.ID, 1, "email", "news", func(in *heed.Intent) { in.Run = run }), &heed.Event{Type: heed.MessageWithdrawn, Person: p.ID, Ref: run})
		r.expect(mid(1), heed.MessageCanceled, decide.Withdrawn)
		if len(r.claim("email")) != 0 {
			t.Fatal("sent")
		}
	})
}

func TestCappedIsHeldThenSentOrStale(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.basics(map[string]string{"cap one": `{"max":1,"per":"2d"}`})
		p := ana(1)
		r.put(p)
		short := func(in *heed.Intent) { in.TTL = heed.Time(24 * time.Hour / time.Microsecond) }
		r.process(wanted(p.ID, 1, "email", "news"))
		r.process(wanted(p.ID, 2, "email", "news"))
		r.process(wanted(p.ID, 3, "email", "news", short))
		r.expect(mid(2), heed.MessageHeld, decide.Cap)
		r.clock.Advance(24 * time.Hour)
		r.wakeAll()
		r.expect(mid(3), heed.MessageDropped, decide.Expired)
		r.expect(mid(2), heed.MessageHeld, decide.Cap)
		r.clock.Advance(24 * time.Hour)
		r.wakeAll()
		r.expect(mid(2), heed.MessageReserved, decide.OK)
	})
}

func TestHigherPriorityWinsWhateverTheOrder(t *testing.T) {
	for _, first := range []byte{1, 2} {
		each(t, func(t *testing.T, r *rig) {
			r.basics(map[string]string{"brand lumen": `{"arbitration":{"window":"15m","then":"drop"}}`})
			p := ana(1)
			r.put(p)
			prio := func(id byte) *heed.Event {
				return wanted(p.ID, id, "email", "news", func(in *heed.Intent) { in.Priority = int(id) })
			}
			r.process(prio(first))
			r.clock.Advance(5 * time.Minute)
			r.process(prio(3 - first))
			r.expect(mid(1), heed.MessageHeld, decide.Arbitration)
			r.clock.Advance(9 * time.Minute)
			r.wakeAll()
			r.expect(mid(2), heed.MessageHeld, decide.Arbitration)
			r.clock.Advance(time.Minute)
			r.wakeAll()
			r.expect(mid(2), heed.MessageReserved, decide.OK)
			r.expect(mid(1), heed.MessageDropped, decide.LowerPriority)
		})
	}
}

func TestOneBatchIsArbitratedWithoutAWindow(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.basics(nil)
		p := ana(1)
		r.put(p)
		r.process(wanted(p.ID, 1, "email", "news"), wanted(p.ID, 2, "sms", "offers", func(in *heed.Intent) { in.Priority = 7 }), wanted(p.ID, 3, "email", "orders"))
		r.expect(mid(2), heed.MessageReserved, decide.OK)
		r.expect(mid(3), heed.MessageReserved, decide.OK)
		r.expect(mid(1), heed.MessageHeld, decide.LowerPriority)
		r.clock.Advance(time.Hour)
		r.wakeAll()
		r.expect(mid(1), heed.MessageReserved, decide.OK)
	})
}

func TestHeldOvernightGoOneByOne(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.basics(map[string]string{"quiet_hours nights": nights})
		p := ana(1)
		r.put(p)
		r.at(at(22, 0))
		for id := byte(1); id <= 3; id++ {
			r.process(wanted(p.ID, id, "email", "news"))
			r.clock.Advance(time.Minute)
		}
		morning := at(8, 0).AddDate(0, 0, 1)
		for i := range 3 {
			r.at(morning.Add(time.Duration(i) * time.Hour))
			if got := r.claim("email"); len(got) != 1 || got[0].Message.ID != mid(byte(i+1)) {
				t.Fatalf("hour %d: claimed %+v", i, got)
			}
		}
	})
}

func TestDuplicateWishIsOneMessage(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.basics(nil)
		p := ana(1)
		r.put(p)
		r.process(wanted(p.ID, 1, "email", "news"), wanted(p.ID, 1, "email", "news"))
		r.process(wanted(p.ID, 1, "email", "news"))
		if c := r.person(p.ID).Contacts; len(c) != 1 {
			t.Fatalf("%d contacts", len(c))
		}
		if len(r.claim("email")) != 1 {
			t.Fatal("want one message")
		}
		r.process(wanted(p.ID, 1, "email", "news"))
		if len(r.claim("email")) != 0 {
			t.Fatal("sent again")
		}
	})
}

func TestMergeTakesTheStrictestConsent(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.basics(map[string]string{"quiet_hours nights": nights})
		keep, lose := ana(1), ana(2)
		keep.Consents["news/email"] = heed.Consent{State: heed.Denied, At: 5}
		r.put(keep)
		r.put(lose)
		r.process(wanted(lose.ID, 1, "email", "news")) // reserved
		r.clock.Advance(10 * time.Hour)
		r.process(wanted(lose.ID, 2, "email", "news")) // held
		r.process(&heed.Event{Type: heed.PeopleMerged, Person: keep.ID, Loser: lose.ID})
		r.expect(mid(2), heed.MessageDropped, decide.OptedOut)
		if got := r.claim("email"); len(got) != 0 {
			t.Fatalf("claimed %+v", got)
		}
		r.expect(mid(1), heed.MessageDropped, decide.OptedOut)
		rows, err := r.led.Decisions(context.Background(), ledger.Filter{Person: keep.ID})
		if err != nil || len(rows) != 4 {
			t.Errorf("the survivor has %d decisions, want 4 (%v)", len(rows), err)
		}
	})
}

func TestErasureKeepsDecisionsWithoutThePerson(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.basics(nil)
		p := ana(1)
		r.put(p)
		r.process(wanted(p.ID, 1, "email", "news"))
		r.process(wanted(p.ID, 2, "email", "nothing"), &heed.Event{Type: heed.PersonErased, Person: p.ID})
		ctx := context.Background()
		if _, err := r.led.Story(ctx, mid(1)); heed.CodeOf(err) != heed.NotFound {
			t.Errorf("the message is still there: %v", err)
		}
		ms, _ := r.led.Messages(ctx, ledger.Filter{})
		rows, err := r.led.Decisions(ctx, ledger.Filter{})
		if err != nil || len(ms) != 0 || len(rows) != 1 || !rows[0].Person.IsZero() || rows[0].Text != "" || string(rows[0].Inputs) != "{}" || rows[0].Reason != decide.OK {
			t.Errorf("left over: %+v %+v %v", ms, rows, err)
		}
	})
}

func TestHardBounceSuppressesEverything(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.basics(nil)
		p := ana(1)
		r.put(p)
		r.process(wanted(p.ID, 1, "email", "news"))
		r.prof.do["bounce"] = func(p *heed.Person) {
			p.Blocked = map[string]heed.Blocked{"email:ana@example.org": {Reason: "hard_bounce", At: 1}}
		}
		r.process(&heed.Event{Type: heed.Track, Name: "bounce", Person: p.ID}, wanted(p.ID, 2, "email", "security"), wanted(p.ID, 3, "sms", "offers"))
		r.expect(mid(2), heed.MessageDropped, decide.Suppressed)
		r.expect(mid(3), heed.MessageReserved, decide.OK)
		if got := r.claim("email"); len(got) != 0 {
			t.Fatal("sent to a dead address")
		}
		r.expect(mid(1), heed.MessageDropped, decide.Suppressed)
	})
}

func TestOpenCaseHoldsSellingUntilItIsOver(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.basics(map[string]string{"brand lumen": `{"recovery_window":"1d","hold":{"default":"30d"}}`})
		p := ana(1)
		p.Cases = []heed.OpenCase{{ID: "c", Opened: 1}}
		r.put(p)
		r.process(wanted(p.ID, 1, "email", "offers"), wanted(p.ID, 2, "email", "orders"))
		r.expect(mid(1), heed.MessageHeld, decide.OpenCase)
		r.expect(mid(2), heed.MessageReserved, decide.OK)
		r.prof.do["closed"] = func(p *heed.Person) { p.Cases[0].Closed = r.clock.Now() }
		r.clock.Advance(48 * time.Hour)
		r.process(&heed.Event{Type: heed.Track, Name: "closed", Person: p.ID})
		r.expect(mid(1), heed.MessageHeld, decide.Recovery)
		r.clock.Advance(24 * time.Hour)
		r.wakeAll()
		r.expect(mid(1), heed.MessageReserved, decide.OK)
	})
}

func TestZoneArrivesWhileWaiting(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		r.basics(map[string]string{"quiet_hours nights": nights})
		p := ana(1)
		p.Preferences.Zone = "Mars/Phobos"
		r.put(p)
		r.process(wanted(p.ID, 1, "email", "news"))
		r.expect(mid(1), heed.MessageHeld, decide.NoZone)
		r.prof.do["moved"] = func(p *heed.Person) { p.Preferences.Zone = "Asia/Tokyo" }
		r.process(&heed.Event{Type: heed.Track, Name: "moved", Person: p.ID}) // 21:00 there
		r.expect(mid(1), heed.MessageHeld, decide.QuietHours)
		r.prof.do["moved"] = func(p *heed.Person) { p.Preferences.Zone = "Europe/Lisbon" }
		r.process(&heed.Event{Type: heed.Track, Name: "moved", Person: p.ID})
		r.at(at(23, 0)) // 08:00 in Tokyo, 23:00 in Lisbon: decided again, and held again
		r.expect(mid(1), heed.MessageHeld, decide.QuietHours)
		r.at(at(8, 0).AddDate(0, 0, 1))
		r.expect(mid(1), heed.MessageReserved, decide.OK)
	})
}
