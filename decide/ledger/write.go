package ledger

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// write puts everything that the batch changed into the tables.
func (w *work) write(ctx context.Context, tx db.Tx, now heed.Time) error {
	var fresh, old []*message
	for _, m := range w.changed {
		if m.fresh {
			fresh = append(fresh, m)
		} else {
			old = append(old, m)
		}
	}
	if err := tx.ExecEach(ctx, "ledger.put_message", len(fresh), func(i int) []any { return fresh[i].insertArgs() }); err != nil {
		return err
	}
	err := tx.ExecEach(ctx, "ledger.set_message", len(old), func(i int) []any {
		m := old[i]
		return []any{m.ID, string(m.State), m.Reason, m.Due, m.Address, m.Detail, now, m.Person}
	})
	if err != nil {
		return err
	}
	err = tx.ExecEach(ctx, "ledger.feedback", len(w.feedback), func(i int) []any {
		f := w.feedback[i]
		return []any{f.message, string(f.state), f.at, f.detail, f.provider, rank(f.state)}
	})
	if err != nil {
		return err
	}
	if err := putRows(ctx, tx, w.rows); err != nil {
		return err
	}
	for _, name := range []string{"ledger.move_messages", "ledger.move_decisions"} {
		err := tx.ExecEach(ctx, name, len(w.moves), func(i int) []any { return []any{w.moves[i][0], w.moves[i][1]} })
		if err != nil {
			return err
		}
	}
	for _, name := range []string{"ledger.erase_messages", "ledger.erase_decisions"} {
		if err := tx.ExecEach(ctx, name, len(w.erased), func(i int) []any { return []any{w.erased[i]} }); err != nil {
			return err
		}
	}
	return nil
}

func putRows(ctx context.Context, tx db.Tx, rows []Row) error {
	return tx.ExecEach(ctx, "ledger.put_decision", len(rows), func(i int) []any { return rows[i].args() })
}
