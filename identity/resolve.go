package identity

import (
	"context"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// resolve sets the person of the i-th event and takes in what the event says about identifiers.
func (s *Stage) resolve(ctx context.Context, tx db.Tx, i int, e *heed.Event) error {
	if e.Type.Derived() {
		return nil
	}
	if id, ok := s.config.preset(e); ok && e.Type != heed.MergePeople && e.Type != heed.SplitPerson {
		e.Person = s.now(s.presets[id])
		if e.Type == heed.ErasePerson && !e.Person.IsZero() {
			return s.erase(ctx, tx, e, nil)
		}
		return nil
	}
	nodes := s.nodesAt(i)
	switch e.Type {
	case heed.MergePeople:
		return s.mergeCommand(ctx, tx, e, slices.Clone(nodes))
	case heed.SplitPerson:
		return s.splitCommand(ctx, tx, e, slices.Clone(nodes))
	case heed.ErasePerson:
		return s.erase(ctx, tx, e, slices.Clone(nodes))
	}
	if len(nodes) == 0 {
		if e.UserID != "" || e.AnonymousID != "" || len(e.IDs) > 0 {
			e.Person = heed.ID{} // it named somebody, but with blocked values only
		}
		return nil
	}
	if nodes[0].forgotten(e) {
		e.Person = heed.ID{}
		return nil
	}
	for _, n := range nodes[1:] {
		if n.forgotten(e) {
			continue
		}
		if err := s.seenTogether(ctx, tx, nodes[0], n, e); err != nil {
			return err
		}
	}
	if e.Type == heed.Alias {
		if err := s.alias(ctx, tx, e, nodes[0]); err != nil {
			return err
		}
	}
	if nodes[0].person.IsZero() {
		s.begin(nodes[0], e)
	}
	e.Person = nodes[0].person
	return nil
}

// now follows a person through the merges of this batch.
func (s *Stage) now(id heed.ID) heed.ID {
	for _, m := range s.merges {
		if m.loser == id {
			id = m.survivor
		}
	}
	return id
}

// forgotten says whether the event is older than the erasure of the identifier's person.
func (n *node) forgotten(e *heed.Event) bool { return n.erased > 0 && e.ReceivedAt <= n.erased }

// begin makes a new person of one identifier.
func (s *Stage) begin(n *node, e *heed.Event) {
	id := n.newPerson(e.ReceivedAt)
	s.move(n, id)
	g := &group{}
	g.add(n)
	s.groups[id] = g
}

func (s *Stage) touch(n *node) {
	n.dirty = true
	if !n.listed {
		n.listed = true
		s.changed = append(s.changed, n)
	}
}

func (s *Stage) move(n *node, person heed.ID) {
	if n.person != person {
		n.person, n.moved = person, true
		s.touch(n)
	}
}

// seenTogether takes in that a and n came in one event; a is the better one.
func (s *Stage) seenTogether(ctx context.Context, tx db.Tx, a, n *node, e *heed.Event) error {
	st := stampOf(e)
	l := n.find(a.hash, e.Public)
	if l != nil && !st.before(l.stamp) {
		return nil // known, the usual case
	}
	if s.tooMany(a, n, l, st) {
		return nil
	}
	if l != nil {
		l.stamp, l.source = st, s.sources[e.Source]
	} else {
		n.links = append(n.links, link{to: a.hash, public: e.Public, source: s.sources[e.Source], stamp: st})
	}
	s.touch(n)
	weak := e.Public || a.anon || n.anon
	if (a.flags|n.flags)&contested == 0 {
		if !a.person.IsZero() && a.person == n.person {
			return nil
		}
		ga, err := s.group(ctx, tx, a)
		if err != nil {
			return err
		}
		gn, err := s.group(ctx, tx, n)
		if err != nil {
			return err
		}
		if may(ga, gn, weak) == fine {
			s.join(a, n, ga, gn, e)
			return nil
		}
	} else if s.refuseQuickly(a, n, st, e) {
		return nil
	}
	return s.recompute(ctx, tx, e, a, n)
}

// record notes what somebody said by hand.
func (s *Stage) record(a, b *node, kind string, e *heed.Event) {
	st := stampOf(e)
	if kind == kindCut || kind == kindUncut {
		st.at = e.ReceivedAt // commands hold in the order in which they were given
	}
	s.edges = append(s.edges, edge{
		a: a.hash, b: b.hash, kind: kind, stamp: st,
		source: e.Source, message: e.MessageID, seq: e.Seq,
	})
}

// group is everything that belongs to the node's person; the node alone when it has none yet.
func (s *Stage) group(ctx context.Context, tx db.Tx, n *node) (*group, error) {
	if n.person.IsZero() {
		g := &group{}
		g.add(n)
		return g, nil
	}
	if g := s.groups[n.person]; g != nil {
		return g, nil
	}
	err := s.members(ctx, tx, []heed.ID{n.person})
	return s.groups[n.person], err
}

// join makes one person of two groups that nothing keeps apart.
func (s *Stage) join(a, n *node, ga, gn *group, e *heed.Event) {
	switch {
	case a.person.IsZero() && n.person.IsZero():
		s.begin(a, e)
		s.move(n, a.person)
		s.groups[a.person].add(n)
	case n.person.IsZero():
		s.move(n, a.person)
		ga.add(n)
	case a.person.IsZero():
		s.move(a, n.person)
		gn.add(a)
	default:
		survivor, loser, gs, gl := a.person, n.person, ga, gn
		if survives(loser, gl, survivor, gs) {
			survivor, loser, gs, gl = loser, survivor, gl, gs
		}
		best := gl.nodes[0]
		for _, m := range gl.nodes {
			if m.better(best) {
				best = m
			}
			s.move(m, survivor)
		}
		gs.absorb(gl)
		delete(s.groups, loser)
		s.merged(survivor, loser, best, e)
	}
}

// survives is the rule of who remains: known beats anonymous, then the smaller, older id.
func survives(p heed.ID, gp *group, q heed.ID, gq *group) bool {
	if gp.known != gq.known {
		return gp.known
	}
	return string(p[:]) < string(q[:])
}

// merged announces that loser has become survivor, before the event that caused it.
func (s *Stage) merged(survivor, loser heed.ID, best *node, e *heed.Event) {
	s.merges = append(s.merges, merged{survivor, loser, best.hash, e.ReceivedAt})
	s.out = append(s.out, &heed.Event{
		Type: heed.PeopleMerged, Person: survivor, Loser: loser, Timestamp: e.Timestamp, ReceivedAt: e.ReceivedAt,
		MessageID: e.MessageID, Source: e.Source, Partition: e.Partition, Seq: e.Seq, Index: e.Index,
	})
}

// tooMany keeps the evidence of kiosks and shared mailboxes bounded: what could only be refused is not stored.
func (s *Stage) tooMany(a, n *node, l *link, st stamp) bool {
	if l != nil {
		return false
	}
	if len(n.links) >= maxLinks && (len(n.links) >= 2*maxLinks || n.links[len(n.links)-1].stamp.before(st)) {
		return true
	}
	return a.flags&capped != 0 && a.flags>>refusedShift >= int64(max(4*n.limit, 64)) && len(n.links) == 0
}

// alias takes in that previousId and the event's own id are one. From a public key that can only be somebody we do not
// know yet; from a server key it may be two known people, and can be undone.
func (s *Stage) alias(ctx context.Context, tx db.Tx, e *heed.Event, a *node) error {
	if n := s.raw[heed.Identifier{Namespace: heed.AnonymousID, Value: e.PreviousID}]; n != nil && n != a && !n.forgotten(e) {
		if err := s.seenTogether(ctx, tx, a, n, e); err != nil {
			return err
		}
	}
	n := s.raw[heed.Identifier{Namespace: heed.UserID, Value: e.PreviousID}]
	if n == nil || n == a || n.forgotten(e) {
		return nil
	}
	if e.Public {
		if !n.person.IsZero() && n.person != a.person {
			return s.review(ctx, tx, reviewAlias, n, e)
		}
		return nil
	}
	return s.forceMerge(ctx, tx, e, a, n)
}
