package journey

import (
	"bytes"
	"context"
	"slices"

	"github.com/heedcx/heed/db"
)

// write stores the rows of runs that changed.
func (c *changes) write(ctx context.Context, tx db.Tx) error {
	if len(c.moved) > 0 {
		// Before the rows: those of this batch know their person already.
		err := tx.ExecEach(ctx, "journey.move_runs", len(c.moved), func(i int) []any { return []any{c.moved[i].from, c.moved[i].to} })
		if err != nil {
			return err
		}
	}
	rows := make([]*change, 0, len(c.rows))
	for _, r := range c.rows {
		rows = append(rows, r)
	}
	// Sorted, for locality on disk and so that two writers lock in the same order.
	slices.SortFunc(rows, func(a, b *change) int { return bytes.Compare(a.run.ID[:], b.run.ID[:]) })
	args := make([]any, 14)
	err := tx.ExecEach(ctx, "journey.put_run", len(rows), func(i int) []any {
		r := rows[i]
		args[0], args[1], args[2], args[3], args[4], args[5] = r.run.ID, r.run.Journey, r.run.Version, r.person, r.run.Key, r.run.Node
		args[6], args[7], args[8], args[9] = r.state, r.run.Entered, r.run.Since, r.run.Due
		args[10], args[11], args[12], args[13] = r.exited, r.reason, r.run.Goal, r.run.Steps
		return args
	})
	if err != nil || len(c.erased) == 0 {
		return err
	}
	return tx.ExecEach(ctx, "journey.erase_runs", len(c.erased), func(i int) []any { return []any{c.erased[i]} })
}
