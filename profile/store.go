package profile

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/stream"
)

// Queries are the statements of this package.
//
//go:embed queries.sql
var Queries string

// load reads and locks the documents of ids, which are sorted, into people. Those without one are not in it afterwards.
func (s *Stage) load(ctx context.Context, tx db.Tx, ids []heed.ID, people map[heed.ID]*heed.Person) error {
	if len(ids) == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, "profile.load", db.JSON(ids))
	if err != nil {
		return err
	}
	defer rows.Close()
	var id []byte
	var wake int64
	var doc string
	for rows.Next() {
		p := &heed.Person{}
		if err := rows.Scan(&id, &p.Rev, &wake, &doc); err != nil {
			return err
		}
		p.ID = heed.ID(id)
		if err := s.codec.decode(doc, p); err != nil {
			return fmt.Errorf("profile: the document of %s: %w", p.ID, err)
		}
		p.Wake = heed.Time(wake)
		people[p.ID] = p
		s.was[p.ID] = columns{p.Wake, p.Stage, openCases(p)}
	}
	return rows.Err()
}

// columns are those that have an index. To set one costs the engine the entry's way out of the index and back, even
// when it stays the same, so they are only written when they have changed.
type columns struct {
	wake  heed.Time
	stage string
	open  int // cases
}

// saved is a person whose document has changed, and what it is now.
type saved struct {
	*heed.Person
	doc string
}

