package stream

import (
	"context"

	"github.com/heedcx/heed/db"
)

// LockPositions returns how far each partition has been folded, and keeps every worker from committing more until tx
// ends: it waits for the batches that are under way, and those that begin afterwards see what tx has written.
func LockPositions(ctx context.Context, tx db.Tx) (Position, error) {
	rows, err := tx.Query(ctx, "stream.lock_positions")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	pos := Position{}
	for rows.Next() {
		var part int
		var seq uint64
		if err := rows.Scan(&part, &seq); err != nil {
			return nil, err
		}
		pos[part] = seq
	}
	return pos, rows.Err()
}
