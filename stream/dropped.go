package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Dropped tells which events of a partition's records, by their index, have not been folded, for after < seq <= folded:
// duplicates, and what is among the dead letters. folded is at most upto, and less when the state that q reads has not
// folded that far: one that has crashed may have lost what it had answered, until the worker folds it again. q must be one
// snapshot, as that of db.Read is.
func Dropped(ctx context.Context, q db.Querier, part int, after, upto uint64) (dropped map[uint64][]int, folded uint64, err error) {
	var at place
	if err := q.QueryRow(ctx, "stream.position", part).Scan(&at.seq, &at.done); err != nil && !errors.Is(err, db.ErrNoRows) {
		return nil, 0, err
	}
	folded = min(at.seq, upto)
	rows, err := q.Query(ctx, "stream.dropped", part, after, folded)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	dropped = map[uint64][]int{}
	for rows.Next() {
		var seq uint64
		var text string
		if err := rows.Scan(&seq, &text); err != nil {
			return nil, 0, err
		}
		var idx []int
		if err := json.Unmarshal([]byte(text), &idx); err != nil {
			return nil, 0, fmt.Errorf("stream: duplicates of record %d: %w", seq, err)
		}
		dropped[seq] = idx
	}
	return dropped, folded, rows.Err()
}

// putDropped notes which events of which envelope were not folded, so that the history store leaves them out too. Of an
// envelope that is folded in parts some may have been noted before.
func putDropped(ctx context.Context, tx db.Tx, part int, from place, dropped []*heed.Event) error {
	bySeq := map[uint64][]int{}
	for _, e := range dropped {
		bySeq[e.Seq] = append(bySeq[e.Seq], e.Index)
	}
	for seq, idx := range bySeq {
		if from.done > 0 {
			had, err := droppedOf(ctx, tx, part, seq)
			if err != nil {
				return err
			}
			idx = append(had, idx...)
		}
		text, err := json.Marshal(idx)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "stream.put_dropped", part, seq, string(text)); err != nil {
			return err
		}
	}
	return nil
}

func droppedOf(ctx context.Context, q db.Querier, part int, seq uint64) (idx []int, err error) {
	var text string
	err = q.QueryRow(ctx, "stream.dropped", part, seq-1, seq).Scan(&seq, &text)
	if errors.Is(err, db.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return idx, json.Unmarshal([]byte(text), &idx)
}
