package segment

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/rule"
)

// Preview is who would be in a segment.
type Preview struct {
	Count  int64     `json:"count"`
	Sample []heed.ID `json:"sample"`
	// From says where the answer comes from: "memory", kept up to the moment; "history", which lags a little; or "both".
	From string `json:"from"`
	// Estimate is set when Count was not counted: there are too many people to ask each of them while somebody waits.
	Estimate *Estimate `json:"estimate,omitempty"`
}

// Previewer answers rules that are not saved yet.
type Previewer struct {
	DB      db.DB
	History History // may be nil
	// Limit bounds how long an answer may take; 0 takes three seconds.
	Limit time.Duration
	// Patience is for how long everybody is asked; then a sample of them is. 0 takes a quarter of a second.
	Patience time.Duration
}

// MaxSample bounds the people of a preview.
const MaxSample = 100

// maxPast bounds the people whom history may name to answer a rule that also asks memory, over all its questions: they
// travel to the state store as one list.
const maxPast = 1_000_000

// Preview counts the people for whom r holds at now and names at most sample of them. Errors: Invalid for a rule that
// asks about a triggering event; Unavailable when it takes too long, or when it asks for what nobody has counted yet
// and there is no history, or history names too many people.
func (v *Previewer) Preview(ctx context.Context, r *rule.Rule, now heed.Time, sample int) (*Preview, error) {
	limit := v.Limit
	if limit == 0 {
		limit = 3 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	sample = max(0, min(sample, MaxSample))
	out, err := v.preview(ctx, r, now, sample)
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil, heed.Errorf(heed.Unavailable, "Counting takes longer than %s. Save the segment: it is then counted in the background and kept up to date.", limit)
	}
	return out, err
}

func (v *Previewer) preview(ctx context.Context, r *rule.Rule, now heed.Time, sample int) (*Preview, error) {
	var ready map[string]int
	err := v.DB.Read(ctx, func(q db.Querier) (err error) {
		ready, err = Ready(ctx, q)
		return err
	})
	if err != nil {
		return nil, err
	}
	mixed, err := r.Split(func(c rule.CounterSpec) bool {
		depth, ok := ready[c.ID]
		return ok && depth >= c.Depth
	})
	if err != nil {
		return nil, err
	}
	out := &Preview{From: "memory", Sample: []heed.ID{}}
	if len(mixed.Parts) == 0 {
		return out, v.memory(ctx, mixed, nil, now, sample, out)
	}
	if r.Deps().Triggering {
		_, _, err := r.StateSQL(rule.SQLite, now, 1)
		return nil, err
	}
	if v.History == nil {
		return nil, heed.Errorf(heed.Unavailable, "Nobody has counted these events yet. Save the segment: they are counted from then on, and you will see who is in it.")
	}
	if r.EventOnly() {
		out.From = "history"
		n, list, err := v.History.People(ctx, r, now, sample)
		out.Count, out.Sample = n, append(out.Sample, list...)
		return out, err
	}
	out.From = "both"
	sets, err := v.past(ctx, mixed.Parts, now)
	if err != nil {
		return nil, err
	}
	return out, v.memory(ctx, mixed, sets, now, sample, out)
}

// past asks history for whom each part holds.
func (v *Previewer) past(ctx context.Context, parts []*rule.Rule, now heed.Time) ([][]heed.ID, error) {
	sets, left := make([][]heed.ID, len(parts)), maxPast
	for i, part := range parts {
		n, people, err := v.History.People(ctx, part, now, left)
		if err != nil {
			return nil, err
		}
		if left -= len(people); n > int64(len(people)) {
			return nil, heed.Errorf(heed.Unavailable, "Nobody has counted these events yet, and they happened to more than %d people. Save the segment: they are then counted from history in the background, and you will see who is in it.", maxPast)
		}
		sets[i] = people
	}
	return sets, nil
}

// memory counts and names the people in the state store, or estimates how many they are.
func (v *Previewer) memory(ctx context.Context, m *rule.Mixed, sets [][]heed.ID, now heed.Time, sample int, out *Preview) error {
	patient, cancel := context.WithTimeout(ctx, cmp.Or(v.Patience, 250*time.Millisecond))
	defer cancel()
	err := v.everybody(patient, m, sets, now, sample, out)
	if err != nil && ctx.Err() == nil && errors.Is(patient.Err(), context.DeadlineExceeded) {
		return v.some(ctx, m, sets, now, sample, out)
	}
	return err
}

func (v *Previewer) everybody(ctx context.Context, m *rule.Mixed, sets [][]heed.ID, now heed.Time, sample int, out *Preview) error {
	return v.DB.Read(ctx, func(q db.Querier) error {
		from, cond, args, err := m.StateSQL(rule.Dialect(q.Dialect()), now, sets)
		if err != nil {
			return err
		}
		// Those seen last first: they are the ones that somebody at a desk knows.
		rows, err := q.QuerySQL(ctx, "SELECT p.id, count(*) OVER () FROM "+from+" WHERE "+cond+" ORDER BY p.last_seen DESC, p.id LIMIT "+strconv.Itoa(max(sample, 1)), args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		var ids []heed.ID
		for rows.Next() {
			var id heed.ID
			if err := rows.Scan(&id, &out.Count); err != nil {
				return err
			}
			ids = append(ids, id)
		}
		out.Sample = append(out.Sample, ids[:min(sample, len(ids))]...)
		return rows.Err()
	})
}
