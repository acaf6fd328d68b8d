package journey_test

import (
	"context"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/journey"
	"github.com/heedcx/heed/stream"
)

// One process works on a rehearsal; another one takes it over when the first is silent for long; a canceled one stays so.
func TestRehearsalsAreWorkedOnOnce(t *testing.T) {
	testx.Each(t, []string{stream.Queries, journey.Queries}, func(t *testing.T, d db.DB) {
		ctx := t.Context()
		write := func(f func(ctx context.Context, tx db.Tx) error) error {
			return d.Write(ctx, func(tx db.Tx) error { return f(ctx, tx) })
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		claim := func(now, stale heed.Time) (r journey.Rehearsal, err error) {
			err = write(func(ctx context.Context, tx db.Tx) (err error) {
				r, err = journey.ClaimRehearsal(ctx, tx, now, stale)
				return err
			})
			return r, err
		}
		a, b := heed.NewID(1e6), heed.NewID(2e6)
		for i, id := range []heed.ID{a, b} {
			must(write(func(ctx context.Context, tx db.Tx) error {
				return journey.PutRehearsal(ctx, tx, journey.Rehearsal{ID: id, Journey: "welcome", Made: heed.Time(100 + i), MadeBy: "ann", Draft: heed.RawJSON(`{}`)})
			}))
		}
		first, err := claim(200, 150)
		must(err)
		second, err := claim(201, 150)
		must(err)
		if first.ID != a || second.ID != b || first.State != journey.RehearsalRunning || string(first.Draft) != "{}" {
			t.Errorf("took %v and %v", first, second)
		}
		if _, err := claim(202, 150); heed.CodeOf(err) != heed.NotFound {
			t.Errorf("took a third one: %v", err)
		}
		must(write(func(ctx context.Context, tx db.Tx) error {
			goesOn, err := journey.BeatRehearsal(ctx, tx, a, 0.5, 300)
			if !goesOn {
				t.Error("the first one was told to stop")
			}
			return err
		}))
		if again, err := claim(400, 250); err != nil || again.ID != b {
			t.Errorf("the silent one was not taken over: %v, %v", again.ID, err)
		}
		must(write(func(ctx context.Context, tx db.Tx) error { return journey.CancelRehearsal(ctx, tx, b, 410) }))
		must(write(func(ctx context.Context, tx db.Tx) error {
			if goesOn, _ := journey.BeatRehearsal(ctx, tx, b, 0.7, 420); goesOn {
				t.Error("a canceled one goes on")
			}
			if err := journey.CancelRehearsal(ctx, tx, b, 421); heed.CodeOf(err) != heed.Conflict {
				t.Errorf("canceled twice: %v", err)
			}
			if err := journey.EndRehearsal(ctx, tx, b, heed.RawJSON(`{}`), "", 430); err != nil {
				return err
			}
			return journey.EndRehearsal(ctx, tx, a, heed.RawJSON(`{"n":1}`), "", 430)
		}))
		must(d.Read(ctx, func(q db.Querier) error {
			done, err := journey.GetRehearsal(ctx, q, a)
			if err != nil || done.State != journey.RehearsalDone || done.Done != 1 || string(done.Result) != `{"n":1}` {
				t.Errorf("ended as %+v, %v", done, err)
			}
			canceled, err := journey.GetRehearsal(ctx, q, b)
			if canceled.State != journey.RehearsalCanceled || len(canceled.Result) > 0 {
				t.Errorf("canceled is %+v", canceled)
			}
			return err
		}))
	})
}
