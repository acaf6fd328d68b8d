package segment

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/stream"
)

// Flush implements stream.Stage: it writes who came and who went, in one order for all workers.
func (s *Stage) Flush(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	if len(s.changes)+len(s.resync) == 0 {
		return nil
	}
	counts := map[string]int64{}
	if err := s.forget(ctx, tx, counts); err != nil {
		return err
	}
	var in, out []change
	for c, m := range s.changes {
		switch _, anew := s.resync[c.person]; {
		case anew: // forget has written them
		case m.since > 0:
			in = append(in, c)
			if !m.was {
				counts[c.segment]++
			}
		case m.was:
			out = append(out, c)
			counts[c.segment]--
		}
	}
	slices.SortFunc(out, compareChanges)
	if err := each(ctx, tx, "segment.leave", out, func(c change) []any { return []any{c.segment, c.person} }); err != nil {
		return err
	}
	if err := enter(ctx, tx, in, func(c change) heed.Time { return s.changes[c].since }); err != nil {
		return err
	}
	maps.DeleteFunc(counts, func(_ string, n int64) bool { return n == 0 })
	shard := shardOf(b)
	return each(ctx, tx, "segment.add_count", slices.Sorted(maps.Keys(counts)), func(name string) []any { return []any{name, shard, counts[name]} })
}

// forget deletes the rows of those who were merged, split or erased, and writes those of whoever is still there anew.
func (s *Stage) forget(ctx context.Context, tx db.Tx, counts map[string]int64) error {
	ids := slices.SortedFunc(maps.Keys(s.resync), compareIDs)
	err := tx.Each(ctx, "segment.of_person", len(ids), func(i int) []any { return []any{ids[i]} }, func(_ int, r db.Row) error {
		var name string
		var since heed.Time
		err := r.Scan(&name, &since)
		counts[name]--
		return err
	})
	if err != nil {
		return err
	}
	if err := each(ctx, tx, "segment.forget", ids, func(id heed.ID) []any { return []any{id} }); err != nil {
		return err
	}
	var in []change
	for _, id := range ids {
		p := s.resync[id]
		if p == nil {
			continue
		}
		for name := range p.Segments {
			in = append(in, change{id, name})
			counts[name]++
		}
	}
	return enter(ctx, tx, in, func(c change) heed.Time { return s.resync[c.person].Segments[c.segment].Since })
}

func enter(ctx context.Context, tx db.Tx, in []change, since func(change) heed.Time) error {
	slices.SortFunc(in, compareChanges)
	return each(ctx, tx, "segment.enter", in, func(c change) []any { return []any{c.segment, c.person, since(c)} })
}

// shardOf is whose counts a batch adds to: those of its partition, or -1 when it comes from a timer.
func shardOf(b *stream.Batch) int {
	for _, e := range b.Events {
		if e.Seq > 0 {
			return e.Partition
		}
	}
	return -1
}

func each[T any](ctx context.Context, tx db.Tx, query string, list []T, args func(T) []any) error {
	if len(list) == 0 {
		return nil
	}
	return tx.ExecEach(ctx, query, len(list), func(i int) []any { return args(list[i]) })
}

func compareIDs(a, b heed.ID) int { return bytes.Compare(a[:], b[:]) }

func compareChanges(a, b change) int {
	return cmp.Or(strings.Compare(a.segment, b.segment), compareIDs(a.person, b.person))
}

// Member is one person in a segment.
type Member struct {
	Person heed.ID   `json:"person"`
	Since  heed.Time `json:"since"`
}

// MaxPage bounds how many members one call lists.
const MaxPage = 1000

// Members lists at most limit members whose id is after the given one, by id.
func Members(ctx context.Context, q db.Querier, name string, after heed.ID, limit int) ([]Member, error) {
	rows, err := q.Query(ctx, "segment.members", name, after[:], max(1, min(limit, MaxPage)))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Member
	for rows.Next() {
		var m Member
		if err := rows.Scan(&m.Person, &m.Since); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, rows.Err()
}

// Count is how many members a segment has now.
func Count(ctx context.Context, q db.Querier, name string) (int64, error) {
	var n int64
	err := q.QueryRow(ctx, "segment.count", name).Scan(&n)
	return n, err
}

// Counts is how many members each segment has that has any.
func Counts(ctx context.Context, q db.Querier) (map[string]int64, error) {
	return counts(q.Query(ctx, "segment.counts"))
}

// Stages is how many people are in each stage of the lifecycle. The empty stage has those whom nothing has placed yet.
func Stages(ctx context.Context, q db.Querier) (map[string]int64, error) {
	return counts(q.Query(ctx, "segment.stages"))
}

func counts(rows db.Rows, err error) (map[string]int64, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]int64{}
	for rows.Next() {
		var name string
		var n int64
		if err := rows.Scan(&name, &n); err != nil {
			return nil, err
		}
		out[name] = n
	}
	return out, rows.Err()
}

// Statuses says where every segment stands, and the lifecycle, by kind and name.
func Statuses(ctx context.Context, q db.Querier) ([]Status, error) {
	m, err := statuses(ctx, q)
	if err != nil {
		return nil, err
	}
	out := make([]Status, 0, len(m))
	for _, s := range m {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Status) int { return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.Name, b.Name)) })
	return out, nil
}

// StatusOf says where one segment stands; a NotFound error when there is none, or when no worker has seen it yet.
func StatusOf(ctx context.Context, q db.Querier, name string) (Status, error) {
	m, err := statuses(ctx, q)
	if err != nil {
		return Status{}, err
	}
	s, ok := m[spec.Key{Kind: spec.Segment, Name: name}]
	if !ok {
		return s, heed.Errorf(heed.NotFound, "there is no segment %q", name)
	}
	return s, nil
}

// Ready returns the ids of the counters that are complete: kept in every document, with all that history knows, and
// to what depth. A rule whose counters are not all among them cannot be relied on yet.
func Ready(ctx context.Context, q db.Querier) (map[string]int, error) {
	rows, err := counterRows(ctx, q)
	if err != nil {
		return nil, err
	}
	out := map[string]int{}
	for _, r := range rows {
		if r.state == "ready" {
			out[r.id] = max(out[r.id], r.depth)
		}
	}
	for _, r := range rows { // one that was never finished is not there, whatever a later build says
		if r.state != "ready" && r.mode == modeNew {
			delete(out, r.id)
		}
	}
	return out, nil
}

// Reset empties the lists before memory is rebuilt from the stream.
func Reset(ctx context.Context, tx db.Tx) error {
	if _, err := tx.Exec(ctx, "segment.reset_members"); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "segment.reset_counts")
	return err
}
