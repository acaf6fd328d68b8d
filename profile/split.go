package profile

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/stream"
)

// mergeRow is a merge that can be undone.
type mergeRow struct {
	loser, survivor       heed.ID
	at                    heed.Time
	loserDoc, survivorDoc string
}

// loadUndo loads the snapshots that the batch's splits may need.
func (s *Stage) loadUndo(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	for _, e := range b.Events {
		if e.Type != heed.SplitPerson || e.Loser.IsZero() {
			continue
		}
		m := mergeRow{loser: e.Loser}
		err := tx.QueryRow(ctx, "profile.merge_of", e.Loser).Scan(&m.at, &m.survivor, &m.loserDoc, &m.survivorDoc)
		if err == nil {
			s.undo = append(s.undo, m)
		} else if err != db.ErrNoRows {
			return err
		}
	}
	return nil
}

// split gives the person who was cut off (e.Loser) the memory from before the merge that is undone, and takes it out of
// the memory of the person they were cut from. What has happened since the merge stays with the survivor.
func (s *Stage) split(b *stream.Batch, p *heed.Person, e *heed.Event) {
	l := b.People[e.Loser]
	if l == nil || l == p {
		return
	}
	for _, list := range [][]mergeRow{s.merges, s.undo} {
		for i := len(list) - 1; i >= 0; i-- {
			m := &list[i]
			if m.loser != e.Loser {
				continue
			}
			var was, lost heed.Person
			err := s.codec.decode(m.survivorDoc, &was)
			if err == nil {
				err = s.codec.decode(m.loserDoc, &lost)
			}
			if err != nil {
				s.log.Error("a merge could not be undone in memory", "person", p.ID, "error", err)
				return
			}
			id, rev := l.ID, l.Rev
			*l = lost
			l.ID, l.Rev, l.Dirty = id, rev, true
			l.WakeBy(earliestDue(l))
			takeOut(p, &was, &lost)
			s.seek(p)
			s.seek(l)
			for _, h := range lost.Orders.Recent {
				if !slices.Contains(was.Orders.Recent, h) {
					s.given = append(s.given, given{p.ID, l.ID, h})
				}
			}
			return
		}
	}
	// They were never two people before: the new one begins with an empty memory.
	l.Dirty = true
	l.FirstSeen, l.LastSeen = e.Timestamp, e.Timestamp
}

// earliestDue is when a restored person must be looked at: at once if anything was waiting.
func earliestDue(p *heed.Person) heed.Time {
	if len(p.Runs)+len(p.Pending)+len(p.Segments)+len(p.Timers) > 0 {
		return 1
	}
	return 0
}

// takeOut removes from p what came from lost when was and lost became p, as far as it is still as it came.
func takeOut(p, was, lost *heed.Person) {
	p.Dirty = true
	takeMap(p.Traits, was.Traits, lost.Traits)
	takeMap(p.Consents, was.Consents, lost.Consents)
	takeMap(p.Blocked, was.Blocked, lost.Blocked)
	takeMap(p.Segments, was.Segments, lost.Segments)
	takeMap(p.Timers, was.Timers, lost.Timers)
	takeMap(p.Gone, was.Gone, lost.Gone)
	p.Head = takeList(p.Head, was.Head, lost.Head)
	p.Contacts = takeList(p.Contacts, was.Contacts, lost.Contacts)
	p.Pending = takeList(p.Pending, was.Pending, lost.Pending)
	p.Cases = takeList(p.Cases, was.Cases, lost.Cases)
	p.Moments = takeList(p.Moments, was.Moments, lost.Moments)
	p.Promises = takeList(p.Promises, was.Promises, lost.Promises)
	p.Runs = slices.DeleteFunc(p.Runs, func(r heed.Run) bool {
		same := func(x heed.Run) bool { return x.ID == r.ID }
		return slices.ContainsFunc(lost.Runs, same) && !slices.ContainsFunc(was.Runs, same)
	})
	for k, r := range lost.Past {
		mine := p.Past[k]
		if mine.N -= r.N; mine.N > 0 {
			p.Past[k] = mine
		} else {
			delete(p.Past, k)
		}
	}
	p.Orders.Count -= lost.Orders.Count
	for _, h := range lost.Orders.Recent {
		if slices.Contains(was.Orders.Recent, h) {
			p.Orders.Count++ // both had it, so the merge counted it once
		}
	}
	p.Orders.Revenue = money(p.Orders.Revenue - lost.Orders.Revenue)
	p.Orders.Recent = takeList(p.Orders.Recent, was.Orders.Recent, lost.Orders.Recent)
	if p.Orders.First == lost.Orders.First {
		p.Orders.First = was.Orders.First
	}
	if p.Orders.Last == lost.Orders.Last {
		p.Orders.Last = was.Orders.Last
	}
	if p.FirstSeen == lost.FirstSeen {
		p.FirstSeen = was.FirstSeen
	}
	if p.Known == lost.Known {
		p.Known = was.Known
	}
	takeCounters(p, was, lost)
	takePreferences(&p.Preferences, &was.Preferences, &lost.Preferences)
	if due := earliestDue(p); due > 0 {
		p.WakeBy(due) // every stage looks again
	}
}

