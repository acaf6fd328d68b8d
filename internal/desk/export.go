package desk

import (
	"context"
	"errors"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// State is where an export stands.
type State string

// The states.
const (
	Waiting  State = "waiting"
	Running  State = "running"
	Done     State = "done"
	Failed   State = "failed"
	Canceled State = "canceled"
)

// Export is a file that somebody asked for.
type Export struct {
	ID      heed.ID
	Process string // the installation that writes it, on whose disk it lies
	By      string
	What    string // people, timelines, ledger
	Format  string // csv, ndjson, parquet
	Asked   heed.RawJSON
	State   State
	Done    int64 // rows
	Total   int64 // rows, as far as it is known
	Bytes   int64 // of the file
	Detail  string
	Made    heed.Time
	Changed heed.Time
}

// PutExport queues an export.
func (s Store) PutExport(ctx context.Context, e Export) error {
	return s.DB.WriteDurable(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, "desk.put_export", e.ID, e.Process, e.By, e.What, e.Format, e.Asked, e.Made)
		return err
	})
}

// Exports lists the exports that somebody ("" is anybody) asked for, newest first.
func (s Store) Exports(ctx context.Context, by string, limit int) ([]Export, error) {
	return s.list(ctx, "desk.exports", by, limit)
}

// OldExports are those of a process that ended before a moment, at most 100.
func (s Store) OldExports(ctx context.Context, process string, before heed.Time) ([]Export, error) {
	return s.list(ctx, "desk.old_exports", process, before)
}

func (s Store) list(ctx context.Context, query string, args ...any) (out []Export, err error) {
	err = s.DB.Read(ctx, func(q db.Querier) error {
		rows, err := q.Query(ctx, query, args...)
		out, err = db.List(rows, err, scanExport)
		return err
	})
	return out, err
}

// Export returns one export; a heed.NotFound when there is none.
func (s Store) Export(ctx context.Context, id heed.ID) (e Export, err error) {
	err = s.DB.Read(ctx, func(q db.Querier) error {
		e, err = scanExport(q.QueryRow(ctx, "desk.export", id))
		return missing(err, "export", id)
	})
	return e, err
}

// NextExport returns the oldest export of a process that is to be written: one that was under way when the process ended
// begins anew.
func (s Store) NextExport(ctx context.Context, process string) (e Export, found bool, err error) {
	err = s.DB.Read(ctx, func(q db.Querier) error {
		e, err = scanExport(q.QueryRow(ctx, "desk.next_export", process))
		if errors.Is(err, db.ErrNoRows) {
			return nil
		}
		found = err == nil
		return err
	})
	return e, found, err
}

// MoveExport changes the state of an export that has not ended, and says whether it did.
func (s Store) MoveExport(ctx context.Context, id heed.ID, to State, detail string, now heed.Time) (moved bool, err error) {
	err = s.DB.WriteDurable(ctx, func(tx db.Tx) error {
		n, err := tx.Exec(ctx, "desk.move_export", id, string(to), detail, now)
		moved = n > 0
		return err
	})
	return moved, err
}

// Progress notes how far an export is.
func (s Store) Progress(ctx context.Context, id heed.ID, done, total, bytes int64, now heed.Time) error {
	return s.DB.Write(ctx, func(tx db.Tx) error { _, err := tx.Exec(ctx, "desk.progress", id, done, total, bytes, now); return err })
}

// DeleteExport forgets an export.
func (s Store) DeleteExport(ctx context.Context, id heed.ID) error {
	return s.DB.Write(ctx, func(tx db.Tx) error { _, err := tx.Exec(ctx, "desk.delete_export", id); return err })
}

func scanExport(r db.Row) (e Export, err error) {
	var state string
	err = r.Scan(&e.ID, &e.Process, &e.By, &e.What, &e.Format, &e.Asked, &state, &e.Done, &e.Total, &e.Bytes, &e.Detail, &e.Made, &e.Changed)
	e.State = State(state)
	return e, err
}

// PutLetter notes that somebody has dealt with a dead letter: retried, fixed or discarded it.
func (s Store) PutLetter(ctx context.Context, id, how, who string, now heed.Time) error {
	return s.DB.WriteDurable(ctx, func(tx db.Tx) error { _, err := tx.Exec(ctx, "desk.put_letter", id, how, who, now); return err })
}

// RestoreLetters puts letters that were discarded back on the list.
func (s Store) RestoreLetters(ctx context.Context, ids []string) error {
	return s.DB.WriteDurable(ctx, func(tx db.Tx) error {
		return tx.ExecEach(ctx, "desk.restore_letter", len(ids), func(i int) []any { return []any{ids[i]} })
	})
}

// Letters says how each of some dead letters was dealt with; "" when it was not.
func (s Store) Letters(ctx context.Context, ids []string) ([]string, error) {
	out := make([]string, len(ids))
	err := s.DB.Read(ctx, func(q db.Querier) error {
		return q.Each(ctx, "desk.letter", len(ids), func(i int) []any { return []any{ids[i]} }, func(i int, r db.Row) error {
			var who string
			var at heed.Time
			return r.Scan(&out[i], &who, &at)
		})
	})
	return out, err
}
