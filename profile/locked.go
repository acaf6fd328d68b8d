package profile

import (
	"context"
	"fmt"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Load returns the documents of ids, locked until the transaction ends. It locks in the order of ids, whatever order
// they come in, as workers do. Who does not exist is left out.
func (s *Store) Load(ctx context.Context, tx db.Tx, ids []heed.ID) (map[heed.ID]*heed.Person, error) {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, func(a, b heed.ID) int { return slices.Compare(a[:], b[:]) })
	ids = slices.Compact(ids)
	people := make(map[heed.ID]*heed.Person, len(ids))
	rows, err := tx.Query(ctx, "profile.load", db.JSON(ids))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		p := &heed.Person{}
		var doc string
		if err := rows.Scan(&p.ID, &p.Rev, &p.Wake, &doc); err != nil {
			return nil, err
		}
		if err := s.codec.decode(doc, p); err != nil {
			return nil, fmt.Errorf("profile: the document of %s: %w", p.ID, err)
		}
		people[p.ID] = p
	}
	return people, rows.Err()
}

// Save writes documents that Load returned in the same transaction.
func (s *Store) Save(ctx context.Context, tx db.Tx, people []*heed.Person) error {
	people = slices.Clone(people)
	slices.SortFunc(people, func(a, b *heed.Person) int { return slices.Compare(a.ID[:], b.ID[:]) })
	var failed error
	var c codec // its own: a Store serves many at once
	err := tx.ExecEach(ctx, "profile.update", len(people), func(i int) []any {
		p := people[i]
		p.Rev++
		p.Dirty = false
		doc, err := c.encode(p)
		if err != nil && failed == nil {
			failed = fmt.Errorf("profile: the document of %s: %w", p.ID, err)
		}
		return []any{p.ID, p.Rev, p.Wake, p.Stage, p.FirstSeen, p.LastSeen, doc, openCases(p)}
	})
	if err == nil {
		err = failed
	}
	return err
}

// IDs returns at most limit people with an id above after, in order.
func (s *Store) IDs(ctx context.Context, q db.Querier, after heed.ID, limit int) ([]heed.ID, error) {
	return db.IDs(q.Query(ctx, "profile.ids", after[:], limit))
}
