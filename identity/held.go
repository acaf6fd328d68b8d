package identity

import (
	"context"
	"errors"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Held is the transaction because of which Changes does not give out the newest changes yet: on PostgreSQL one that began
// before them and is still open, anybody's on that server.
type Held struct {
	Transaction int64
	Since       heed.Time // when it began; 0: another role's, of which the server does not tell
}

// HeldBack returns it; false when nothing is held back.
func HeldBack(ctx context.Context, q db.Querier) (h Held, held bool, err error) {
	err = q.QueryRow(ctx, "identity.held_back").Scan(&h.Transaction, &h.Since)
	if errors.Is(err, db.ErrNoRows) {
		return h, false, nil
	}
	return h, err == nil, err
}
