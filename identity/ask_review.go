package identity

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Review is something about the identity graph that a human should look at.
type Review struct {
	ID       heed.ID   `json:"id"`
	Kind     string    `json:"kind"`  // shared, capped, kiosk, alias_refused
	State    string    `json:"state"` // open, closed
	At       heed.Time `json:"at"`
	ClosedAt heed.Time `json:"closed_at,omitempty"`
	ClosedBy string    `json:"closed_by,omitempty"`

	Identifier heed.Identifier `json:"identifier"`
	Person     heed.ID         `json:"person"`           // whose the identifier is
	Others     []heed.ID       `json:"others,omitempty"` // who else claims it
}

// Reviews lists the latest items in the given state ("" for all), newest first, with the people concerned.
func Reviews(ctx context.Context, q db.Querier, state string, limit int) ([]Review, error) {
	rows, err := q.Query(ctx, "identity.reviews", state, limit)
	if err != nil {
		return nil, err
	}
	var out []Review
	var hashes []heed.ID
	for rows.Next() {
		var r Review
		var h heed.ID
		if err := rows.Scan(&r.ID, &r.Kind, &r.State, &r.At, &r.ClosedAt, &r.ClosedBy, &h, &r.Identifier.Namespace, &r.Identifier.Value, &r.Person); err != nil {
			rows.Close()
			return nil, err
		}
		out, hashes = append(out, r), append(hashes, h)
	}
	rows.Close()
	if err := rows.Err(); err != nil {
		return nil, err
	}
	arg := make([]any, 1)
	err = q.Each(ctx, "identity.claimants", len(hashes), func(i int) []any { arg[0] = hashes[i][:]; return arg }, func(i int, r db.Row) error {
		var p heed.ID
		err := r.Scan(&p)
		if p != out[i].Person && !p.IsZero() {
			out[i].Others = append(out[i].Others, p)
		}
		return err
	})
	return out, err
}

// CloseReview marks an item as dealt with.
func CloseReview(ctx context.Context, tx db.Tx, id heed.ID, by string, at heed.Time) error {
	n, err := tx.Exec(ctx, "identity.close_review", id, "closed", at, by)
	if err == nil && n == 0 {
		return heed.Errorf(heed.NotFound, "there is no review item %s", id)
	}
	return err
}
