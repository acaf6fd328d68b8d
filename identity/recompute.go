package identity

import (
	"context"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// maxComponent bounds how much evidence is worked out again at once.
const maxComponent = 20000

// refuseQuickly deals with the common case of a person who has too many identifiers of one namespace already: evidence
// that is later than all that made the person can only be refused, and changes nothing else.
func (s *Stage) refuseQuickly(a, n *node, st stamp, e *heed.Event) bool {
	if a.flags&capped == 0 || len(n.links) > 1 || n.flags != 0 || len(a.links) == 0 {
		return false
	}
	horizon := a.links[0]
	if !horizon.to.IsZero() || !horizon.stamp.before(st) {
		return false
	}
	g, alone := s.groups[a.person], &group{}
	alone.add(n)
	if g == nil || may(g, alone, true) != full {
		return false
	}
	if own := s.groups[n.person]; !n.person.IsZero() && (own == nil || len(own.nodes) > 1) {
		return false
	}
	if n.person.IsZero() {
		s.begin(n, e)
	}
	n.flags |= contested
	a.flags += 1 << refusedShift
	s.part(a.hash, n.hash)
	s.touch(a)
	s.touch(n)
	return true
}

// component is all evidence that hangs together with the given nodes, followed or not, with its nodes.
func (s *Stage) component(ctx context.Context, tx db.Tx, from ...*node) (map[heed.ID]*node, []edge, error) {
	if err := s.flush(ctx, tx); err != nil { // so that the store has what this batch has seen
		return nil, nil, err
	}
	nodes, edges := map[heed.ID]*node{}, []edge(nil)
	seen := map[int64]bool{}
	fresh := slices.Clone(from)
	for _, n := range from {
		nodes[n.hash] = n
	}
	for len(fresh) > 0 {
		var frontier, near, people []heed.ID
		for _, n := range fresh {
			frontier, people = append(frontier, n.hash), append(people, n.person)
			n.evidence(func(e edge) { edges, near = append(edges, e), append(near, e.a) })
		}
		frontier = sortedHashes(frontier)
		err := edgesOf(ctx, tx, frontier, func(e edge) {
			if !seen[e.n] {
				seen[e.n] = true
				edges, near = append(edges, e), append(near, e.a, e.b)
			}
		})
		if err != nil {
			return nil, nil, err
		}
		err = apartFrom(ctx, tx, frontier, func(a, b heed.ID) {
			s.apart[pair{a, b}] = true
			near = append(near, b)
		})
		if err != nil {
			return nil, nil, err
		}
		if len(edges) > maxComponent {
			return nil, nil, ErrTooWide
		}
		people = slices.DeleteFunc(sortedHashes(people), heed.ID.IsZero)
		if err := s.members(ctx, tx, slices.Clone(people)); err != nil {
			return nil, nil, err
		}
		for _, p := range people {
			for _, n := range s.groups[p].nodes {
				near = append(near, n.hash)
			}
		}
		if fresh, err = s.meet(ctx, tx, nodes, sortedHashes(near)); err != nil {
			return nil, nil, err
		}
	}
	return nodes, edges, nil
}

// meet adds the nodes of the given hashes to those met before and returns the new ones.
func (s *Stage) meet(ctx context.Context, tx db.Tx, met map[heed.ID]*node, hashes []heed.ID) (fresh []*node, err error) {
	hashes = slices.DeleteFunc(hashes, func(h heed.ID) bool { return met[h] != nil })
	if err := s.lookup(ctx, tx, slices.DeleteFunc(slices.Clone(hashes), func(h heed.ID) bool { return s.nodes[h] != nil })); err != nil {
		return nil, err
	}
	for _, h := range hashes {
		if n := s.nodes[h]; n != nil { // nil: erased
			met[h] = n
			fresh = append(fresh, n)
		}
	}
	return fresh, nil
}

// recompute works out again who is who among everything that hangs together with a and n.
func (s *Stage) recompute(ctx context.Context, tx db.Tx, e *heed.Event, from ...*node) error {
	nodes, edges, err := s.component(ctx, tx, from...)
	if err == ErrTooWide {
		s.log.Warn(err.Error(), "identifier", from[0].id.Namespace)
		for _, n := range from {
			if n.person.IsZero() {
				s.begin(n, e)
			}
			n.flags |= contested
			s.touch(n)
		}
		for _, n := range from {
			s.partLinks(n)
		}
		return nil
	}
	if err != nil {
		return err
	}
	return s.settle(ctx, tx, e, nodes, edges, nil)
}

// settle gives every group of the component its person, and says what has changed. keep names the nodes whose group
// keeps a person's id when it falls apart; otherwise it is the best of the person's nodes.
func (s *Stage) settle(ctx context.Context, tx db.Tx, e *heed.Event, nodes map[heed.ID]*node, edges []edge, keep map[heed.ID]*node) error {
	groups, refused := canon(nodes, edges)
	was := map[heed.ID]*group{} // who was who
	heir := map[heed.ID]*node{}
	for _, g := range groups {
		for _, n := range g.nodes {
			if n.person.IsZero() {
				continue
			}
			if was[n.person] == nil {
				was[n.person] = &group{}
			}
			was[n.person].add(n)
			if h := heir[n.person]; h == nil || n.better(h) {
				heir[n.person] = n
			}
		}
	}
	for p, n := range keep {
		heir[p] = n
	}
	for p := range was {
		delete(s.groups, p)
	}
	for _, g := range groups {
		var survivor heed.ID
		var losers []heed.ID
		for p, h := range heir {
			if !slices.Contains(g.nodes, h) {
				continue
			}
			switch {
			case survivor.IsZero():
				survivor = p
			case survives(p, was[p], survivor, was[survivor]):
				losers = append(losers, survivor)
				survivor = p
			default:
				losers = append(losers, p)
			}
		}
		if survivor.IsZero() {
			var err error
			if survivor, err = s.splitOff(ctx, tx, e, g.nodes[0], keep != nil); err != nil {
				return err
			}
		}
		for _, l := range sortedHashes(losers) {
			s.merged(survivor, l, heir[l], e)
		}
		for _, n := range g.nodes {
			s.move(n, survivor)
		}
		s.groups[survivor] = g
	}
	for _, n := range nodes {
		s.partLinks(n)
	}
	return s.flag(ctx, tx, e, groups, edges, refused)
}

// splitOff names the person of a group that nobody's id went to.
func (s *Stage) splitOff(ctx context.Context, tx db.Tx, e *heed.Event, best *node, restore bool) (heed.ID, error) {
	if best.person.IsZero() {
		return best.newPerson(e.ReceivedAt), nil
	}
	if restore { // a merge is undone: the person gets the old id back
		for i, m := range s.merges {
			if m.survivor == best.person && m.best == best.hash {
				s.merges = slices.Delete(s.merges, i, i+1)
				return m.loser, nil
			}
		}
		var old heed.ID
		err := tx.QueryRow(ctx, "identity.was", best.person, best.hash).Scan(&old)
		if err == nil {
			_, err = tx.Exec(ctx, "identity.delete_alias", old)
			return old, err
		}
		if err != db.ErrNoRows {
			return old, err
		}
	}
	return best.splitPerson(e.ReceivedAt, best.person), nil
}

// flag marks what was refused, and asks a human where one should look.
func (s *Stage) flag(ctx context.Context, tx db.Tx, e *heed.Event, groups []*group, edges []edge, refused []refusal) error {
	flags := map[*node]int64{}
	for _, r := range refused {
		a, b := s.nodes[r.a], s.nodes[r.b]
		flags[a] += 1 << refusedShift
		switch {
		case r.why == full:
			flags[a] |= capped
		case (r.why == twoUsers || r.why == twoKnown) && !b.anon:
			flags[b] |= sharedID
		}
	}
	users := map[*node]map[heed.ID]bool{}
	for _, x := range edges {
		a, b := s.nodes[x.a], s.nodes[x.b]
		if x.kind != kindLink || a == nil || b == nil || !b.anon || a.id.Namespace != heed.UserID {
			continue
		}
		if users[b] == nil {
			users[b] = map[heed.ID]bool{}
		}
		if users[b][a.hash] = true; len(users[b]) > shared {
			flags[b] |= kiosk
		}
	}
	all := int64(0)
	if len(refused) > 0 || len(activeCuts(edges)) > 0 {
		all = contested
	}
	horizon := stamp{}
	for _, x := range edges {
		if horizon.before(x.stamp) {
			horizon = x.stamp
		}
	}
	for _, g := range groups {
		for _, n := range g.nodes {
			now := flags[n] | all
			if now&capped != 0 {
				setHorizon(n, horizon)
				s.touch(n)
			}
			if now == n.flags {
				continue
			}
			if err := s.reviewFlags(ctx, tx, n, n.flags, now, e); err != nil {
				return err
			}
			n.flags = now
			s.touch(n)
		}
	}
	return nil
}

// setHorizon notes the latest evidence about a capped person on the node, as a link to nobody.
func setHorizon(n *node, st stamp) {
	h := link{stamp: st}
	if len(n.links) > 0 && n.links[0].to.IsZero() {
		n.links[0] = h
		return
	}
	n.links = slices.Insert(n.links, 0, h)
}
