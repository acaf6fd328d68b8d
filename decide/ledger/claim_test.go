package ledger_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide"
)

// unanswered commits and, while it is silent, says that it does not know.
type unanswered struct {
	db.DB
	silent bool
}

func (u *unanswered) WriteDurable(ctx context.Context, f func(tx db.Tx) error) error {
	if err := u.DB.WriteDurable(ctx, f); err != nil || !u.silent {
		return err
	}
	return errors.New("the connection broke")
}

// What was marked "sending" by a claim that failed was handed to nobody: the next claim takes it again. Only when the
// process died in between, nobody can know.
func checkAClaimWhoseCommitWasNotAnswered(t *testing.T, r *rig) {
	whole := r.d
	defer func() { r.d = whole }()
	broken := &unanswered{DB: r.d}
	r.d = broken
	r.restart("one")
	r.basics(nil)
	p := ana(1)
	r.put(p)
	r.process(wanted(p.ID, 1, "email", "news"))
	fail := func() {
		t.Helper()
		broken.silent = true
		defer func() { broken.silent = false }()
		if got, err := r.led.Claim(context.Background(), "email", 10); err == nil {
			t.Fatalf("claimed %+v, want an error", got)
		}
		r.expect(mid(1), heed.MessageSending, decide.OK)
	}
	fail()
	fail()
	if got := r.claim("email"); len(got) != 1 || got[0].Message.ID != mid(1) {
		t.Fatalf("claimed %+v, want the one that the broken claims took", got)
	}
	if got := r.claim("email"); len(got) != 0 {
		t.Fatalf("claimed %+v twice", got)
	}
	r.process(wanted(p.ID, 2, "email", "news"))
	broken.silent = true
	_, _ = r.led.Claim(context.Background(), "email", 10)
	broken.silent = false
	r.restart("one")
	if n, err := r.led.Recover(context.Background()); err != nil || n != 2 {
		t.Fatalf("%d are unknown, %v, want both: one under way, one in doubt", n, err)
	}
}

// A week without a mail server is not followed by twice as many mails as the cap allows.
func checkAfterAnOutageCapsCountFromTheClaim(t *testing.T, r *rig) {
	r.basics(map[string]string{"cap one": `{"max":1,"per":"7d"}`})
	p := ana(1)
	r.put(p)
	month := func(in *heed.Intent) { in.TTL = heed.Time(30 * 24 * time.Hour / time.Microsecond) }
	r.process(wanted(p.ID, 1, "email", "offers", month))
	r.at(noon.Std().Add(8 * 24 * time.Hour)) // its place in the week is past, and it has not gone yet
	r.process(wanted(p.ID, 2, "email", "offers", month))
	r.expect(mid(2), heed.MessageReserved, decide.OK)
	if got := r.claim("email"); len(got) != 1 || got[0].Message.ID != mid(2) {
		t.Fatalf("claimed %+v, want one", got)
	}
	r.expect(mid(1), heed.MessageHeld, decide.Cap) // the other one's place is taken
	r.at(noon.Std().Add(15*24*time.Hour - time.Second))
	r.expect(mid(1), heed.MessageHeld, decide.Cap)
	r.at(noon.Std().Add(15 * 24 * time.Hour))
	r.expect(mid(1), heed.MessageReserved, decide.OK)
	// It waits again, and goes; that is when it counts.
	r.at(noon.Std().Add(16 * 24 * time.Hour))
	if got := r.claim("email"); len(got) != 1 || got[0].Message.ID != mid(1) {
		t.Fatalf("claimed %+v, want the other one", got)
	}
	if c := r.person(p.ID).Contacts; len(c) != 2 || c[1].Message != mid(1) || c[1].At != r.clock.Now() {
		t.Fatalf("the cap counts %+v, want one from now on", c)
	}
}

func checkOptOutBetweenReservationAndSend(t *testing.T, r *rig) {
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
}

// checkReservedButTheNightHasCome: the mail server was down until after 21:00, or told us to come back then.
func checkReservedButTheNightHasCome(t *testing.T, r *rig) {
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
}

func checkCrashBetweenSendingAndRecordIsUnknown(t *testing.T, r *rig) {
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
}

func checkRecoverLeavesTheClaimsOfOthers(t *testing.T, r *rig) {
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
}

func checkRecoverLostFindsWhatNobodyRecords(t *testing.T, r *rig) {
	r.basics(nil)
	p := ana(1)
	r.put(p)
	r.process(wanted(p.ID, 1, "email", "news"))
	r.claim("email")
	if n, err := r.led.RecoverLost(context.Background()); n != 0 || err != nil {
		t.Fatal("a message under way is not lost:", n, err)
	}
	r.clock.Advance(16 * time.Minute)
	if n, err := r.led.RecoverLost(context.Background()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	r.expect(mid(1), heed.MessageUnknown, decide.OK)
	sent := []heed.SendResult{{ID: mid(1), State: heed.MessageSent, At: r.clock.Now()}}
	if err := r.led.Record(context.Background(), sent); err != nil { // it was only slow
		t.Fatal(err)
	}
	r.expect(mid(1), heed.MessageSent, decide.OK)
}
