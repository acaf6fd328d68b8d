package stream

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// LockPositions returns how far each partition has been folded, and keeps every worker from committing more until tx
// ends: it waits for the batches that are under way, and those that begin afterwards see what tx has written. An
// Unavailable error says that a worker is in the middle of a record, which it folds in parts: ask again in a moment.
func LockPositions(ctx context.Context, tx db.Tx) (Position, error) {
	return positionsBy(ctx, tx, "stream.lock_positions")
}

func positions(ctx context.Context, q db.Querier) (Position, error) {
	return positionsBy(ctx, q, "stream.positions")
}

func positionsBy(ctx context.Context, q db.Querier, query string) (Position, error) {
	rows, err := q.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	pos := Position{}
	for rows.Next() {
		var part int
		var at place
		if err := rows.Scan(&part, &at.seq, &at.done); err != nil {
			return nil, err
		}
		if at.done > 0 && part >= 0 {
			return nil, heed.Errorf(heed.Unavailable, "A worker is in the middle of record %d of partition %d, which it folds in parts; try again when Heed has gone on.", at.seq+1, part)
		}
		pos[part] = at.seq
	}
	return pos, rows.Err()
}
