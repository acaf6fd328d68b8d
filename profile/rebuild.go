package profile

import (
	"context"
	"fmt"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Reset empties memory before it is rebuilt from the stream. The documents as they were are kept until Restore has taken
// over what the stream does not tell. Snapshots for the undoing of merges stay.
func Reset(ctx context.Context, tx db.Tx) error {
	for _, q := range []string{"profile.keep_before", "profile.reset_people", "profile.reset_notes", "profile.reset_search", "profile.reset_blocked"} {
		if _, err := tx.Exec(ctx, q); err != nil {
			return fmt.Errorf("%s: %w", q, err)
		}
	}
	return nil
}

// Restored is a person whose rebuilt document has taken over what only the one from before knew.
type Restored struct {
	ID       heed.ID
	Segments map[string]heed.Member // the memberships, with the dates from before
}

// Restore takes over into at most limit rebuilt documents what the stream does not tell, and returns whose they were;
// nobody when it is done. It may be interrupted and goes on.
func (s *Store) Restore(ctx context.Context, tx db.Tx, limit int) ([]Restored, error) {
	before, err := s.documents(tx.Query(ctx, "profile.before", limit))
	if err != nil || len(before) == 0 {
		return nil, err
	}
	ids := make([]heed.ID, len(before))
	for i, p := range before {
		ids[i] = p.ID
	}
	now, err := s.Load(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]Restored, 0, len(before))
	var known, lost []*heed.Person
	for _, was := range before {
		p := now[was.ID]
		if p == nil {
			lost = append(lost, was) // no event tells of them any more: better an old memory than none
			p = was
		} else {
			takeOver(p, was)
			known = append(known, p)
		}
		out = append(out, Restored{p.ID, p.Segments})
	}
	if err := s.Save(ctx, tx, known); err != nil {
		return nil, err
	}
	if err := s.insert(ctx, tx, lost); err != nil {
		return nil, err
	}
	return out, tx.ExecEach(ctx, "profile.forget_before", len(ids), func(i int) []any { return []any{ids[i]} })
}

// takeOver gives p what was knew and no event on the stream tells: where the person is in journeys and what those have
// set, what was reserved and held, and since when they have been what they still are. Of consents and suppressions the
// more restrictive holds: a rebuild must not open what was closed.
func takeOver(p, was *heed.Person) {
	p.Runs, p.Past, p.Timers, p.Contacts, p.Pending = was.Runs, was.Past, was.Timers, was.Contacts, was.Pending
	for name, t := range was.Traits {
		mine, has := p.Traits[name]
		if !strings.HasPrefix(t.Source, "journey:") || has && mine.At > t.At {
			continue
		}
		if p.Traits == nil {
			p.Traits = map[string]heed.Trait{}
		}
		p.Traits[name] = t
	}
	mergeConsents(p, was)
	for name := range p.Segments {
		if m, was := was.Segments[name]; was {
			p.Segments[name] = m
		}
	}
	if p.Stage == was.Stage {
		p.StageSince, p.StagePath = was.StageSince, was.StagePath
	}
	p.WakeBy(was.Wake)
	p.Dirty = true
}

// documents reads people without a revision.
func (s *Store) documents(rows db.Rows, err error) ([]*heed.Person, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*heed.Person
	for rows.Next() {
		p := &heed.Person{}
		var doc string
		if err := rows.Scan(&p.ID, &p.Wake, &doc); err != nil {
			return nil, err
		}
		if err := s.codec.decode(doc, p); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// insert writes people anew, with what they are found by.
func (s *Store) insert(ctx context.Context, tx db.Tx, people []*heed.Person) error {
	var failed error
	var found []name
	err := tx.ExecEach(ctx, "profile.insert", len(people), func(i int) []any {
		p := people[i]
		p.Rev = 1
		doc, err := s.codec.encode(p)
		if err != nil && failed == nil {
			failed = fmt.Errorf("profile: the document of %s: %w", p.ID, err)
		}
		words := strings.Join(tokens(p), wordSep)
		found = names(found, words, p.ID)
		return []any{p.ID, p.Rev, p.Wake, p.Stage, p.FirstSeen, p.LastSeen, doc, openCases(p), words}
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return err
	}
	return eachName(ctx, tx, "profile.put_name", found)
}
