package journey

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// OldRuns is a retain.Piece: it deletes the rows of runs that ended before the time. How often a person has been in a
// journey, for entry limits, stays in the person's document.
func OldRuns(ctx context.Context, tx db.Tx, before heed.Time, after heed.ID, limit int) (last heed.ID, deleted int64, err error) {
	var gone []heed.ID
	rows, err := tx.Query(ctx, "journey.old_runs", after[:], before, limit)
	if err != nil {
		return last, 0, err
	}
	for rows.Next() {
		var may int64
		if err := rows.Scan(&last, &may); err != nil {
			rows.Close()
			return last, 0, err
		}
		if may > 0 {
			gone = append(gone, last)
		}
	}
	rows.Close()
	if err := rows.Err(); err != nil {
		return last, 0, err
	}
	err = tx.ExecEach(ctx, "journey.delete_run", len(gone), func(i int) []any { return []any{gone[i]} })
	return last, int64(len(gone)), err
}
