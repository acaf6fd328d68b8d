package journey_test

import (
	"context"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/journey"
	"github.com/heedcx/heed/stream"
)

// TestIndexesAreUsed: what a page asks of a million runs is answered by an index that was made for it.
func TestIndexesAreUsed(t *testing.T) {
	testx.Each(t, []string{stream.Queries, journey.Queries}, func(t *testing.T, d db.DB) {
		const runs = 5000
		err := d.Write(t.Context(), func(tx db.Tx) error {
			return tx.ExecEach(t.Context(), "journey.put_run", runs, func(i int) []any {
				at := heed.Time(i+1) * 1e6
				id := heed.MakeID(at, [10]byte{byte(i), byte(i >> 8)})
				state, exited := "active", heed.Time(0)
				if i%4 > 0 {
					state, exited = "ended", at+1
				}
				return []any{id, []string{"welcome", "cart"}[i%2], 1, id, "", "hello", state, at, at, at, exited, "end", 0, 1}
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		x := testx.Explain(t, d, journey.Queries)
		for _, c := range []struct {
			what, index string
			ask         func(ctx context.Context, q db.Querier) error
		}{
			{"how runs of one journey ended", "journey_run_ended", func(ctx context.Context, q db.Querier) error {
				_, _, err := journey.Counts(ctx, q, "cart", 0)
				return err
			}},
			{"how runs of all ended lately", "journey_run_ended", func(ctx context.Context, q db.Querier) error {
				_, _, err := journey.Counts(ctx, q, "", 4000*1e6)
				return err
			}},
		} {
			if err := x.Read(t.Context(), func(q db.Querier) error { return c.ask(t.Context(), q) }); err != nil {
				t.Fatal(err)
			}
			if plan := x.Plans(); !strings.Contains(plan, c.index) {
				t.Errorf("%s: %s is not used:\n%s", c.what, c.index, plan)
			}
		}
	})
}
