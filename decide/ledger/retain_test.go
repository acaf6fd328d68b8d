package ledger_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/retain"
	"github.com/heedcx/heed/internal/testx"
)

// What was decided long ago goes, piece by piece; what still waits, and what nobody has tallied, does not.
func TestRetention(t *testing.T) {
	testx.Each(t, queries(), func(t *testing.T, d db.DB) {
		ctx := context.Background()
		r := newRig(t, d, clock.NewVirtual(noon))
		r.clear()
		r.exec("DELETE FROM decision_hour")
		r.exec("UPDATE decision_tallied SET upto = 0")
		r.basics(map[string]string{"cap none": `{"max":1,"per":"400d","purpose":"offers"}`})
		p := ana(1)
		r.put(p)
		ever := func(in *heed.Intent) { in.TTL = heed.Time(3000 * 24 * time.Hour / time.Microsecond) }
		r.process(wanted(p.ID, 1, "email", "news"))
		r.process(wanted(p.ID, 2, "email", "offers", ever))
		r.process(wanted(p.ID, 3, "email", "offers", ever)) // held by the cap
		for _, c := range r.claim("email") {
			if err := r.led.Record(ctx, []heed.SendResult{{ID: c.Message.ID, State: heed.MessageSent, At: r.clock.Now()}}); err != nil {
				t.Fatal(err)
			}
		}
		r.process(wanted(p.ID, 4, "email", "news")) // reserved, and no sender comes
		for i := range 600 {                        // more than a piece
			r.process(wanted(heed.ID{2}, byte(i), "sms", "nothing", func(in *heed.Intent) { in.ID = heed.ID{0xbb, byte(i >> 8), byte(i)} }))
		}
		keep := func(days int) *retain.Keeper {
			return &retain.Keeper{DB: d, Clock: r.clock, Log: slog.New(slog.DiscardHandler), Keep: time.Duration(days) * 24 * time.Hour}
		}
		sweep := func(k *retain.Keeper, piece retain.Piece) int64 {
			t.Helper()
			n, err := k.Table(ctx, retain.Table{Name: "these", Piece: piece})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		r.clock.Advance(401 * 24 * time.Hour)
		r.process(wanted(p.ID, 5, "email", "news"))
		if n := sweep(keep(400), ledger.OldDecisions); n != 0 {
			t.Errorf("%d decisions went before they were tallied", n)
		}
		for more := true; more; {
			var err error
			if more, err = r.led.Tally(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if n := sweep(keep(402), ledger.OldDecisions) + sweep(keep(402), ledger.OldMessages); n != 0 {
			t.Errorf("%d went too early", n)
		}
		if n := sweep(keep(400), ledger.OldDecisions); n != 604 {
			t.Errorf("%d decisions went, want 604", n)
		}
		if n := sweep(keep(400), ledger.OldMessages); n != 602 { // two sent, 600 dropped
			t.Errorf("%d messages went, want 602", n)
		}
		if n := sweep(keep(400), ledger.OldMessages); n != 0 {
			t.Errorf("%d messages went the second time", n)
		}
		if got, want := r.state(mid(3)), heed.MessageHeld; got != want {
			t.Errorf("what is held is %s", got)
		}
		if got, want := r.state(mid(4)), heed.MessageReserved; got != want {
			t.Errorf("what is reserved is %s", got)
		}
		r.expect(mid(5), heed.MessageReserved, decide.OK)
		if _, err := r.led.Story(ctx, mid(1)); heed.CodeOf(err) != heed.NotFound {
			t.Errorf("the story of what is gone: %v", err)
		}
		counts, err := r.led.Tallies(ctx, ledger.Filter{Since: noon.Add(-time.Hour)})
		sum := int64(0)
		for _, c := range counts.Counts {
			sum += c.N
		}
		if err != nil || sum != 605 {
			t.Errorf("the tallies keep %d, %v, want 605", sum, err)
		}
	})
}
