package segment

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/proportion"
)

// MaxOverlap is how many segments are compared at once.
const MaxOverlap = 6

// Overlapping is how many people are in each combination of some segments, and in no other of them: bit i of the key is
// segment i. Combinations without anybody are left out.
type Overlapping struct {
	People map[int]int64
	// Asked is set when not everybody was counted: so many were drawn at random, and each number is right to within Within
	// people (95%, after Wilson).
	Asked, Within int64
}

// Overlap compares segments. When everybody cannot be counted within the given time, some are drawn at random.
func Overlap(ctx context.Context, d db.DB, names []string, patience time.Duration) (out Overlapping, err error) {
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err = d.Read(patient, func(q db.Querier) error {
		list, err := json.Marshal(names)
		if err != nil {
			return err
		}
		out.People, err = masks(q.Query(patient, "segment.overlap", string(list)))
		return err
	})
	if err != nil && ctx.Err() == nil && errors.Is(patient.Err(), context.DeadlineExceeded) {
		err = d.Read(ctx, func(q db.Querier) error { return out.estimate(ctx, q, names) })
	}
	return out, err
}

func (o *Overlapping) estimate(ctx context.Context, q db.Querier, names []string) error {
	var bits []string
	var args []any
	for i, name := range names {
		args = append(args, name)
		bits = append(bits, fmt.Sprintf("CASE WHEN EXISTS (SELECT 1 FROM segment_member m WHERE m.segment = $%d AND m.person = p.id) THEN %d ELSE 0 END", i+1, 1<<i))
	}
	var all, last int64
	if err := q.QueryRow(ctx, "segment.how_many").Scan(&all, &last); err != nil {
		return err
	}
	// Nothing but ids is read: all of them are looked through in an index, each to be drawn or not.
	among := "TRUE"
	switch every := all / drawn; {
	case every < 2:
	case q.Dialect() == db.SQLite:
		among = fmt.Sprintf("abs(random()) %% %d = 0", every)
	default:
		among = fmt.Sprintf("random() * %d < 1", every)
	}
	found, err := masks(q.QuerySQL(ctx, "SELECT mask, COUNT(*) FROM (SELECT "+strings.Join(bits, " + ")+" AS mask FROM person p WHERE "+among+") AS of_each GROUP BY mask", args...))
	if err != nil {
		return err
	}
	for _, n := range found {
		o.Asked += n
	}
	o.People = map[int]int64{}
	for mask, n := range found {
		if mask == 0 {
			continue // in none of them
		}
		share := proportion.Wilson(n, o.Asked)
		of := func(p float64) int64 { return int64(math.Round(p * float64(all))) }
		o.People[mask] = of(share.Value)
		o.Within = max(o.Within, of(share.High-share.Value), of(share.Value-share.Low))
	}
	return nil
}

// masks reads how many people there are by combination.
func masks(rows db.Rows, err error) (map[int]int64, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[int]int64{}
	for rows.Next() {
		var mask int
		var n int64
		if err := rows.Scan(&mask, &n); err != nil {
			return nil, err
		}
		out[mask] = n
	}
	return out, rows.Err()
}
