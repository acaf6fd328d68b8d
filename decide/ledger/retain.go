package ledger

import (
	"bytes"
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// OldDecisions is a retain.Piece: it deletes decisions that were made before the time and are in the tallies.
func OldDecisions(ctx context.Context, tx db.Tx, before heed.Time, after heed.ID, limit int) (last heed.ID, deleted int64, err error) {
	var upto heed.Time
	if err := tx.QueryRow(ctx, "ledger.upto").Scan(&upto); err != nil {
		return last, 0, err
	}
	end := floor(min(before, upto))
	if bytes.Compare(after[:], end[:]) >= 0 {
		return last, 0, nil
	}
	// Ids begin with the time, so a piece is a range.
	list, _, err := old(ctx, tx, "ledger.old_decisions", after[:], end[:], limit)
	if err != nil || len(list) == 0 {
		return last, 0, err
	}
	last = list[len(list)-1]
	deleted, err = tx.Exec(ctx, "ledger.delete_decisions", after[:], last)
	return last, deleted, err
}

// OldMessages is a retain.Piece: it deletes messages that have come to their end and have not changed since the time. It
// looks at all there are, because callers may name messages as they like.
func OldMessages(ctx context.Context, tx db.Tx, before heed.Time, after heed.ID, limit int) (last heed.ID, deleted int64, err error) {
	list, gone, err := old(ctx, tx, "ledger.old_messages", after[:], before, limit)
	if err != nil || len(list) == 0 {
		return last, 0, err
	}
	err = tx.ExecEach(ctx, "ledger.delete_message", len(gone), func(i int) []any { return []any{gone[i], before} })
	return list[len(list)-1], int64(len(gone)), err
}

// old reads a page of ids, and which of them may go.
func old(ctx context.Context, tx db.Tx, query string, args ...any) (all, gone []heed.ID, err error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id heed.ID
		var may int64
		if err := rows.Scan(&id, &may); err != nil {
			return nil, nil, err
		}
		if all = append(all, id); may > 0 {
			gone = append(gone, id)
		}
	}
	return all, gone, rows.Err()
}
