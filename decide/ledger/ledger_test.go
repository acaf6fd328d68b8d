package ledger_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/testx"
)

func at(h, m int) time.Time { return time.Date(2026, 1, 14, h, m, 0, 0, time.UTC) }

const nights = `{"from":"21:00","to":"08:00"}`

// TestLedger runs every case on both engines, each from an empty ledger.
func TestLedger(t *testing.T) {
	cases := map[string]func(*testing.T, *rig){
		"sent and delivered":                          checkSentAndDelivered,
		"retry and failure":                           checkRetryAndFailure,
		"opt out during hold":                         checkOptOutDuringHold,
		"held is released":                            checkHeldIsReleased,
		"opt out between reservation and send":        checkOptOutBetweenReservationAndSend,
		"reserved but the night has come":             checkReservedButTheNightHasCome,
		"crash between sending and record is unknown": checkCrashBetweenSendingAndRecordIsUnknown,
		"a claim whose commit was not answered":       checkAClaimWhoseCommitWasNotAnswered,
		"recover leaves the claims of others":         checkRecoverLeavesTheClaimsOfOthers,
		"recover finds what nobody records":           checkRecoverLostFindsWhatNobodyRecords,
		"exit frees reservation and cancels held":     checkExitFreesReservationAndCancelsHeld,
		"withdrawn in the same batch":                 checkWithdrawnInTheSameBatch,
		"capped is held then sent or stale":           checkCappedIsHeldThenSentOrStale,
		"after an outage caps count from the claim":   checkAfterAnOutageCapsCountFromTheClaim,
		"low first":  checkLowFirst,
		"high first": checkHighFirst,
		"one batch is arbitrated without a window":   checkOneBatchIsArbitratedWithoutAWindow,
		"held overnight go one by one":               checkHeldOvernightGoOneByOne,
		"duplicate wish is one message":              checkDuplicateWishIsOneMessage,
		"merge takes the strictest consent":          checkMergeTakesTheStrictestConsent,
		"erasure keeps decisions without the person": checkErasureKeepsDecisionsWithoutThePerson,
		"hard bounce suppresses everything":          checkHardBounceSuppressesEverything,
		"open case holds selling until it is over":   checkOpenCaseHoldsSellingUntilItIsOver,
		"zone arrives while waiting":                 checkZoneArrivesWhileWaiting,
		"command from the stream":                    checkCommandFromTheStream,
		"ask lists counts story replay":              checkAskListsCountsStoryReplay,
		"rebuild decides nothing":                    checkRebuildDecidesNothing,
		"restore after a rebuild":                    checkRestoreAfterARebuild,
		"held message follows a split":               checkHeldMessageFollowsASplit,
		"too many held":                              checkTooManyHeld,
		"claims and withdrawals do not cross":        checkClaimsAndWithdrawalsDoNotCross,
		"a thousand racers on a cap":                 checkAThousandRacersOnACap,
	}
	testx.Each(t, queries(), func(t *testing.T, d db.DB) {
		for name, f := range cases {
			r := newRig(t, d, clock.NewVirtual(noon))
			r.clear()
			t.Run(name, func(t *testing.T) { r.t = t; f(t, r) })
		}
	})
}

func checkSentAndDelivered(t *testing.T, r *rig) {
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
}

func feedback(p, m heed.ID, s heed.MessageState) *heed.Event {
	return &heed.Event{Type: heed.Feedback, Person: p, Name: string(s), Timestamp: noon, Properties: heed.RawJSON(`{"message":"` + m.String() + `","detail":"d"}`)}
}

func checkRetryAndFailure(t *testing.T, r *rig) {
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
}

func checkOptOutDuringHold(t *testing.T, r *rig) {
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
}

func checkHeldIsReleased(t *testing.T, r *rig) {
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
}

func checkExitFreesReservationAndCancelsHeld(t *testing.T, r *rig) {
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
}

func checkWithdrawnInTheSameBatch(t *testing.T, r *rig) {
	r.basics(nil)
	p := ana(1)
	r.put(p)
	run := heed.ID{0xbb}
	r.process(wanted(p.ID, 1, "email", "news", func(in *heed.Intent) { in.Run = run }), &heed.Event{Type: heed.MessageWithdrawn, Person: p.ID, Ref: run})
	r.expect(mid(1), heed.MessageCanceled, decide.Withdrawn)
	if len(r.claim("email")) != 0 {
		t.Fatal("sent")
	}
}

func checkCappedIsHeldThenSentOrStale(t *testing.T, r *rig) {
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
}

func checkLowFirst(t *testing.T, r *rig)  { higherPriorityWins(t, r, 1) }
func checkHighFirst(t *testing.T, r *rig) { higherPriorityWins(t, r, 2) }

// higherPriorityWins whichever of the two comes first.
func higherPriorityWins(t *testing.T, r *rig, first byte) {
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
}

func checkOneBatchIsArbitratedWithoutAWindow(t *testing.T, r *rig) {
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
}

func checkHeldOvernightGoOneByOne(t *testing.T, r *rig) {
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
}

func checkDuplicateWishIsOneMessage(t *testing.T, r *rig) {
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
}
