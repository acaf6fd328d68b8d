package broadcast

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/stream"
)

// merges is what becomes, in one batch, of the turns of people who become one: they have one turn together. Where both
// wait, or one of them has had theirs, the other's is given up.
type merges struct {
	rows     map[heed.ID]map[string]*place // whose they are by now; by broadcast
	promised map[string]bool               // broadcasts that have put off the turn of one of them
	closed   map[heed.ID]bool              // messages of which the ledger is told that they do not come
	losers   []heed.ID
	given    []*place // given up
	moved    []*place // in the order of their first move
}

// place is somebody's row in a broadcast.
type place struct {
	broadcast string
	of        heed.ID // whose it is in the table
	to        heed.ID // whose it becomes
	waits     bool
	promised  bool // it waits, and the ledger says until when
	gone      bool
}

// mergesOf reads where those whom the batch merges stand. Their rows do not change meanwhile: the batch holds the people.
func mergesOf(ctx context.Context, tx db.Tx, b *stream.Batch) (merges, error) {
	m := merges{rows: map[heed.ID]map[string]*place{}, promised: map[string]bool{}, closed: map[heed.ID]bool{}}
	var ids []heed.ID
	for _, e := range b.Events {
		if e.Type == heed.PeopleMerged && !b.Rebuild {
			ids = append(ids, e.Loser, e.Person)
		}
	}
	if len(ids) == 0 {
		return m, nil
	}
	rows, err := tx.Query(ctx, "broadcast.of_people", db.JSON(ids))
	places, err := all(func(r db.Row) (*place, error) {
		p := &place{}
		var state, outcome string
		err := r.Scan(&p.broadcast, &p.of, &state, &outcome)
		p.to, p.waits, p.promised = p.of, state == Waiting, state == Waiting && outcome == string(heed.Hold)
		return p, err
	})(rows, err)
	for _, p := range places {
		if m.rows[p.of] == nil {
			m.rows[p.of] = map[string]*place{}
		}
		m.rows[p.of][p.broadcast] = p
		if p.promised {
			m.promised[p.broadcast] = true
		}
	}
	return m, err
}

// merge gives the survivor the turns of the loser. A turn that was put off and is given up, or goes to somebody for whom
// it is another message, ends in the ledger.
func (s *Stage) merge(b *stream.Batch, e *heed.Event) {
	m := &s.merges
	m.losers = append(m.losers, e.Loser)
	mine := m.rows[e.Person]
	for name, theirs := range m.rows[e.Loser] {
		my := mine[name]
		switch {
		case my == nil || my.waits && !theirs.waits:
			if my != nil {
				s.giveUp(b, e, my)
			}
			s.close(b, e, theirs)
			if theirs.to == theirs.of {
				m.moved = append(m.moved, theirs)
			}
			theirs.to = e.Person
			if mine == nil {
				mine = map[string]*place{}
				m.rows[e.Person] = mine
			}
			mine[name] = theirs
		case theirs.waits:
			s.giveUp(b, e, theirs)
		} // else both have had theirs
	}
	delete(m.rows, e.Loser)
}

func (s *Stage) giveUp(b *stream.Batch, e *heed.Event, p *place) {
	s.close(b, e, p)
	p.gone = true
	s.merges.given = append(s.merges.given, p)
}

// close tells the ledger, of somebody who is the survivor now, that the message that was promised does not come.
func (s *Stage) close(b *stream.Batch, e *heed.Event, p *place) {
	x := s.plans[p.broadcast]
	if !p.promised || x == nil || x.plan == nil {
		return
	}
	end := x.plan.told(x.run, p.to, became, b.Now)
	end.Person = e.Person
	if b.Emit(end) {
		p.promised = false
		s.merges.closed[end.Ref] = true
	}
}

func (m *merges) flush(ctx context.Context, tx db.Tx) error {
	err := tx.ExecEach(ctx, "broadcast.give_up", len(m.given), func(i int) []any { return []any{m.given[i].broadcast, m.given[i].of} })
	if err != nil {
		return err
	}
	return tx.ExecEach(ctx, "broadcast.move", len(m.moved), func(i int) []any {
		return []any{m.moved[i].broadcast, m.moved[i].of, m.moved[i].to}
	})
}
