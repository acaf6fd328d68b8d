package identity

import (
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"fmt"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Queries are the statements of this package.
//
//go:embed queries.sql
var Queries string

// scanNode reads the columns of a node.
func (s *Stage) scanNode(r db.Row) (*node, error) {
	n := &node{stored: true}
	var hash, person, links []byte // plain destinations: db's own types cost an allocation each
	var erased int64
	if err := r.Scan(&hash, &n.id.Namespace, &n.id.Value, &person, &n.flags, &n.gen, &erased, &links); err != nil {
		return nil, err
	}
	if len(hash) != 16 || len(person) != 0 && len(person) != 16 {
		return nil, fmt.Errorf("identity: a node has a key of %d bytes and a person of %d, want 16", len(hash), len(person))
	}
	copy(n.hash[:], hash)
	copy(n.person[:], person)
	n.erased, n.links = heed.Time(erased), unpackLinks(links)
	s.behave(n)
	return n, nil
}

// behave sets what the configuration says about the node's namespace.
func (s *Stage) behave(n *node) {
	ns := s.config.namespace(n.id.Namespace)
	n.prio, n.limit, n.anon = ns.Priority, ns.Limit, ns.Anonymous
}

func sortedHashes(hashes []heed.ID) []heed.ID {
	slices.SortFunc(hashes, func(a, b heed.ID) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(hashes)
}

// lookup loads and locks the nodes of the given hashes that are stored.
func (s *Stage) lookup(ctx context.Context, tx db.Tx, hashes []heed.ID) error {
	if len(hashes) == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, "identity.nodes", db.JSON(hashes))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		n, err := s.scanNode(rows)
		if err != nil {
			return err
		}
		s.keep(n)
	}
	return rows.Err()
}

// keep puts a stored node into memory unless it is there; what is there may have changed in this batch.
func (s *Stage) keep(n *node) *node {
	had := s.nodes[n.hash]
	if had == nil {
		s.nodes[n.hash] = n
		return n
	}
	if !had.stored { // made from an event, before we knew that it is stored
		had.stored, had.person, had.flags, had.gen, had.erased, had.links = true, n.person, n.flags, n.gen, n.erased, n.links
	}
	return had
}

// members loads and locks everything that belongs to the given people and puts it into groups. What has joined or left
// them in this batch is already in memory and is taken from there.
func (s *Stage) members(ctx context.Context, tx db.Tx, people []heed.ID) error {
	people = slices.DeleteFunc(people, func(id heed.ID) bool { return id.IsZero() || s.groups[id] != nil })
	people = sortedHashes(people)
	if len(people) == 0 {
		return nil
	}
	arg := make([]any, 1)
	args := func(i int) []any { arg[0] = people[i]; return arg }
	// Two statements, because the first may have waited for a worker that gave one of these people a new identifier.
	if tx.Dialect() == db.Postgres {
		if err := tx.Each(ctx, "identity.lock_person", len(people), args, func(int, db.Row) error { return nil }); err != nil {
			return err
		}
	}
	for _, id := range people {
		s.groups[id] = &group{}
	}
	err := tx.Each(ctx, "identity.nodes_of", len(people), args, func(i int, r db.Row) error {
		n, err := s.scanNode(r)
		if err != nil {
			return err
		}
		n = s.keep(n)
		if n.person == people[i] && !n.moved {
			s.groups[people[i]].add(n)
		}
		return nil
	})
	for _, n := range s.changed {
		if g := s.groups[n.person]; n.moved && g != nil && slices.Contains(people, n.person) {
			g.add(n)
		}
	}
	return err
}

// flush writes what the batch has changed so far.
func (s *Stage) flush(ctx context.Context, tx db.Tx) error {
	var fresh, moved, same []*node
	for _, n := range s.changed {
		switch {
		case !n.dirty:
		case !n.stored:
			fresh = append(fresh, n)
		case n.moved:
			moved = append(moved, n)
		default:
			same = append(same, n)
		}
		n.dirty = false
	}
	args := make([]any, 0, 8)
	for _, x := range []struct {
		query string
		nodes []*node
		row   func(n *node, person, links []byte) []any
	}{
		{"identity.insert_node", fresh, func(n *node, person, links []byte) []any {
			return append(args, n.hash[:], n.id.Namespace, n.id.Value, person, n.flags, n.gen, int64(n.erased), links)
		}},
		{"identity.update_node", moved, func(n *node, person, links []byte) []any {
			return append(args, n.hash[:], person, n.flags, n.gen, int64(n.erased), links)
		}},
		{"identity.refresh_node", same, func(n *node, _, links []byte) []any { return append(args, n.hash[:], n.flags, links) }},
	} {
		slices.SortFunc(x.nodes, func(a, b *node) int { return bytes.Compare(a.hash[:], b.hash[:]) })
		err := tx.ExecEach(ctx, x.query, len(x.nodes), func(i int) []any {
			n := x.nodes[i]
			n.stored = true
			person := n.person[:]
			if n.person.IsZero() {
				person = []byte{}
			}
			return x.row(n, person, packLinks(n.links))
		})
		if db.Taken(err) {
			return db.ErrAgain // another worker has stored one of them since this batch looked
		}
		if err != nil {
			return err
		}
	}
	if err := s.erasedMeanwhile(ctx, tx, fresh); err != nil {
		return err
	}
	err := tx.ExecEach(ctx, "identity.put_edge", len(s.edges), func(i int) []any {
		e := &s.edges[i]
		return append(args, e.a[:], e.b[:], e.kind, int64(e.stamp.at), int64(e.stamp.tie), e.source, e.message, int64(e.seq))
	})
	s.edges = s.edges[:0]
	if err != nil {
		return err
	}
	slices.SortFunc(s.parted, func(a, b pair) int { return cmp.Or(bytes.Compare(a[0][:], b[0][:]), bytes.Compare(a[1][:], b[1][:])) })
	err = tx.ExecEach(ctx, "identity.put_apart", len(s.parted), func(i int) []any {
		return append(args, s.parted[i][0][:], s.parted[i][1][:])
	})
	s.parted = s.parted[:0]
	return err
}

