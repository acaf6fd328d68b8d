package stream

import (
	"context"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/testx"
)

// spanning is a log of which only the records from first to last are left.
type spanning struct {
	Log
	first, last uint64
}

func (*spanning) Partitions() int { return 1 }

func (s *spanning) span(context.Context, Topic, int) (first, last uint64, err error) {
	return s.first, s.last, nil
}

func (*spanning) written(context.Context, Topic, int, uint64) (heed.Time, error) { return 0, nil }

func TestWhatTheLogHasLostIsForgotten(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	testx.Each(t, []string{Queries}, func(t *testing.T, d db.DB) {
		err := d.Write(ctx, func(tx db.Tx) error {
			return putDropped(ctx, tx, 0, place{}, []*heed.Event{{Seq: 3}, {Seq: 7, Index: 1}, {Seq: 8}})
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			first uint64
			left  int
		}{{1, 3}, {7, 2}, {9, 0}} {
			if err := Trim(ctx, d, &spanning{first: c.first, last: 8}); err != nil {
				t.Fatal(err)
			}
			left := 0
			err := d.Read(ctx, func(q db.Querier) error {
				rows, err := q.Query(ctx, "stream.dropped", 0, 0, 100)
				if err != nil {
					return err
				}
				defer rows.Close()
				for rows.Next() {
					left++
				}
				return rows.Err()
			})
			if err != nil || left != c.left {
				t.Errorf("the log begins at %d: %d notes are left, %v; want %d", c.first, left, err, c.left)
			}
		}
	})
}
