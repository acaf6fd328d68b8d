package segment_test

import (
	"context"
	"iter"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/rule"
	"github.com/heedcx/heed/segment"
	"github.com/heedcx/heed/stream"
)

// What follows makes the world a segment.History over everything that happened, and segment.Keys.

func (w *world) people(_ context.Context, _ db.Querier, keys []heed.ID) ([]heed.ID, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []heed.ID
	for _, k := range keys {
		out = append(out, w.owner[k])
	}
	return out, nil
}

func (w *world) Reached(context.Context) (stream.Position, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return stream.Position{0: w.seq[0], 1: w.seq[1]}, nil
}

func (w *world) Counters(_ context.Context, specs []rule.CounterSpec, until stream.Position, after heed.ID) iter.Seq2[segment.Counted, error] {
	return func(yield func(segment.Counted, error) bool) {
		keys := map[heed.ID]*heed.Person{}
		x := rule.NewIndex(specs)
		var order []heed.ID
		w.mu.Lock()
		past := slices.Clone(w.past)
		w.mu.Unlock()
		for i := range past {
			e := &past[i]
			if e.Seq > until[e.Partition] || slices.Compare(e.Person[:], after[:]) <= 0 {
				continue
			}
			if keys[e.Person] == nil {
				keys[e.Person] = &heed.Person{}
				order = append(order, e.Person)
			}
			x.Fold(keys[e.Person], e, nil)
		}
		slices.SortFunc(order, func(a, b heed.ID) int { return slices.Compare(a[:], b[:]) })
		for _, key := range order {
			for id, c := range keys[key].Counters {
				if !yield(segment.Counted{Key: key, ID: id, Counter: *c}, nil) {
					return
				}
			}
		}
	}
}

func (w *world) People(_ context.Context, r *rule.Rule, now heed.Time, limit int) (int64, []heed.ID, error) {
	people := map[heed.ID]*heed.Person{}
	x := rule.NewIndex(r.Counters())
	for i := range w.past {
		id := w.owner[w.past[i].Person]
		if people[id] == nil {
			people[id] = &heed.Person{ID: id}
		}
		x.Fold(people[id], &w.past[i], nil)
	}
	var out []heed.ID
	for id, p := range people {
		if r.Eval(p, nil, now) {
			out = append(out, id)
		}
	}
	return int64(len(out)), out[:min(limit, len(out))], nil
}