// erasedMeanwhile lets the batch begin anew when another worker has stored one of its new identifiers and erased it again
// since it looked: now that they are stored, nobody can any more.
func (s *Stage) erasedMeanwhile(ctx context.Context, tx db.Tx, fresh []*node) error {
	if len(fresh) == 0 || tx.Dialect() == db.SQLite {
		return nil
	}
	hashes := make([]heed.ID, len(fresh))
	for i, n := range fresh {
		hashes[i] = n.hash
	}
	return s.tombstones(ctx, tx, hashes, func(h heed.ID, gen int64, _ heed.Time) error {
		if gen > s.nodes[h].gen {
			return db.ErrAgain
		}
		return nil
	})
}

// changesPerRow bounds a row of the feed, and so how far a reader gets more than it asked for.
const changesPerRow = 1000

// flushChanges writes the feed of who belongs to whom, once at the end of the batch. Where one writer writes, rows come in
// the order of their commits and say the owner too; where several do, whoever reads asks whose it is by then.
func (s *Stage) flushChanges(ctx context.Context, tx db.Tx) error {
	ordered := tx.Dialect() == db.SQLite
	var hashes, owners []byte
	put := func() error {
		if len(hashes) == 0 {
			return nil
		}
		_, err := tx.Exec(ctx, "identity.put_changes", hashes, owners, 0)
		hashes, owners = hashes[:0], owners[:0]
		return err
	}
	owners = make([]byte, 0, 64) // not nil: that would be NULL
	for _, n := range s.changed {
		if !n.moved || n.person.IsZero() {
			continue
		}
		n.moved = false
		if hashes = append(hashes, n.hash[:]...); ordered {
			owners = append(owners, n.person[:]...)
		}
		if len(hashes) == changesPerRow*len(heed.ID{}) {
			if err := put(); err != nil {
				return err
			}
		}
	}
	if err := put(); err != nil {
		return err
	}
	for _, m := range s.merges {
		if _, err := tx.Exec(ctx, "identity.repoint_alias", m.loser, m.survivor); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "identity.put_alias", m.loser, m.survivor, m.best, m.at); err != nil {
			return err
		}
	}
	return nil
}

// edgesOf loads what somebody said by hand about the given identifiers.
func edgesOf(ctx context.Context, q db.Querier, hashes []heed.ID, each func(edge)) error {
	arg := make([]any, 1)
	return q.Each(ctx, "identity.edges_of", len(hashes), func(i int) []any { arg[0] = hashes[i][:]; return arg }, func(_ int, r db.Row) error {
		e, err := scanEdge(r)
		if err == nil {
			each(e)
		}
		return err
	})
}

func scanEdge(r db.Row) (edge, error) {
	var e edge
	var tie, seq int64
	err := r.Scan(&e.n, &e.a, &e.b, &e.kind, &e.stamp.at, &tie, &e.source, &e.message, &seq)
	e.stamp.tie, e.seq = uint64(tie), uint64(seq)
	return e, err
}

// apartFrom finds the identifiers that name one of the given ones in their links and belonged to another person once.
func apartFrom(ctx context.Context, q db.Querier, hashes []heed.ID, each func(of, other heed.ID)) error {
	arg := make([]any, 1)
	return q.Each(ctx, "identity.apart_from", len(hashes), func(i int) []any { arg[0] = hashes[i][:]; return arg }, func(i int, r db.Row) error {
		var other heed.ID
		err := r.Scan(&other)
		each(hashes[i], other)
		return err
	})
}

// partLinks notes which of the node's links lead to another person.
func (s *Stage) partLinks(n *node) {
	for _, l := range n.links {
		if to := s.nodes[l.to]; !l.to.IsZero() && (to == nil || to.person != n.person) {
			s.part(l.to, n.hash)
		}
	}
}

func (s *Stage) part(a, b heed.ID) {
	if p := (pair{a, b}); !s.apart[p] {
		s.apart[p] = true
		s.parted = append(s.parted, p)
	}
}
