package journey

import (
	"context"

	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/rule"
)

// Counters lists what the rules of all journeys need counted, so that whoever counts (the segment stage) counts it: of
// the newest version of every journey, and of older versions that people are still in.
func Counters(ctx context.Context, q db.Querier) ([]rule.CounterSpec, error) {
	latest, err := spec.Latest(ctx, q, spec.Journey)
	if err != nil {
		return nil, err
	}
	specs := latest
	inside, err := versionsInside(ctx, q)
	if err != nil {
		return nil, err
	}
	for name, versions := range inside {
		all, err := spec.Versions(ctx, q, spec.Journey, name)
		if err != nil {
			return nil, err
		}
		for _, sp := range all {
			if versions[sp.Version] && !sp.Deleted {
				specs = append(specs, sp)
			}
		}
	}
	return CountersOf(specs), nil
}

// CountersOf is Counters of given journeys; of one that does not pass the checks there are none.
func CountersOf(specs []spec.Spec) []rule.CounterSpec {
	var lists [][]rule.CounterSpec
	for _, sp := range specs {
		pl, errs := compile(sp, nil)
		if len(errs) > 0 {
			continue // it stands still, see Stage.compile
		}
		for _, c := range pl.conds {
			lists = append(lists, c.rule.Counters())
		}
	}
	return rule.Union(lists...)
}

// versionsInside returns the versions that active runs are in, by journey.
func versionsInside(ctx context.Context, q db.Querier) (map[string]map[int]bool, error) {
	rows, err := q.Query(ctx, "journey.versions_inside")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]map[int]bool{}
	for rows.Next() {
		var name string
		var version int
		if err := rows.Scan(&name, &version); err != nil {
			return nil, err
		}
		if out[name] == nil {
			out[name] = map[int]bool{}
		}
		out[name][version] = true
	}
	return out, rows.Err()
}
