package identity

import (
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

// scanNode reads the columns of a node. It returns a zero person for an identifier that another worker has just
// claimed and not assigned.
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
	slices.SortFunc(hashes, func(a, b heed.ID) int { return slices.Compare(a[:], b[:]) })
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
	dirty := s.changed[:0:0]
	for _, n := range s.changed {
		if n.dirty {
			dirty = append(dirty, n)
		}
	}
	slices.SortFunc(dirty, func(a, b *node) int { return slices.Compare(a.hash[:], b.hash[:]) })
	args := make([]any, 9)
	err := tx.ExecEach(ctx, "identity.put_node", len(dirty), func(i int) []any {
		n := dirty[i]
		args = args[:8]
		args[0], args[1], args[2], args[3] = n.hash[:], n.id.Namespace, n.id.Value, n.person[:]
		args[4], args[5], args[6], args[7] = n.flags, n.gen, n.erased, packLinks(n.links)
		if n.person.IsZero() {
			args[3] = []byte{}
		}
		return args
	})
	if err != nil {
		return err
	}
	for _, n := range dirty {
		n.dirty, n.stored = false, true
	}
	err = tx.ExecEach(ctx, "identity.put_edge", len(s.edges), func(i int) []any {
		e := &s.edges[i]
		args = args[:9]
		args[0], args[1], args[2], args[3], args[4] = e.a[:], e.b[:], e.kind, boolInt(e.public), e.stamp.at
		args[5], args[6], args[7], args[8] = int64(e.stamp.tie), e.source, e.message, int64(e.seq)
		return args
	})
	s.edges = s.edges[:0]
	return err
}

// flushChanges writes the feed of who belongs to whom, once at the end of the batch.
func (s *Stage) flushChanges(ctx context.Context, tx db.Tx) error {
	var moved []*node
	for _, n := range s.changed {
		if n.moved && !n.person.IsZero() {
			n.moved = false
			moved = append(moved, n)
		}
	}
	args := make([]any, 3)
	err := tx.ExecEach(ctx, "identity.put_change", len(moved), func(i int) []any {
		args[0], args[1], args[2] = moved[i].hash[:], moved[i].person[:], 0
		return args
	})
	if err != nil {
		return err
	}
	for _, m := range s.merges {
		if _, err := tx.Exec(ctx, "identity.repoint_alias", m.loser, m.survivor); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "identity.put_alias", m.loser, m.survivor, m.at); err != nil {
			return err
		}
	}
	return nil
}

func boolInt(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// edgesOf loads the evidence about the given identifiers.
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
	var public, tie, seq int64
	err := r.Scan(&e.n, &e.a, &e.b, &e.kind, &public, &e.stamp.at, &tie, &e.source, &e.message, &seq)
	e.public, e.stamp.tie, e.seq = public != 0, uint64(tie), uint64(seq)
	return e, err
}
