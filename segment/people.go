package segment

import (
	"context"
	"strconv"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/rule"
)

// Those says which people a list has. What is empty does not narrow it.
type Those struct {
	Rule    *rule.Rule
	Segment string
	Stage   string
}

// People lists at most limit of those people whose id is after the given one, by id. Errors: Invalid for a rule that
// asks about a triggering event; Unavailable for one that asks about events that nobody has counted.
func People(ctx context.Context, q db.Querier, those Those, now heed.Time, after heed.ID, limit int) ([]heed.ID, error) {
	return within(ctx, q, those, now, after, heed.ID{}, limit)
}

// within lists those people up to an id; up to the end when it is zero.
func within(ctx context.Context, q db.Querier, those Those, now heed.Time, after, until heed.ID, limit int) ([]heed.ID, error) {
	if until.IsZero() {
		until = last
	}
	var b strings.Builder
	args := []any{after[:], until[:]}
	param := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	b.WriteString("SELECT p.id FROM person p")
	if those.Segment != "" {
		b.WriteString(" JOIN segment_member m ON m.person = p.id AND m.segment = " + param(those.Segment) + " AND m.person > $1 AND m.person <= $2")
	}
	b.WriteString(" WHERE p.id > $1 AND p.id <= $2")
	if those.Stage != "" {
		b.WriteString(" AND p.stage = " + param(those.Stage))
	}
	if those.Rule != nil {
		ok, err := ready(ctx, q, those.Rule)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, heed.Errorf(heed.Unavailable, "Nobody has counted these events yet. Save the rule as a segment: they are then counted from history, and the segment lists its people.")
		}
		cond, more, err := those.Rule.StateSQL(rule.Dialect(q.Dialect()), now, len(args)+1)
		if err != nil {
			return nil, err
		}
		args = append(args, more...)
		b.WriteString(" AND " + cond)
	}
	b.WriteString(" ORDER BY p.id LIMIT " + strconv.Itoa(max(1, min(limit, MaxPage))))
	return db.IDs(q.QuerySQL(ctx, b.String(), args...))
}

// ready says whether everything that the rule asks about events is kept in people's documents, complete.
func ready(ctx context.Context, q db.Querier, r *rule.Rule) (bool, error) {
	counters := r.Counters()
	if len(counters) == 0 {
		return true, nil
	}
	known, err := Ready(ctx, q)
	if err != nil {
		return false, err
	}
	for _, c := range counters {
		if depth, ok := known[c.ID]; !ok || depth < c.Depth {
			return false, nil
		}
	}
	return true, nil
}
