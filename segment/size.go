package segment

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Size is how many people a segment had on one day.
type Size struct {
	Day    heed.Time // midnight UTC
	People int64
}

// NoteSizes keeps how many are in each live segment as the size of now's day (UTC). Called again the same day, the later
// count stands.
func NoteSizes(ctx context.Context, tx db.Tx, now heed.Time) error {
	all, err := Statuses(ctx, tx)
	if err != nil {
		return err
	}
	n, err := Counts(ctx, tx)
	if err != nil {
		return err
	}
	live := map[string]int64{}
	for _, s := range all {
		if s.Kind == "segment" && s.State == Live {
			live[s.Name] = n[s.Name]
		}
	}
	day := heed.At(now.Std().Truncate(24 * time.Hour))
	return each(ctx, tx, "segment.put_size", slices.Sorted(maps.Keys(live)), func(name string) []any { return []any{name, day, live[name]} })
}

// Sizes returns the days since the given time on which the size of a segment was noted, the oldest first.
func Sizes(ctx context.Context, q db.Querier, name string, since heed.Time) ([]Size, error) {
	rows, err := q.Query(ctx, "segment.sizes", name, since)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Size
	for rows.Next() {
		var s Size
		if err := rows.Scan(&s.Day, &s.People); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}
