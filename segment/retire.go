package segment

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/rule"
	"github.com/heedcx/heed/stream"
)

// A counter that no rule needs any more is retired: it is no longer counted, and each person's document loses it when
// it is next in hand. Nobody is looked at for that alone. When a rule needs the counter again, it begins anew and
// history is added to it, so what is left of it in a document that nobody has had in hand meanwhile must be told from
// what has been counted since: heed.Person.Counted is the revision of the specs up to which a document has lost what
// it must.

// retire notes the registered counters that are not among the needed.
func retire(ctx context.Context, tx db.Tx, b *stream.Batch, need []rule.CounterSpec) error {
	rows, err := counterRows(ctx, tx)
	if err != nil {
		return err
	}
	needed := map[string]bool{}
	for i := range need {
		needed[need[i].ID] = true
	}
	for _, r := range rows {
		if needed[r.id] {
			continue
		}
		needed[r.id] = true // once, however many builds it had
		if _, err := tx.Exec(ctx, "segment.retire", r.id, b.Revision); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "segment.drop_counter", r.id); err != nil {
			return err
		}
	}
	return nil
}

// retirements are the counters that were retired, each with the last revision at which it was.
type retirements struct {
	at   map[string]int64
	last int64
}

func loadRetired(ctx context.Context, q db.Querier) (r retirements, err error) {
	rows, err := q.Query(ctx, "segment.retired")
	if err != nil {
		return r, err
	}
	defer rows.Close()
	r.at = map[string]int64{}
	for rows.Next() {
		var id string
		var revision int64
		if err := rows.Scan(&id, &revision); err != nil {
			return r, err
		}
		r.at[id], r.last = revision, max(r.last, revision)
	}
	return r, rows.Err()
}

// purge takes out of a document what has been retired since it was last in hand. That alone is no reason to write it.
func (s *Stage) purge(p *heed.Person) {
	r := &s.set.retired
	if p.Counted >= r.last {
		return
	}
	for id := range p.Counters {
		if r.at[id] > p.Counted {
			s.drop(p, id)
		}
	}
	p.Counted = r.last
}

// purgeRestored takes out of a document that a split brought back what is not counted now. What has been retired and
// is counted again stays: the history that was added meanwhile went to the person they were cut from, who gave it back
// with the split.
func (s *Stage) purgeRestored(p *heed.Person) {
	for id := range p.Counters {
		if !s.set.counts[id] {
			s.drop(p, id)
		}
	}
	p.Counted = s.set.retired.last
}

func (s *Stage) drop(p *heed.Person, id string) {
	delete(p.Counters, id)
	p.Dirty = true
	if s.Purged != nil {
		s.Purged.Add(1)
	}
}
