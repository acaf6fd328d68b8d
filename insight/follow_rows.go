package insight

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/stream"
)

// keep filters f.events in place, finds their keys and completes what history shows.
func (f *Follower) keep(s *source, rec *stream.Record, dropped []int) []heed.Event {
	kept, ids := f.events[:0], f.ids[:0]
	for i := range f.events {
		e := &f.events[i]
		if len(dropped) > 0 && slices.Contains(dropped, e.Index) {
			f.stats.Duplicates++
			continue
		}
		if e.Type == heed.PersonErased && !e.Person.IsZero() {
			f.pending.gone = append(f.pending.gone, e.Person)
		}
		if hidden(e.Type) {
			continue
		}
		if e.ReceivedAt == 0 {
			e.ReceivedAt = rec.At
		}
		var key heed.ID
		if e.Type.Derived() {
			key = e.Person
		} else if k, ok := f.cfg.Key(e); ok {
			key = k
		}
		if until, ok := f.erased[key]; ok && e.ReceivedAt <= until {
			f.stats.Forbidden++
			continue
		}
		complete(e)
		kept, ids = append(kept, *e), append(ids, key)
	}
	f.events, f.ids = kept, ids
	return kept
}

// hidden types leave no row: they only move the machinery, or speak of someone who asked to be forgotten.
func hidden(t heed.Type) bool {
	return t == heed.Wake || t == heed.ErasePerson || t == heed.PersonErased
}

// complete sets who spoke where the event does not say.
func complete(e *heed.Event) {
	if e.Direction != "" {
		return
	}
	switch e.Type {
	case heed.Feedback, heed.MessageDecided, heed.MessageWanted, heed.MessageWithdrawn:
		e.Direction = heed.Outbound
	}
}

// remember notes a fact record and says whether it is new: the outbox that publishes facts may repeat one.
func (f *Follower) remember(data []byte) bool {
	sum := sha256.Sum256(data)
	h := binary.LittleEndian.Uint64(sum[:8])
	if _, twice := f.seen[h]; twice {
		return false
	}
	f.seen[h] = struct{}{}
	f.seenAge = append(f.seenAge, h)
	if len(f.seenAge) > KeptFacts {
		delete(f.seen, f.seenAge[0])
		f.seenAge = f.seenAge[1:]
	}
	f.pending.facts = append(f.pending.facts, h)
	return true
}
