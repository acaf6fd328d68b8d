package profile

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Revs count the changes of people's documents, each in the place of its id; 0 when there is none.
func Revs(ctx context.Context, q db.Querier, ids []heed.ID) ([]int64, error) {
	revs := make([]int64, len(ids))
	err := q.Each(ctx, "profile.rev", len(ids), func(i int) []any { return []any{ids[i]} }, func(i int, r db.Row) error { return r.Scan(&revs[i]) })
	return revs, err
}
