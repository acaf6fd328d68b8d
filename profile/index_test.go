package profile

import (
	"context"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/rule"
)

// TestIndexesAreUsed: who has an open case is counted, and listed by a rule, without a look at everybody.
func TestIndexesAreUsed(t *testing.T) {
	testx.Each(t, []string{Queries}, func(t *testing.T, d db.DB) {
		err := d.Write(t.Context(), func(tx db.Tx) error {
			return tx.ExecEach(t.Context(), "profile.insert", 5000, func(i int) []any {
				open := 0
				if i%100 == 0 {
					open = 1
				}
				return []any{heed.MakeID(heed.Time(i+1)*1e6, [10]byte{byte(i), byte(i >> 8)}), 1, 0, "customer", 1, 1, "{}", open, ""}
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		r, err := rule.Parse("has open case")
		if err != nil {
			t.Fatal(err)
		}
		x := testx.Explain(t, d, Queries)
		for _, c := range []struct {
			what string
			ask  func(ctx context.Context, q db.Querier) (int, error)
		}{
			{"how many", func(ctx context.Context, q db.Querier) (int, error) {
				n, err := CountOpenCases(ctx, q)
				return int(n), err
			}},
			{"who", func(ctx context.Context, q db.Querier) (int, error) {
				cond, args, err := r.StateSQL(rule.Dialect(q.Dialect()), 1, 1)
				if err != nil {
					return 0, err
				}
				ids, err := db.IDs(q.QuerySQL(ctx, "SELECT p.id FROM person p WHERE "+cond+" ORDER BY p.id LIMIT 50", args...))
				return len(ids), err
			}},
		} {
			err := x.Read(t.Context(), func(q db.Querier) error {
				n, err := c.ask(t.Context(), q)
				if n != 50 {
					t.Errorf("%s: %d", c.what, n)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			if plan := x.Plans(); !strings.Contains(plan, "person_open_cases") {
				t.Errorf("%s: person_open_cases is not used:\n%s", c.what, plan)
			}
		}
	})
}