// encode works out the documents that have changed, by id.
func (s *Stage) encode(b *stream.Batch) error {
	clear(s.docs) // of a batch that failed
	s.docs = s.docs[:0]
	for _, p := range b.People {
		if !p.Dirty {
			continue
		}
		doc, err := s.codec.encode(p)
		if err != nil {
			return fmt.Errorf("profile: the document of %s: %w", p.ID, err)
		}
		s.docs = append(s.docs, saved{p, doc})
	}
	slices.SortFunc(s.docs, func(a, b saved) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return nil
}

// save writes the documents that have changed.
func (s *Stage) save(ctx context.Context, tx db.Tx) error {
	var fresh, known, woken, moved []saved
	for _, p := range s.docs {
		switch was := s.was[p.ID]; {
		case p.Rev == 0:
			fresh = append(fresh, p)
		case was.stage != p.Stage, was.open != openCases(p.Person):
			moved = append(moved, p)
		case was.wake != p.Wake:
			woken = append(woken, p)
		default:
			known = append(known, p)
		}
	}
	err := s.put(ctx, tx, "profile.insert", fresh, func(args []any, p *saved) []any { return append(allColumns(args, p), s.words[p.ID]) })
	if err != nil {
		return err
	}
	if err := s.put(ctx, tx, "profile.update", moved, allColumns); err != nil {
		return err
	}
	err = s.put(ctx, tx, "profile.rewake", woken, func(args []any, p *saved) []any {
		return append(args, p.ID[:], p.Rev, int64(p.Wake), int64(p.FirstSeen), int64(p.LastSeen), p.doc)
	})
	if err != nil {
		return err
	}
	return s.put(ctx, tx, "profile.refresh", known, func(args []any, p *saved) []any {
		return append(args, p.ID[:], p.Rev, int64(p.FirstSeen), int64(p.LastSeen), p.doc)
	})
}

func allColumns(args []any, p *saved) []any {
	return append(args, p.ID[:], p.Rev, int64(p.Wake), p.Stage, int64(p.FirstSeen), int64(p.LastSeen), p.doc, openCases(p.Person))
}

func (s *Stage) put(ctx context.Context, tx db.Tx, query string, people []saved, row func([]any, *saved) []any) error {
	args := make([]any, 0, 9)
	return tx.ExecEach(ctx, query, len(people), func(i int) []any {
		p := &people[i]
		p.Rev++
		p.Dirty = false
		return row(args[:0], p)
	})
}

// Due implements stream.Sleepers.
func (s *Stage) Due(ctx context.Context, tx db.Tx, now heed.Time, limit int) ([]heed.ID, error) {
	return db.IDs(tx.Query(ctx, "profile.due", now, limit))
}

// Postpone implements stream.Postponer.
func (s *Stage) Postpone(ctx context.Context, tx db.Tx, person heed.ID, until heed.Time) error {
	_, err := tx.Exec(ctx, "profile.postpone", person, until)
	return err
}

// NextDue is when the next person wants to be woken; 0 when nobody does.
func NextDue(ctx context.Context, q db.Querier) (heed.Time, error) {
	var t heed.Time
	err := q.QueryRow(ctx, "profile.next_due").Scan(&t)
	return t, err
}

// Store reads memory outside a worker. It is safe for use by many at once.
type Store struct{ codec codec }

// NewStore returns a Store.
func NewStore() *Store { return &Store{newCodec()} }

// Get returns what we know of a person; a NotFound error when that is nothing.
func (s *Store) Get(ctx context.Context, q db.Querier, id heed.ID) (*heed.Person, error) {
	p := &heed.Person{ID: id}
	var doc string
	err := q.QueryRow(ctx, "profile.get", id).Scan(&p.Rev, &p.Wake, &doc)
	if err == db.ErrNoRows {
		return nil, heed.Errorf(heed.NotFound, "there is no person %s", id)
	}
	if err != nil {
		return nil, err
	}
	return p, s.codec.decode(doc, p)
}

// GetEach returns the people of ids in that order; whoever is not there is nil.
func (s *Store) GetEach(ctx context.Context, q db.Querier, ids []heed.ID) ([]*heed.Person, error) {
	out := make([]*heed.Person, len(ids))
	arg := make([]any, 1)
	err := q.Each(ctx, "profile.get", len(ids), func(i int) []any { arg[0] = ids[i][:]; return arg }, func(i int, r db.Row) error {
		p := &heed.Person{ID: ids[i]}
		var doc string
		if err := r.Scan(&p.Rev, &p.Wake, &doc); err != nil {
			return err
		}
		out[i] = p
		return s.codec.decode(doc, p)
	})
	return out, err
}

// Page returns at most limit people whose id is after the given one, by id, which is by when we first met them.
func (s *Store) Page(ctx context.Context, q db.Querier, after heed.ID, limit int) ([]*heed.Person, error) {
	return s.list(q.Query(ctx, "profile.page", after[:], limit))
}

// Newest returns the limit people whom we met last, the latest first.
func (s *Store) Newest(ctx context.Context, q db.Querier, limit int) ([]*heed.Person, error) {
	return s.list(q.Query(ctx, "profile.newest", limit))
}

func (s *Store) list(rows db.Rows, err error) ([]*heed.Person, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*heed.Person
	for rows.Next() {
		p := &heed.Person{}
		var doc string
		if err := rows.Scan(&p.ID, &p.Rev, &p.Wake, &doc); err != nil {
			return nil, err
		}
		if err := s.codec.decode(doc, p); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// CountOpenCases is how many people have a case that nobody has closed.
func CountOpenCases(ctx context.Context, q db.Querier) (int64, error) {
	var n int64
	err := q.QueryRow(ctx, "profile.count_open_cases").Scan(&n)
	return n, err
}

// Count is how many people we know or have seen.
func Count(ctx context.Context, q db.Querier) (int64, error) {
	var n int64
	err := q.QueryRow(ctx, "profile.count").Scan(&n)
	return n, err
}

// Note is something about a person that memory did not take in, and why.
type Note struct {
	At     heed.Time `json:"at"`
	Kind   string    `json:"kind"` // trait_rejected, consent_rejected, event_rejected
	Name   string    `json:"name"`
	Detail string    `json:"detail"`
}

// Notes returns the latest notes about a person, newest first.
func Notes(ctx context.Context, q db.Querier, id heed.ID, limit int) ([]Note, error) {
	rows, err := q.Query(ctx, "profile.notes", id, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Note
	for rows.Next() {
		var n Note
		if err := rows.Scan(&n.At, &n.Kind, &n.Name, &n.Detail); err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, rows.Err()
}
