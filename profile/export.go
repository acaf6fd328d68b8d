package profile

import (
	"context"
	"encoding/json"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Held is everything that memory holds about a person, for whoever asks what we know of them.
type Held struct {
	ID     heed.ID      `json:"id"`
	Rev    int64        `json:"rev"`
	Wake   heed.Time    `json:"wake,omitempty"`
	Memory *heed.Person `json:"memory"`
	Notes  []Note       `json:"notes,omitempty"`
	Merges []Merge      `json:"merges,omitempty"`
}

// Merge is a merge that this person came out of, with both documents as they were.
type Merge struct {
	At          heed.Time       `json:"at"`
	Loser       heed.ID         `json:"loser"`
	LoserDoc    json.RawMessage `json:"loser_document"`
	SurvivorDoc json.RawMessage `json:"survivor_document"`
}

// Export returns everything that memory holds about a person; a NotFound error when that is nothing.
func (s *Store) Export(ctx context.Context, q db.Querier, id heed.ID) (*Held, error) {
	p, err := s.Get(ctx, q, id)
	if err != nil {
		return nil, err
	}
	h := &Held{ID: id, Rev: p.Rev, Wake: p.Wake, Memory: p}
	if h.Notes, err = Notes(ctx, q, id, 10_000); err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, "profile.merges", id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var m Merge
		var lost, kept string
		if err := rows.Scan(&m.At, &m.Loser, &lost, &kept); err != nil {
			return nil, err
		}
		m.LoserDoc, m.SurvivorDoc = json.RawMessage(lost), json.RawMessage(kept)
		h.Merges = append(h.Merges, m)
	}
	return h, rows.Err()
}
