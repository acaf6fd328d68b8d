package journey

import (
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/stream"
)

// merge puts the runs of two people who became one in order. Profile has merged the documents; of two runs of the same
// journey and key one survives, the other is taken back.
func (s *work) merge(b *stream.Batch, p *heed.Person, e *heed.Event) {
	keepOne(p)
	kept := map[heed.ID]bool{}
	for i := range p.Runs {
		r := &p.Runs[i]
		kept[r.ID] = true
		s.changes.save(p.ID, r)
	}
	for _, r := range append(s.changes.of(e.Person), s.changes.of(e.Loser)...) {
		if kept[r.ID] {
			continue
		}
		x := step{s: s, b: b, p: p, e: e, run: &r, now: b.Now}
		if !x.withdraw() {
			s.log.Error("no room to take back the messages of a merged run", "journey", r.Journey, "run", r.ID)
		}
		s.record(&x, "ended", reasonMerged)
		s.changes.end(p.ID, &r, reasonMerged, b.Now)
	}
	s.changes.moved = append(s.changes.moved, moved{from: e.Loser, to: e.Person})
}

// keepOne leaves one run per journey and key: the one that was entered first, because it has come furthest.
func keepOne(p *heed.Person) {
	best := map[string]int{}
	drop := map[int]bool{}
	for i := range p.Runs {
		k := pastKey(p.Runs[i].Journey, p.Runs[i].Key)
		j, twice := best[k]
		if !twice {
			best[k] = i
			continue
		}
		a, z := &p.Runs[j], &p.Runs[i]
		if z.Entered < a.Entered || z.Entered == a.Entered && slices.Compare(z.ID[:], a.ID[:]) < 0 {
			best[k], drop[j] = i, true
		} else {
			drop[i] = true
		}
	}
	if len(drop) == 0 {
		return
	}
	runs := p.Runs[:0:0]
	for i, r := range p.Runs {
		if !drop[i] {
			runs = append(runs, r)
		}
	}
	p.Runs, p.Dirty = runs, true
}

// erase forgets a person.
func (s *work) erase(p *heed.Person, id heed.ID) {
	if p != nil {
		p.Runs, p.Past, p.Timers = nil, nil, nil
	}
	for run, row := range s.changes.rows {
		if row.person == id {
			delete(s.changes.rows, run)
		}
	}
	s.changes.erased = append(s.changes.erased, id)
}
