package ledger_test

import (
	"context"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/testx"
)

func TestTallies(t *testing.T) {
	testx.Each(t, queries(), func(t *testing.T, d db.DB) {
		ctx := context.Background()
		r := newRig(t, d, clock.NewVirtual(noon))
		r.clear()
		r.exec("DELETE FROM decision_hour")
		r.exec("UPDATE decision_tallied SET upto = 0")
		r.basics(map[string]string{"cap two": `{"max":2,"per":"7d"}`})
		r.put(ana(1))
		for i := byte(1); i <= 5; i++ { // at noon, and every half an hour
			r.process(wanted(heed.ID{1}, i, "email", "news"))
			r.clock.Advance(30 * time.Minute)
		}
		read := func(f ledger.Filter) ledger.Tallied {
			t.Helper()
			f.Since = noon.Add(-time.Hour)
			got, err := r.led.Tallies(ctx, f)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		before := read(ledger.Filter{})
		// The first is from noon, the third at 13:00, the last at 14:00; at each of the moments as many are left.
		count := func(when string) {
			t.Helper()
			for since, want := range map[time.Duration]int64{-90 * time.Minute: 5, 0: 5, time.Minute: 4, time.Hour: 3, 61 * time.Minute: 2, 2 * time.Hour: 1, 121 * time.Minute: 0} {
				got, err := r.led.Counts(ctx, noon.Add(since))
				n := int64(0)
				for _, c := range got {
					n += c.N
				}
				if err != nil || n != want {
					t.Errorf("%s, since %s: %d decisions, %v; want %d", when, since, n, err, want)
				}
			}
		}
		count("before any hour is counted")
		for {
			more, err := r.led.Tally(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if !more {
				break
			}
		}
		rows := 0
		if err := d.Read(ctx, func(q db.Querier) error {
			got, err := q.QuerySQL(ctx, "SELECT hour FROM decision_hour")
			if err != nil {
				return err
			}
			defer got.Close()
			for got.Next() {
				rows++
			}
			return got.Err()
		}); err != nil || rows != 2 { // 14:00 is still under way
			t.Fatalf("%d hours were counted, %v", rows, err)
		}
		count("when two hours are")
		after := read(ledger.Filter{})
		for _, got := range []ledger.Tallied{before, after} {
			if len(got.Counts) != 2 || got.Counts[0] != (ledger.Count{Outcome: heed.Hold, Reason: decide.Cap, Rule: "two", N: 3}) || got.Counts[1].N != 2 {
				t.Errorf("%+v", got.Counts)
			}
			if len(got.Hours) != 3 || got.Hours[0] != (ledger.Hour{At: noon, Send: 2}) || got.Hours[2].Hold != 1 {
				t.Errorf("%+v", got.Hours)
			}
		}
		if got := read(ledger.Filter{Reason: decide.Cap, Person: heed.ID{1}}); len(got.Counts) != 1 || got.Counts[0].N != 3 {
			t.Errorf("%+v", got)
		}
		if got := read(ledger.Filter{Channel: "sms"}); len(got.Counts) != 0 {
			t.Errorf("%+v", got)
		}
		// Time goes on: what was counted once is not lost, what comes is added, and a counted hour is not counted twice.
		for i := byte(6); i <= 14; i++ {
			r.clock.Advance(11 * time.Minute)
			r.process(wanted(heed.ID{1}, i, "email", "news"))
			if i%3 == 0 {
				if _, err := r.led.Tally(ctx); err != nil {
					t.Fatal(err)
				}
			}
			n := int64(0)
			for _, c := range read(ledger.Filter{}).Counts {
				n += c.N
			}
			if n != int64(i) {
				t.Errorf("after %d decisions %d are counted", i, n)
			}
		}
		if got := read(ledger.Filter{Outcome: heed.Hold, Channel: "email"}); len(got.Counts) != 1 || got.Counts[0].N != 12 {
			t.Errorf("%+v", got.Counts)
		}
		if got := read(ledger.Filter{Purpose: "other"}); len(got.Counts) != 0 {
			t.Errorf("%+v", got.Counts)
		}
	})
}
