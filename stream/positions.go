package stream

import (
	"context"

	"github.com/heedcx/heed/db"
)

// LockPositions returns how far each partition has been folded, and keeps every worker from committing more until tx
// ends: it waits for the batches that are under way, and those that begin afterwards see what tx has written. Of a record
// that is folded in parts, what has been folded is not told.
func LockPositions(ctx context.Context, tx db.Tx) (Position, error) {
	var taken int
	if err := tx.QueryRow(ctx, "stream.wait_for_positions").Scan(&taken); err != nil {
		return nil, err
	}
	return lockPositions(ctx, tx)
}

// LockPositionsAtWork is LockPositions for a worker's own transaction, which holds a position already. Workers that wait
// for each other's would wait for ever, so one may wait; the others get db.ErrAgain, and let go of theirs by returning it.
func LockPositionsAtWork(ctx context.Context, tx db.Tx) (Position, error) {
	var may int
	if err := tx.QueryRow(ctx, "stream.may_wait_for_positions").Scan(&may); err != nil {
		return nil, err
	}
	if may == 0 {
		return nil, db.ErrAgain
	}
	return lockPositions(ctx, tx)
}

func lockPositions(ctx context.Context, tx db.Tx) (Position, error) {
	pos, _, err := positionsBy(ctx, tx, "stream.lock_positions")
	return pos, err
}

// positions also tells the partitions that are in the middle of a record.
func positions(ctx context.Context, q db.Querier) (pos Position, middle []int, err error) {
	return positionsBy(ctx, q, "stream.positions")
}

func positionsBy(ctx context.Context, q db.Querier, query string) (pos Position, middle []int, err error) {
	rows, err := q.Query(ctx, query)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	pos = Position{}
	for rows.Next() {
		var part int
		var at place
		if err := rows.Scan(&part, &at.seq, &at.done); err != nil {
			return nil, nil, err
		}
		if at.done > 0 && part >= 0 {
			middle = append(middle, part)
		}
		pos[part] = at.seq
	}
	return pos, middle, rows.Err()
}
