package insight

import (
	"context"
	_ "embed"
	"errors"

	"github.com/heedcx/heed/db"
)

// Queries are the statements of this package on the state store.
//
//go:embed queries.sql
var Queries string

// Feed numbers the changes of a log whose own places are pairs (on PostgreSQL: transaction and row), because a history
// store keeps one number. It implements KeyFeed.
type Feed struct {
	DB db.DB
	// Read returns changes after a place, at least limit if there are as many, and the place behind them.
	Read func(ctx context.Context, q db.Querier, tx, at int64, limit int) (changes []KeyChange, newTx, newAt int64, err error)
}

// keptPlaces is how many numbers back a history store may come with: it commits at most a few pages at once.
const keptPlaces = 1 << 20

// Changes implements KeyFeed.
func (f *Feed) Changes(ctx context.Context, after int64, limit int) ([]KeyChange, error) {
	var out []KeyChange
	var tx, at int64
	err := f.DB.Read(ctx, func(q db.Querier) (err error) {
		// An unknown place, such as 0, reads from the beginning: a change may come twice, none is missed.
		if err := q.QueryRow(ctx, "insight.feed", after).Scan(&tx, &at); err != nil && !errors.Is(err, db.ErrNoRows) {
			return err
		}
		out, tx, at, err = f.Read(ctx, q, tx, at, limit)
		return err
	})
	if err != nil || len(out) == 0 {
		return nil, err
	}
	for i := range out {
		out[i].N = after + int64(i) + 1
	}
	last := out[len(out)-1].N
	return out, f.DB.Write(ctx, func(w db.Tx) error {
		if _, err := w.Exec(ctx, "insight.put_feed", last, tx, at); err != nil {
			return err
		}
		_, err := w.Exec(ctx, "insight.trim_feed", last-keptPlaces)
		return err
	})
}
