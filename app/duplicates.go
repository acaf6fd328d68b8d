package app

import (
	"context"

	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/stream"
)

// duplicates answers collect.Duplicates from what the workers have committed.
type duplicates struct {
	db    db.DB
	parts []*stream.Seen
}

func newDuplicates(d db.DB, partitions int) *duplicates {
	out := &duplicates{db: d}
	for part := range partitions {
		out.parts = append(out.parts, stream.NewSeen(part))
	}
	return out
}

// Seen implements collect.Duplicates.
func (d *duplicates) Seen(ctx context.Context, source string, ids []string) ([]bool, error) {
	out := make([]bool, len(ids))
	err := d.db.Read(ctx, func(q db.Querier) error {
		for _, p := range d.parts { // where an event went depends on whose it is: ask all
			known, err := p.Ask(ctx, q, source, ids)
			if err != nil {
				return err
			}
			for i := range known {
				out[i] = out[i] || known[i]
			}
		}
		return nil
	})
	return out, err
}
