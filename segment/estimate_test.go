package segment_test

import (
	"context"
	"encoding/binary"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/rule"
	"github.com/heedcx/heed/segment"
)

func TestACountThatTakesTooLongIsEstimated(t *testing.T) {
	testx.Each(t, queries(), func(t *testing.T, d db.DB) {
		const people, active = 30_000, 600
		ctx := context.Background()
		err := d.Write(ctx, func(tx db.Tx) error {
			return tx.ExecEach(ctx, "memory.put", people, func(i int) []any {
				id := heed.ID{15: 1}
				binary.BigEndian.PutUint32(id[:], uint32(i))
				stage := "lapsed"
				if i < active {
					stage = "active"
				}
				return []any{id, 1, 0, stage, 0, i, "{}"}
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		r, err := rule.Parse("stage = active")
		if err != nil {
			t.Fatal(err)
		}
		v := &segment.Previewer{DB: d, Patience: 1}
		got, err := v.Preview(ctx, r, 1, 5)
		if err != nil || got.Estimate == nil || len(got.Sample) != 5 {
			t.Fatalf("got %+v, %v", got, err)
		}
		// However slow it is, 4,000 are drawn, some of them twice; the widest bound is for those.
		if e := got.Estimate; e.Low >= got.Count || e.High <= got.Count || got.Count < active-500 || got.Count > active+500 || e.Asked < 3_500 || e.Asked > 21_000 {
			t.Errorf("got %d, %+v, want about %d", got.Count, *e, active)
		}
		for _, id := range got.Sample {
			if binary.BigEndian.Uint32(id[:]) >= active {
				t.Errorf("%s does not belong", id)
			}
		}
		if got, err = (&segment.Previewer{DB: d}).Preview(ctx, r, 1, 5); err != nil || got.Count != active || got.Estimate != nil {
			t.Errorf("with patience: %+v, %v", got, err)
		}
	})
}

func TestAnOverlapThatTakesTooLongIsEstimated(t *testing.T) {
	testx.Each(t, queries(), func(t *testing.T, d db.DB) {
		const people, both = 60_000, 600 // the first third is in a, and these in b as well
		ctx := context.Background()
		who := func(i int) []byte {
			return append(binary.BigEndian.AppendUint32(nil, uint32(i+1)), make([]byte, 12)...)
		}
		err := d.Write(ctx, func(tx db.Tx) error {
			if err := tx.ExecEach(ctx, "memory.put", people, func(i int) []any { return []any{heed.ID(who(i)), 1, 0, "", 0, i, "{}"} }); err != nil {
				return err
			}
			if err := tx.ExecEach(ctx, "segment.enter", people/3, func(i int) []any { return []any{"a", who(i), 1} }); err != nil {
				return err
			}
			return tx.ExecEach(ctx, "segment.enter", both, func(i int) []any { return []any{"b", who(i), 1} })
		})
		if err != nil {
			t.Fatal(err)
		}
		got, err := segment.Overlap(ctx, d, []string{"a", "b"}, 1)
		if err != nil || len(got.People) != 2 || got.Asked < 18_000 || got.Asked > 22_000 || got.Within < 50 || got.Within > 1000 {
			t.Fatalf("got %+v, %v", got, err)
		}
		// Six times what they are right to within is more than chance ever is.
		for mask, want := range map[int]int64{1: people/3 - both, 3: both} {
			if n := got.People[mask]; n < want-6*got.Within || n > want+6*got.Within {
				t.Errorf("combination %d: got %d, within %d, want about %d", mask, n, got.Within, want)
			}
		}
	})
}
