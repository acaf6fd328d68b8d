package ledger_test

import (
	"context"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/decide"
	"github.com/heedcx/heed/decide/ledger"
)

func checkMergeTakesTheStrictestConsent(t *testing.T, r *rig) {
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
}

func checkErasureKeepsDecisionsWithoutThePerson(t *testing.T, r *rig) {
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
}

func checkHardBounceSuppressesEverything(t *testing.T, r *rig) {
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
}

func checkOpenCaseHoldsSellingUntilItIsOver(t *testing.T, r *rig) {
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
}

func checkZoneArrivesWhileWaiting(t *testing.T, r *rig) {
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
}
