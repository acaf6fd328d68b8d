package identity

import (
	"context"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// mergeCommand makes one person of all that the event names.
func (s *Stage) mergeCommand(ctx context.Context, tx db.Tx, e *heed.Event, nodes []*node) error {
	nodes = slices.DeleteFunc(nodes, func(n *node) bool { return n.forgotten(e) })
	if e.Public || len(nodes) == 0 {
		e.Person = heed.ID{}
		return nil
	}
	for _, n := range nodes[1:] {
		if err := s.forceMerge(ctx, tx, e, nodes[0], n); err != nil {
			return err
		}
	}
	if nodes[0].person.IsZero() {
		s.begin(nodes[0], e)
	}
	e.Person = nodes[0].person
	return nil
}

// forceMerge joins two people because somebody with the right to says so. It takes back what was cut between them.
func (s *Stage) forceMerge(ctx context.Context, tx db.Tx, e *heed.Event, a, n *node) error {
	if n.better(a) {
		a, n = n, a
	}
	if !a.person.IsZero() && a.person == n.person {
		// Already one, but perhaps only on weaker evidence.
		s.record(a, n, kindMerge, e)
		return nil
	}
	s.record(a, n, kindMerge, e)
	s.touch(a)
	s.touch(n)
	nodes, edges, err := s.component(ctx, tx, a, n)
	if err != nil {
		return err
	}
	for p := range activeCuts(edges) {
		x, y := nodes[p[0]], nodes[p[1]]
		if x == nil || y == nil || !(x.person == a.person && y.person == n.person || x.person == n.person && y.person == a.person) {
			continue
		}
		s.record(x, y, kindUncut, e)
		edges = append(edges, s.edges[len(s.edges)-1])
		edges[len(edges)-1].n = 1 << 62 // after everything stored
	}
	return s.settle(ctx, tx, e, nodes, edges, nil)
}

// splitCommand cuts the identifiers that the event names off the person they belong to. They become one person again,
// apart from the rest: the one they were before a merge if they were, else a new one. The event's Person is who it was
// cut from, its Loser the person that came of it.
func (s *Stage) splitCommand(ctx context.Context, tx db.Tx, e *heed.Event, nodes []*node) error {
	e.Person, e.Loser = heed.ID{}, heed.ID{}
	nodes = slices.DeleteFunc(nodes, func(n *node) bool { return n.person.IsZero() })
	if e.Public || len(nodes) == 0 {
		return nil
	}
	person := nodes[0].person
	nodes = slices.DeleteFunc(nodes, func(n *node) bool { return n.person != person })
	g, err := s.group(ctx, tx, nodes[0])
	if err != nil {
		return err
	}
	e.Person = person
	var anchor *node
	for _, n := range g.nodes {
		if !slices.Contains(nodes, n) && (anchor == nil || n.better(anchor)) {
			anchor = n
		}
	}
	if anchor == nil {
		return nil // all of them: there is nothing to cut them from
	}
	before, evidence, err := s.component(ctx, tx, append(nodes, anchor)...)
	if err != nil {
		return err
	}
	stay := holds(before, evidence, nodes, anchor)
	users := 0
	for i, n := range nodes {
		for _, r := range stay {
			s.record(r, n, kindCut, e)
		}
		if n.id.Namespace == heed.UserID {
			users++
		}
		if i > 0 && users < 2 {
			s.record(nodes[0], n, kindMerge, e)
		}
	}
	all, edges, err := s.component(ctx, tx, append(nodes, anchor)...)
	if err != nil {
		return err
	}
	if err := s.settle(ctx, tx, e, all, edges, map[heed.ID]*node{person: anchor}); err != nil {
		return err
	}
	e.Loser = nodes[0].person
	return nil
}

// holds returns what of anchor's person hangs together with anchor without the nodes that are cut off. What was known
// through those only, goes with them.
func holds(nodes map[heed.ID]*node, edges []edge, without []*node, anchor *node) []*node {
	rest := map[heed.ID]*node{}
	for h, n := range nodes {
		if n.person == anchor.person && !slices.Contains(without, n) {
			rest[h] = n
		}
	}
	groups, _ := canon(rest, edges)
	for _, g := range groups {
		if slices.Contains(g.nodes, anchor) {
			return g.nodes
		}
	}
	return nil
}

// erase forgets everyone whom the event names. What remains are tombstones: hashes that say from when on an identifier
// may mean somebody again.
func (s *Stage) erase(ctx context.Context, tx db.Tx, e *heed.Event, nodes []*node) error {
	if e.Public {
		e.Person = heed.ID{}
		return nil
	}
	if err := s.flush(ctx, tx); err != nil {
		return err
	}
	people := []heed.ID{e.Person}
	if nodes != nil {
		people = people[:0]
	}
	doomed := slices.Clone(nodes)
	for _, n := range nodes {
		people = append(people, n.person)
	}
	people = slices.DeleteFunc(sortedHashes(people), heed.ID.IsZero)
	if err := s.members(ctx, tx, slices.Clone(people)); err != nil {
		return err
	}
	for _, p := range people {
		for _, n := range s.groups[p].nodes {
			if !slices.Contains(doomed, n) {
				doomed = append(doomed, n)
			}
		}
	}
	for _, n := range doomed {
		if err := s.forget(ctx, tx, n, e); err != nil {
			return err
		}
	}
	e.Person = heed.ID{}
	for _, p := range people {
		delete(s.groups, p)
		if _, err := tx.Exec(ctx, "identity.delete_aliases_of", p); err != nil {
			return err
		}
		s.merges = slices.DeleteFunc(s.merges, func(m merged) bool { return m.survivor == p })
		s.out = append(s.out, &heed.Event{
			Type: heed.PersonErased, Person: p, Timestamp: e.Timestamp, ReceivedAt: e.ReceivedAt,
			MessageID: e.MessageID, Source: e.Source, Partition: e.Partition, Seq: e.Seq, Index: e.Index,
		})
	}
	return nil
}

func (s *Stage) forget(ctx context.Context, tx db.Tx, n *node, e *heed.Event) error {
	for _, q := range [...]string{"identity.delete_node", "identity.delete_edges", "identity.delete_changes", "identity.delete_reviews"} {
		if _, err := tx.Exec(ctx, q, n.hash[:]); err != nil {
			return err
		}
	}
	n.gen++
	n.erased = max(n.erased, e.ReceivedAt)
	n.person, n.links, n.flags, n.stored, n.dirty, n.moved = heed.ID{}, nil, 0, false, false, false
	if _, err := tx.Exec(ctx, "identity.put_tombstone", n.hash[:], n.gen, n.erased, int64(e.Seq)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "identity.put_change", n.hash[:], []byte{}, n.erased)
	return err
}
