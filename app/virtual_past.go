package app

import (
	"bytes"
	"context"
	"iter"
	"maps"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/rule"
	"github.com/heedcx/heed/segment"
	"github.com/heedcx/heed/stream"
)

// past is the history of a Virtual: what was fed, or what is to be counted of it, in memory, so that a segment or a
// journey that is added later knows what happened before. It implements segment.History.
type past struct {
	counts  *rule.Index               // nil: the events are kept
	counted map[heed.ID]*heed.Person  // by key; of which the counters are used
	events  map[heed.ID][]*heed.Event // by key, in order
	seq     uint64
}

var _ segment.History = (*past)(nil)

// note keeps what was folded.
func (p *past) note(ctx context.Context, v *Virtual, events, dups []*heed.Event) error {
	return v.db.Read(ctx, func(q db.Querier) error {
		config, err := v.reading.config(ctx, q)
		if err != nil {
			return err
		}
		key := config.Key
		if v.told != nil {
			key = func(e *heed.Event) heed.ID { return e.Person }
		}
		if p.events == nil {
			p.events = map[heed.ID][]*heed.Event{}
		}
		for _, e := range events {
			p.seq = max(p.seq, e.Seq)
			if key := key(e); !key.IsZero() && !slices.Contains(dups, e) {
				p.keep(key, e)
			}
		}
		return nil
	})
}

func (p *past) keep(key heed.ID, e *heed.Event) {
	if p.counts == nil {
		p.events[key] = append(p.events[key], e)
		return
	}
	if p.counted == nil {
		p.counted = map[heed.ID]*heed.Person{}
	}
	who := p.counted[key]
	if who == nil {
		who = &heed.Person{}
		p.counted[key] = who
	}
	p.counts.Fold(who, e, nil)
}

// of is what is counted of one key up to a position.
func (p *past) of(key heed.ID, index *rule.Index, until stream.Position) map[string]*heed.Counter {
	if p.counts != nil { // whoever asks has taken in all that was counted
		return p.counted[key].Counters
	}
	who := &heed.Person{}
	for _, e := range p.events[key] {
		if e.Seq <= until[e.Partition] {
			index.Fold(who, e, nil)
		}
	}
	return who.Counters
}

// keys are all keys, in order.
func (p *past) keys() []heed.ID {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(p.events)), maps.Keys(p.counted))
	slices.SortFunc(keys, func(a, b heed.ID) int { return bytes.Compare(a[:], b[:]) })
	return keys
}

// forget drops what is known of those whom the events erase.
func (p *past) forget(ctx context.Context, v *Virtual, events []*heed.Event) error {
	for _, e := range events {
		if e.Type != heed.ErasePerson {
			continue
		}
		ids := append(slices.Clone(e.IDs), heed.Identifier{Namespace: heed.UserID, Value: e.UserID}, heed.Identifier{Namespace: heed.AnonymousID, Value: e.AnonymousID})
		for _, id := range ids {
			who, err := v.reading.Find(ctx, id)
			if err != nil {
				continue // the stages say what is wrong with it
			}
			keys, err := v.reading.keys(ctx, who.ID)
			if err != nil {
				return err
			}
			for _, k := range keys {
				delete(p.events, k)
			}
		}
	}
	return nil
}

// Reached implements segment.History.
func (p *past) Reached(context.Context) (stream.Position, error) {
	return stream.Position{0: p.seq}, nil
}

// Counters implements segment.History.
func (p *past) Counters(_ context.Context, specs []rule.CounterSpec, until stream.Position, after heed.ID) iter.Seq2[segment.Counted, error] {
	return func(yield func(segment.Counted, error) bool) {
		index := rule.NewIndex(rule.Union(specs))
		for _, key := range p.keys() {
			if bytes.Compare(key[:], after[:]) <= 0 {
				continue
			}
			counters := p.of(key, index, until)
			for _, id := range slices.Sorted(maps.Keys(counters)) {
				if !yield(segment.Counted{Key: key, ID: id, Counter: *counters[id]}, nil) {
					return
				}
			}
		}
	}
}

// People implements segment.History: previews of a test are answered from memory.
func (p *past) People(context.Context, *rule.Rule, heed.Time, int) (int64, []heed.ID, error) {
	return 0, nil, heed.Errorf(heed.Unavailable, "A test has no history to ask.")
}
