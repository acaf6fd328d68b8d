package segment

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/proportion"
	"github.com/heedcx/heed/rule"
)

// Estimate says how sure a count is that was worked out from people drawn at random.
type Estimate struct {
	Low, High int64 // the 95% confidence interval of the count, after Wilson
	Asked     int64 // how many people were drawn
}

// drawn is about how many people are asked: a share of a half is then known to 0.7 percentage points.
const drawn = 20_000

// draw is a condition on the people p that holds for some drawn at random, each as likely as any other; for all where they
// are few. It sets how many people there are.
func draw(ctx context.Context, q db.Querier, args []any, all *int64) (among string, _ []any, err error) {
	var last int64 // the highest number of a row
	if err := q.QueryRow(ctx, "segment.how_many").Scan(all, &last); err != nil {
		return "", nil, err
	}
	switch {
	case max(*all, last) <= drawn:
		return "TRUE", args, nil
	case q.Dialect() != db.SQLite:
		return fmt.Sprintf("p.id IN (SELECT id FROM person TABLESAMPLE BERNOULLI (%f))", 100*drawn/float64(*all)), args, nil
	}
	rows := make([]int64, drawn)
	for i := range rows {
		rows[i] = 1 + rand.Int64N(last)
	}
	list, err := json.Marshal(rows)
	args = append(args, string(list))
	return fmt.Sprintf("p.rowid IN (SELECT value FROM json_each($%d))", len(args)), args, err
}

// some asks people drawn at random.
func (v *Previewer) some(ctx context.Context, m *rule.Mixed, sets [][]heed.ID, now heed.Time, sample int, out *Preview) error {
	type hit struct {
		id   heed.ID
		seen heed.Time
	}
	var hits []hit
	var all, asked int64
	err := v.DB.Read(ctx, func(q db.Querier) error {
		from, cond, args, err := m.StateSQL(rule.Dialect(q.Dialect()), now, sets)
		if err != nil {
			return err
		}
		among, args, err := draw(ctx, q, args, &all)
		if err != nil {
			return err
		}
		rows, err := q.QuerySQL(ctx, "SELECT p.id, p.last_seen, CASE WHEN "+cond+" THEN 1 ELSE 0 END FROM "+from+" WHERE "+among, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var h hit
			var holds int
			if err := rows.Scan(&h.id, &h.seen, &holds); err != nil {
				return err
			}
			if asked++; holds == 1 {
				hits = append(hits, h)
			}
		}
		return rows.Err()
	})
	if err != nil {
		return err
	}
	slices.SortFunc(hits, func(a, b hit) int { return cmp.Compare(b.seen, a.seen) })
	for _, h := range hits[:min(sample, len(hits))] {
		out.Sample = append(out.Sample, h.id)
	}
	share := proportion.Wilson(int64(len(hits)), asked)
	of := func(p float64) int64 { return int64(math.Round(p * float64(all))) }
	out.Count, out.Estimate = of(share.Value), &Estimate{Low: of(share.Low), High: of(share.High), Asked: asked}
	return nil
}
