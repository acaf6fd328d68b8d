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
	var nodes []*node
	for rows.Next() {
		var r Review
		n := &node{}
		var links []byte
		if err := rows.Scan(&r.ID, &r.Kind, &r.State, &r.At, &r.ClosedAt, &r.ClosedBy, &n.hash, &r.Identifier.Namespace, &r.Identifier.Value, &r.Person, &links); err != nil {
			rows.Close()
			return nil, err
		}
		n.links = unpackLinks(links)
		out, nodes = append(out, r), append(nodes, n)
	}
	rows.Close()
	if err = rows.Err(); err != nil {
		return nil, err
	}
	for i, n := range nodes {
		if out[i].Others, err = claimants(ctx, q, n, out[i].Person); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// claimants are at most 50 people other than its own who were seen with an identifier.
func claimants(ctx context.Context, q db.Querier, n *node, own heed.ID) ([]heed.ID, error) {
	var with []heed.ID
	note := func(e edge) { with = append(with, e.a, e.b) }
	n.evidence(note)
	hash := []heed.ID{n.hash}
	if err := edgesOf(ctx, q, hash, note); err != nil {
		return nil, err
	}
	if err := apartFrom(ctx, q, hash, func(_, other heed.ID) { with = append(with, other) }); err != nil {
		return nil, err
	}
	with = sortedHashes(with)
	var people []heed.ID
	arg := make([]any, 1)
	err := q.Each(ctx, "identity.owner", len(with), func(i int) []any { arg[0] = with[i][:]; return arg }, func(_ int, r db.Row) error {
		var p heed.ID
		err := r.Scan(&p)
		if p != own && !p.IsZero() {
			people = append(people, p)
		}
		return err
	})
	people = sortedHashes(people)
	return people[:min(len(people), 50)], err
}

// OpenReview puts an item that was dealt with back on the list.
func OpenReview(ctx context.Context, tx db.Tx, id heed.ID) error {
	return setReview(ctx, tx, id, "open", 0, "")
}

// CloseReview marks an item as dealt with.
func CloseReview(ctx context.Context, tx db.Tx, id heed.ID, by string, at heed.Time) error {
	return setReview(ctx, tx, id, "closed", at, by)
}

func setReview(ctx context.Context, tx db.Tx, id heed.ID, state string, at heed.Time, by string) error {
	n, err := tx.Exec(ctx, "identity.close_review", id, state, at, by)
	if err == nil && n == 0 {
		return heed.Errorf(heed.NotFound, "there is no review item %s", id)
	}
	return err
}
