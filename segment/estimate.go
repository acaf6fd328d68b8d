package segment

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

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

const (
	// drawn is about how many people are asked at most: a share of a half is then known to 0.7 percentage points. They are asked
	// some at a time, until it has taken drawTime; of drawnAtOnce alone it is known to 1.5.
	drawn       = 20_000
	drawnAtOnce = 4_000
	drawTime    = 250 * time.Millisecond
)

// atRandom hands ask conditions on the people p that hold for some drawn at random, each as likely as any other; for all
// where they are few. It returns how many people there are. args come before those of the conditions.
func atRandom(ctx context.Context, q db.Querier, args []any, ask func(among string, args []any) error) (all int64, err error) {
	var last int64 // the highest number of a row
	if err := q.QueryRow(ctx, "segment.how_many").Scan(&all, &last); err != nil {
		return 0, err
	}
	switch {
	case max(all, last) <= drawn:
		return all, ask("TRUE", args)
	case q.Dialect() != db.SQLite:
		return all, ask(fmt.Sprintf("p.id IN (SELECT id FROM person TABLESAMPLE BERNOULLI (%f))", 100*drawn/float64(all)), args)
	}
	enough, cancel := context.WithTimeout(ctx, drawTime)
	defer cancel()
	rows := make([]int64, drawnAtOnce)
	for n := 0; n < drawn && (n == 0 || enough.Err() == nil); n += len(rows) {
		for i := range rows {
			rows[i] = 1 + rand.Int64N(last)
		}
		list, err := json.Marshal(rows)
		if err != nil {
			return all, err
		}
		if err := ask(fmt.Sprintf("p.rowid IN (SELECT value FROM json_each($%d))", len(args)+1), append(slices.Clone(args), string(list))); err != nil {
			return all, err
		}
	}
	return all, nil
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
		all, err = atRandom(ctx, q, args, func(among string, args []any) error {
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
		return err
	})
	if err != nil {
		return err
	}
	slices.SortFunc(hits, func(a, b hit) int { return cmp.Compare(b.seen, a.seen) })
	for _, h := range hits {
		if len(out.Sample) < sample && !slices.Contains(out.Sample, h.id) { // one may be drawn twice
			out.Sample = append(out.Sample, h.id)
		}
	}
	share := proportion.Wilson(int64(len(hits)), asked)
	of := func(p float64) int64 { return int64(math.Round(p * float64(all))) }
	out.Count, out.Estimate = of(share.Value), &Estimate{Low: of(share.Low), High: of(share.High), Asked: asked}
	return nil
}
