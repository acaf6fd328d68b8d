package identity

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Owners returns whose each key of history is now, in that order; the zero ID for a key of nobody.
func Owners(ctx context.Context, q db.Querier, keys []heed.ID) ([]heed.ID, error) {
	out := make([]heed.ID, len(keys))
	arg := make([]any, 1)
	err := q.Each(ctx, "identity.owner", len(keys), func(i int) []any { arg[0] = keys[i]; return arg },
		func(i int, r db.Row) error { return r.Scan(&out[i]) })
	return out, err
}
