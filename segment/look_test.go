package segment_test

import (
	"context"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/rule"
	"github.com/heedcx/heed/segment"
)

func numbered(i int) heed.ID {
	id := heed.ID{15: 1}
	binary.BigEndian.PutUint32(id[:], uint32(i))
	return id
}

func TestLookStepByStep(t *testing.T) {
	testx.Each(t, queries(), func(t *testing.T, d db.DB) {
		const people = 1000
		rare := map[int]bool{3: true, 4: true, 250: true, 555: true, 999: true}
		ctx := context.Background()
		err := d.Write(ctx, func(tx db.Tx) error {
			err := tx.ExecEach(ctx, "memory.put", people, func(i int) []any {
				stage := "lapsed"
				if rare[i] {
					stage = "active"
				}
				return []any{numbered(i), 1, 0, stage, 0, i, "{}"}
			})
			if err != nil {
				return err
			}
			return tx.ExecEach(ctx, "segment.enter", people/2, func(i int) []any { return []any{"even", numbered(2 * i), 1} })
		})
		if err != nil {
			t.Fatal(err)
		}
		err = d.Read(ctx, func(q db.Querier) error {
			got, err := segment.Look{Those: segment.Those{Segment: "even", Stage: "active"}, Now: 1, Limit: 1, Of: 77, Enough: func() bool { return true }}.People(ctx, q)
			if len(got.People) != 1 || got.Of != 77 {
				t.Errorf("among how many is known: got %+v", got)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		active, err := rule.Parse("stage = active")
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			those  segment.Those
			enough bool // after each step
			limit  int
			want   [][]int // page by page
			looked []int64
			of     int64
		}{
			"one step an answer":        {segment.Those{Rule: active}, true, 10, [][]int{{3, 4}, nil, {250}, nil, nil, {555}, nil, nil, nil, {999}, nil}, []int64{100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 0}, 1000},
			"full in the middle":        {segment.Those{Rule: active}, false, 2, [][]int{{3, 4}, {250, 555}, {999}}, []int64{5, 551, 444}, 1000},
			"all at once":               {segment.Those{Rule: active}, false, 10, [][]int{{3, 4, 250, 555, 999}}, []int64{1000}, 1000},
			"in a segment":              {segment.Those{Rule: active, Segment: "even"}, true, 10, [][]int{{4}, {250}, nil, nil, nil, nil}, []int64{100, 100, 100, 100, 100, 0}, 500},
			"a segment and a stage":     {segment.Those{Stage: "active", Segment: "even"}, false, 10, [][]int{{4, 250}}, []int64{500}, 500},
			"a stage alone":             {segment.Those{Stage: "active"}, true, 3, [][]int{{3, 4, 250}, {555, 999}}, []int64{0, 0}, 0},
			"nobody in the segment":     {segment.Those{Segment: "odd"}, true, 3, [][]int{nil}, []int64{0}, 0},
			"nobody for whom it counts": {segment.Those{Rule: active, Stage: "new"}, true, 3, [][]int{nil}, []int64{0}, 0},
		} {
			var after heed.ID
			for page, want := range c.want {
				var got segment.Found
				err := d.Read(ctx, func(q db.Querier) (err error) {
					got, err = segment.Look{Those: c.those, Now: 1, After: after, Limit: c.limit, Step: 100, Enough: func() bool { return c.enough }}.People(ctx, q)
					return err
				})
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				var ids []heed.ID
				for _, i := range want {
					ids = append(ids, numbered(i))
				}
				if end := page == len(c.want)-1; !slices.Equal(got.People, ids) || got.Looked != c.looked[page] || got.Of != c.of || got.Next.IsZero() != end {
					t.Errorf("%s, page %d: got %+v, want %v, %d looked at of %d, the end: %v", name, page, got, want, c.looked[page], c.of, end)
				}
				after = got.Next
			}
		}
	})
}
