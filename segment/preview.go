package segment

import (
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
	// From says where the answer comes from: "memory", kept up to the moment, or "history", which lags a little.
	From string `json:"from"`
}

// Previewer answers rules that are not saved yet.
type Previewer struct {
	DB      db.DB
	History History // may be nil
	// Limit bounds how long an answer may take; 0 takes three seconds.
	Limit time.Duration
}

// MaxSample bounds the people of a preview.
const MaxSample = 100

// Preview counts the people for whom r holds at now and names at most sample of them. Errors: Invalid for a rule that
// asks about a triggering event; Unavailable when it takes too long, or when the rule mixes memory with events that
// nobody has counted yet.
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
	out := &Preview{From: "memory", Sample: []heed.ID{}}
	counted := true
	err := v.DB.Read(ctx, func(q db.Querier) error {
		ready, err := Ready(ctx, q)
		if err != nil {
			return err
		}
		for _, c := range r.Counters() {
			depth, ok := ready[c.ID]
			counted = counted && ok && depth >= c.Depth
		}
		if !counted {
			return nil
		}
		cond, args, err := r.StateSQL(rule.Dialect(q.Dialect()), now, 1)
		if err != nil {
			return err
		}
		if err := one(q.QuerySQL(ctx, "SELECT count(*) FROM person p WHERE "+cond, args...))(&out.Count); err != nil {
			return err
		}
		if sample == 0 || out.Count == 0 {
			return nil
		}
		// Those seen last first: they are the ones that somebody at a desk knows.
		list, err := ids(q.QuerySQL(ctx, "SELECT p.id FROM person p WHERE "+cond+" ORDER BY p.last_seen DESC, p.id LIMIT "+strconv.Itoa(sample), args...))
		out.Sample = append(out.Sample, list...)
		return err
	})
	if err != nil || counted {
		return out, err
	}
	if v.History == nil || !r.EventOnly() {
		return nil, heed.Errorf(heed.Unavailable, "Nobody has counted these events yet. Save the segment: they are then counted from history, and you will see who is in it.")
	}
	out.From = "history"
	n, list, err := v.History.People(ctx, r, now, sample)
	out.Count, out.Sample = n, append(out.Sample, list...)
	return out, err
}

// one scans the single row of a result.
func one(rows db.Rows, err error) func(dest ...any) error {
	return func(dest ...any) error {
		if err != nil {
			return err
		}
		defer rows.Close()
		if !rows.Next() {
			return errors.Join(db.ErrNoRows, rows.Err())
		}
		return rows.Scan(dest...)
	}
}
