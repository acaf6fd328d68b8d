package stream

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/testx"
)

// Who asks what was dropped up to a record that this state has not folded is told how far it has: a store that crashed
// knows less than the worker told before.
func TestDroppedIsToldAsFarAsItIsKnown(t *testing.T) {
	testx.Each(t, []string{Queries}, func(t *testing.T, d db.DB) {
		ctx := context.Background()
		ask := func(upto, folded uint64, seqs ...uint64) {
			t.Helper()
			err := d.Read(ctx, func(q db.Querier) error {
				got, to, err := Dropped(ctx, q, 0, 2, upto)
				if have := slices.Sorted(maps.Keys(got)); to != folded || !slices.Equal(have, seqs) {
					t.Errorf("up to %d: %v, known to %d; want %v, %d", upto, have, to, seqs, folded)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		ask(9, 0)
		err := d.Write(ctx, func(tx db.Tx) error {
			if err := advance(ctx, tx, 0, place{}, place{seq: 7}); err != nil {
				return err
			}
			return putDropped(ctx, tx, 0, place{}, []*heed.Event{{Seq: 2}, {Seq: 3, Index: 4}, {Seq: 7}})
		})
		if err != nil {
			t.Fatal(err)
		}
		ask(9, 7, 3, 7)
		ask(5, 5, 3)
	})
}