// takeMap gives back what was there where the value is the one that was lost.
func takeMap[V comparable](p, was, lost map[string]V) {
	for k, v := range lost {
		if p[k] != v {
			continue
		}
		if old, had := was[k]; had {
			p[k] = old
		} else {
			delete(p, k)
		}
	}
}

func takeList[V comparable](p, was, lost []V) []V {
	return slices.DeleteFunc(p, func(v V) bool { return slices.Contains(lost, v) && !slices.Contains(was, v) })
}

func takeCounters(p, was, lost *heed.Person) {
	for k, c := range lost.Counters {
		mine := p.Counters[k]
		if mine == nil {
			continue
		}
		before := was.Counters[k]
		if mine.N -= c.N; mine.N <= 0 {
			delete(p.Counters, k)
			continue
		}
		mine.Recent = slices.DeleteFunc(mine.Recent, func(t heed.Time) bool {
			return slices.Contains(c.Recent, t) && (before == nil || !slices.Contains(before.Recent, t))
		})
		if before != nil {
			if mine.First == c.First {
				mine.First = before.First
			}
			if mine.Last == c.Last {
				mine.Last = before.Last
			}
		} else if n := len(mine.Recent); n > 0 {
			mine.First, mine.Last = mine.Recent[n-1], mine.Recent[0]
		}
	}
}

func takePreferences(p, was, lost *heed.Preferences) {
	if maps.Equal(p.Said, lost.Said) && !maps.Equal(was.Said, lost.Said) || p.ZoneSeen == lost.ZoneSeen && p.Zone == lost.Zone {
		p.Zone, p.ZoneSeen = was.Zone, was.ZoneSeen
	}
	if p.LocaleSeen == lost.LocaleSeen && p.Locale == lost.Locale {
		p.Locale, p.LocaleSeen = was.Locale, was.LocaleSeen
	}
	for k, at := range lost.Said {
		if p.Said[k] != at {
			continue
		}
		switch k {
		case "channel":
			p.Channel = was.Channel
		case "topics":
			p.Topics = was.Topics
		case "zone":
			p.Zone = was.Zone
		case "locale":
			p.Locale = was.Locale
		case "no_track":
			p.NoTrack = was.NoTrack
		}
		if t, had := was.Said[k]; had {
			p.Said[k] = t
		} else {
			delete(p.Said, k)
		}
	}
	p.Muted = takeList(p.Muted, was.Muted, lost.Muted)
}

// flushRest writes what is not in the documents.
func (s *Stage) flushRest(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	s.gone = slices.DeleteFunc(s.gone, func(id heed.ID) bool { return b.People[id] != nil }) // came back in this batch
	slices.SortFunc(s.gone, func(a, b heed.ID) int { return slices.Compare(a[:], b[:]) })
	arg := make([]any, 6)
	if err := tx.ExecEach(ctx, "profile.delete", len(s.gone), func(i int) []any { return append(arg[:0], s.gone[i][:]) }); err != nil {
		return err
	}
	for _, q := range [...]string{"profile.move_notes", "profile.move_merges"} {
		err := tx.ExecEach(ctx, q, len(s.moved), func(i int) []any { return append(arg[:0], s.moved[i][0][:], s.moved[i][1][:]) })
		if err != nil {
			return err
		}
	}
	err := tx.ExecEach(ctx, "profile.put_merge", len(s.merges), func(i int) []any {
		m := &s.merges[i]
		return append(arg[:0], m.loser[:], int64(m.at), m.survivor[:], m.loserDoc, m.survivorDoc)
	})
	if err != nil {
		return err
	}
	err = tx.ExecEach(ctx, "profile.put_note", len(s.notes), func(i int) []any {
		n := &s.notes[i]
		return append(arg[:0], n.person[:], int64(n.At), n.Kind, strings.ToValidUTF8(n.Name, "?"), n.Detail)
	})
	if err != nil {
		return err
	}
	for _, m := range s.undo {
		if _, err := tx.Exec(ctx, "profile.delete_merge", m.loser, m.at); err != nil {
			return err
		}
	}
	for _, id := range s.erased {
		for _, q := range [...]string{"profile.erase_merges", "profile.delete_notes"} {
			if _, err := tx.Exec(ctx, q, id); err != nil {
				return fmt.Errorf("%s: %w", q, err)
			}
		}
	}
	return nil
}
