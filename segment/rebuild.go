package segment

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Unfinished says whether something is still being counted from history. Memory must not be rebuilt meanwhile: both
// would count the same events.
func Unfinished(ctx context.Context, q db.Querier) (bool, error) {
	var n int64
	err := q.QueryRow(ctx, "segment.unfinished").Scan(&n)
	return n > 0, err
}

// SetSince gives the memberships of one person in the lists the dates of the person's document.
func SetSince(ctx context.Context, tx db.Tx, person heed.ID, members map[string]heed.Member) error {
	for name, m := range members {
		if _, err := tx.Exec(ctx, "segment.set_since", name, person, m.Since); err != nil {
			return err
		}
	}
	return nil
}
