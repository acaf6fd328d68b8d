package profile

import (
	"context"
	"errors"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Rev counts the changes of a person's document; 0 when there is none.
func Rev(ctx context.Context, q db.Querier, id heed.ID) (int64, error) {
	var rev int64
	err := q.QueryRow(ctx, "profile.rev", id).Scan(&rev)
	if errors.Is(err, db.ErrNoRows) {
		err = nil
	}
	return rev, err
}
