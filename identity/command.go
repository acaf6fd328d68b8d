package identity

import (
	"bytes"
	"context"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// mergeCommand makes one person of all that the event names.
func (s *Stage) mergeCommand(ctx context.Context, tx db.Tx, e *heed.Event, nodes []*node) error {
	nodes = slices.DeleteFunc(nodes, func(n *node) bool { return n.forgotten(e) })
	for _, id := range appendPresets(nil, e) {
		n, err := s.standsFor(ctx, tx, s.now(s.presets[id]))
		if err != nil {
			return err
		}
		if n != nil {
			nodes = append(nodes, n)
		}
	}
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

// standsFor is the best identifier of a person, nil when there is no such person.
func (s *Stage) standsFor(ctx context.Context, tx db.Tx, person heed.ID) (best *node, err error) {
	if person.IsZero() {
		return nil, nil
	}
	if err := s.members(ctx, tx, []heed.ID{person}); err != nil {
		return nil, err
	}
	for _, n := range s.groups[person].nodes {
		if best == nil || n.better(best) {
			best = n
		}
	}
	return best, nil
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
// apart from the rest: the one they were before a merge if they were, else a new one. Where it is the rest that a merge
// has brought here, the rest becomes who it was, and the named ones stay: a memory goes with whom it is of, whichever side
// is named. The event's Person is who it was cut from, its Loser the person that came of it.
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
	stay, along := part(before, evidence, nodes, anchor)
	for _, x := range evidence { // what goes along must not be pulled back by what joined it to the rest
		a, b := before[x.a], before[x.b]
		if x.kind == kindMerge && (slices.Contains(stay, a) && slices.Contains(along, b) || slices.Contains(stay, b) && slices.Contains(along, a)) {
			s.record(a, b, kindCut, e)
		}
	}
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
	keeps, leaves := anchor, nodes[0]
	back, err := s.onlyMerge(ctx, tx, person, anchor)
	if err != nil {
		return err
	}
	if back {
		keeps, leaves = nodes[0], anchor
	}
	if err := s.settle(ctx, tx, e, all, edges, map[heed.ID]*node{person: keeps}); err != nil {
		return err
	}
	e.Loser = leaves.person
	return nil
}

// onlyMerge says whether one merge alone has made a person what they are, and best stood for whom it brought.
func (s *Stage) onlyMerge(ctx context.Context, tx db.Tx, person heed.ID, best *node) (bool, error) {
	count, its := 0, false
	for _, m := range s.merges {
		if m.survivor == person {
			count, its = count+1, its || m.best == best.hash
		}
	}
	rows, err := tx.Query(ctx, "identity.merges_into", person)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	for rows.Next() {
		var by heed.ID
		if err := rows.Scan(&by); err != nil {
			return false, err
		}
		count, its = count+1, its || by == best.hash
	}
	return count == 1 && its, rows.Err()
}

// part says what of anchor's person stays and what goes with the identifiers that are cut off. Whatever hangs together
// with the anchor by links, without them, stays; what hangs together with them by links goes along; what only a merge
// by hand had added stays.
func part(nodes map[heed.ID]*node, edges []edge, off []*node, anchor *node) (stay, along []*node) {
	links := slices.DeleteFunc(slices.Clone(edges), func(e edge) bool { return e.kind == kindMerge })
	rest, others := map[heed.ID]*node{}, map[heed.ID]*node{}
	for h, n := range nodes {
		if n.person != anchor.person {
			continue
		}
		others[h] = n
		if !slices.Contains(off, n) {
			rest[h] = n
		}
	}
	groups, _ := canon(rest, links)
	for _, g := range groups {
		if slices.Contains(g.nodes, anchor) {
			for _, n := range g.nodes {
				delete(others, n.hash)
			}
		}
	}
	groups, _ = canon(others, links)
	for _, g := range groups {
		if slices.ContainsFunc(off, func(n *node) bool { return slices.Contains(g.nodes, n) }) {
			along = append(along, g.nodes...)
		}
	}
	for _, n := range rest {
		if !slices.Contains(along, n) {
			stay = append(stay, n)
		}
	}
	slices.SortFunc(stay, func(a, b *node) int { return bytes.Compare(a.hash[:], b.hash[:]) })
	return stay, slices.DeleteFunc(along, func(n *node) bool { return slices.Contains(off, n) })
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
	around, err := s.around(ctx, tx, doomed)
	if err != nil {
		return err
	}
	for _, n := range doomed {
		if err := s.forget(ctx, tx, n, e); err != nil {
			return err
		}
	}
	for _, n := range around { // what only contradicted the one who is gone is no contradiction any more
		if err := s.recompute(ctx, tx, e, n); err != nil {
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

// around returns the identifiers of others about which there is evidence together with the given ones.
func (s *Stage) around(ctx context.Context, tx db.Tx, doomed []*node) ([]*node, error) {
	var own, others []heed.ID
	for _, n := range doomed {
		own = append(own, n.hash)
	}
	note := func(h heed.ID) {
		if !slices.Contains(own, h) {
			others = append(others, h)
		}
	}
	for _, n := range doomed {
		n.evidence(func(e edge) { note(e.a) })
	}
	own = sortedHashes(own)
	if err := edgesOf(ctx, tx, own, func(e edge) { note(e.a); note(e.b) }); err != nil {
		return nil, err
	}
	if err := apartFrom(ctx, tx, own, func(_, other heed.ID) { note(other) }); err != nil {
		return nil, err
	}
	others = sortedHashes(others)
	if err := s.lookup(ctx, tx, slices.DeleteFunc(slices.Clone(others), func(h heed.ID) bool { return s.nodes[h] != nil })); err != nil {
		return nil, err
	}
	var out []*node
	for _, h := range others {
		if n := s.nodes[h]; n != nil && !n.person.IsZero() {
			n.links = slices.DeleteFunc(n.links, func(l link) bool { return slices.Contains(own, l.to) })
			s.touch(n)
			out = append(out, n)
		}
	}
	return out, nil
}

func (s *Stage) forget(ctx context.Context, tx db.Tx, n *node, e *heed.Event) error {
	for _, q := range [...]string{"identity.delete_node", "identity.delete_edges", "identity.delete_reviews"} {
		if _, err := tx.Exec(ctx, q, n.hash[:]); err != nil {
			return err
		}
	}
	err := tx.ExecEach(ctx, "identity.delete_apart", len(n.links)+1, func(i int) []any {
		if i == len(n.links) {
			return []any{n.hash[:], n.hash[:]}
		}
		return []any{n.hash[:], n.links[i].to[:]}
	})
	if err != nil {
		return err
	}
	n.gen++
	n.erased = max(n.erased, e.ReceivedAt)
	n.person, n.links, n.flags, n.stored, n.dirty, n.moved = heed.ID{}, nil, 0, false, false, false
	if _, err := tx.Exec(ctx, "identity.put_tombstone", n.hash[:], n.gen, n.erased, int64(e.Seq)); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "identity.put_changes", n.hash[:], []byte{}, n.erased)
	return err
}
