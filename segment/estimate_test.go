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
		// Half of the people are drawn at least; 20 standard errors are more than chance ever is.
		if e := got.Estimate; e.Low >= got.Count || e.High <= got.Count || got.Count < active-300 || got.Count > active+300 || e.Asked < 10_000 || e.Asked > 21_000 {
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
