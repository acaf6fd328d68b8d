package journey

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/stream"
)

// loadSplits reads the runs of people from whom somebody is cut off in this batch. The documents go back to before the
// merge; the rows know what has become of the runs since.
func (c *changes) loadSplits(ctx context.Context, q db.Querier, b *stream.Batch) error {
	for _, e := range b.Events {
		if e.Type != heed.SplitPerson || e.Loser.IsZero() {
			continue
		}
		before, limit := page(heed.ID{}, MaxPage)
		rows, err := readRows(q.Query(ctx, "journey.runs_of", e.Person, before, limit))
		if err != nil {
			return err
		}
		if c.split == nil {
			c.split = map[heed.ID]Row{}
		}
		for _, r := range rows {
			c.split[r.ID] = r
		}
	}
	return nil
}

// restore puts the runs of somebody who was cut off again in order: what has gone on since the merge does not happen
// twice, what the merge ended goes on.
func (s *work) restore(b *stream.Batch, p *heed.Person, e *heed.Event) {
	l := b.People[e.Loser]
	if l == nil || l == p {
		return
	}
	kept := l.Runs[:0:0]
	for i := range l.Runs {
		r := l.Runs[i]
		row, ok := s.changes.split[r.ID]
		switch {
		case !ok: // merged and split within this batch, or never written: as it was
		case row.State == StateEnded && row.Reason != reasonMerged:
			s.remember(l, s.latest[r.Journey], &r, b.Now)
			s.changes.keep(l.ID, row)
			continue
		default:
			if row.State != StateEnded {
				r.Node, r.Version, r.Since, r.Due, r.Goal = row.Node, row.Version, row.Since, row.Due, row.Goal
				r.Steps, r.Paused = row.Steps, row.State == StatePaused
			}
			s.again(b, p, l, &r)
		}
		s.changes.save(l.ID, &r)
		kept = append(kept, r)
	}
	l.Runs, l.Dirty = kept, true
	l.WakeBy(b.Now)
}

// again makes a run that waits for the decision on a message want it anew: the one it waited for belongs to the person
// whom it was cut from, and is taken back.
func (s *work) again(b *stream.Batch, p, l *heed.Person, r *heed.Run) {
	pl := s.latest[r.Journey]
	if pl != nil && pl.version != r.Version {
		pl = s.oldVersion(r.Journey, r.Version)
	}
	waits := !r.Message.IsZero()
	if pl != nil && pl.byID[r.Node] != nil {
		_, waits = pl.byID[r.Node].node.(*message)
	}
	if !waits {
		r.Message = heed.ID{}
		return
	}
	if !b.Emit(&heed.Event{Type: heed.MessageWithdrawn, Person: p.ID, Ref: r.ID, Name: r.Journey}) {
		s.log.Error("no room to take back the messages of a run that was cut off", "journey", r.Journey, "run", r.ID, "person", l.ID)
	}
	r.Since, r.Due, r.Message = 0, b.Now, heed.ID{}
}
