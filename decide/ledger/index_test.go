package ledger_test

import (
	"context"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/stream"
)

// TestIndexesAreUsed: what was held or dropped, and what went out otherwise than by email, is listed by an index of those
// few, not by a look at everything that was sent by email.
func TestIndexesAreUsed(t *testing.T) {
	testx.Each(t, []string{stream.Queries, ledger.Queries}, func(t *testing.T, d db.DB) {
		const rows = 5000
		err := d.Write(t.Context(), func(tx db.Tx) error {
			of := func(i int) (id heed.ID, channel, outcome string) {
				id, channel, outcome = heed.MakeID(heed.Time(i+1)*1e6, [10]byte{byte(i), byte(i >> 8)}), "email", "send"
				if i%100 == 0 {
					channel, outcome = "webhook", "drop"
				}
				return id, channel, outcome
			}
			err := tx.ExecEach(t.Context(), "ledger.put_decision", rows, func(i int) []any {
				id, channel, outcome := of(i)
				return []any{id, heed.Time(i+1) * 1e6, id, id, "", "", channel, "news", outcome, "CAP", "", "", 0, 0, "", "{}"}
			})
			if err != nil {
				return err
			}
			return tx.ExecEach(t.Context(), "ledger.put_message", rows, func(i int) []any {
				id, channel, _ := of(i)
				return []any{id, id, channel, "news", "marketing", "delivered", "OK", "", "", heed.ID{}, "", heed.Time(i+1) * 1e6, 0, 0, "", "{}"}
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		x := testx.Explain(t, d, ledger.Queries)
		l := ledger.New(ledger.Options{DB: x, Clock: clock.NewVirtual(rows * 1e6), People: people{}, Owner: "test"})
		for _, c := range []struct {
			what, index string
			ask         func(ctx context.Context) (int, error)
		}{
			{"what was dropped", "decision_kept_back", func(ctx context.Context) (int, error) {
				list, err := l.Decisions(ctx, ledger.Filter{Outcome: heed.Drop, Limit: 50})
				return len(list), err
			}},
			{"what was dropped before, on one channel", "decision_kept_back", func(ctx context.Context) (int, error) {
				list, err := l.Decisions(ctx, ledger.Filter{Outcome: heed.Drop, Channel: "webhook", Until: rows * 9e5, Limit: 40})
				return len(list) + 10, err
			}},
			{"what went out by webhook", "message_other", func(ctx context.Context) (int, error) {
				list, err := l.Messages(ctx, ledger.Filter{Channel: "webhook", Limit: 50})
				return len(list), err
			}},
		} {
			n, err := c.ask(t.Context())
			if err != nil || n != 50 {
				t.Fatalf("%s: %d rows, %v", c.what, n, err)
			}
			if plan := x.Plans(); !strings.Contains(plan, c.index) {
				t.Errorf("%s: %s is not used:\n%s", c.what, c.index, plan)
			}
		}
	})
}
