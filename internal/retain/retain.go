package retain

import (
	"context"
	"log/slog"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/clock"
)

// Piece looks at the next rows of a table after the given id, at most limit, and deletes those that are older than
// before and at an end. last is the last row that it looked at, the zero ID when there are none left.
type Piece func(ctx context.Context, tx db.Tx, before heed.Time, after heed.ID, limit int) (last heed.ID, deleted int64, err error)

// Table is a table that is not kept for ever.
type Table struct {
	Name  string // in sentences: "decisions"
	Piece Piece
}

// Keeper goes over its tables once a day.
type Keeper struct {
	DB     db.DB
	Clock  clock.Clock
	Log    *slog.Logger
	Keep   time.Duration
	Tables []Table
}

const (
	// rows of one transaction: a few milliseconds of the writer's time on either engine.
	rows = 500
	// share: after each transaction the keeper rests so many times as long as it took, so that it never takes more
	// than a tenth of the writer.
	share     = 9
	leastRest = 20 * time.Millisecond
	mostRest  = 2 * time.Second
	every     = 24 * time.Hour
	// first leaves the start of the process to what is more urgent.
	first = time.Minute
)

// Run works until ctx is done. A piece that fails is tried again the next day, with all that came after it.
func (k *Keeper) Run(ctx context.Context) {
	for wait := first; rest(ctx, wait); wait = every {
		for _, t := range k.Tables {
			n, err := k.Table(ctx, t)
			switch {
			case err != nil && ctx.Err() == nil:
				k.Log.Warn("what has been kept long enough is not deleted; trying again tomorrow", "table", t.Name, "error", err)
			case n > 0:
				k.Log.Info("deleted what has been kept long enough", "table", t.Name, "rows", n, "kept", k.Keep)
			}
		}
	}
}

// Table goes over one table, and returns how many rows it deleted.
func (k *Keeper) Table(ctx context.Context, t Table) (deleted int64, err error) {
	before := k.Clock.Now().Add(-k.Keep)
	var after heed.ID
	for {
		began := k.Clock.Now()
		var last heed.ID
		var n int64
		err := k.DB.Write(ctx, func(tx db.Tx) (err error) {
			last, n, err = t.Piece(ctx, tx, before, after, rows)
			return err
		})
		if err != nil {
			return deleted, err
		}
		deleted += n
		if last.IsZero() {
			return deleted, nil
		}
		after = last
		took := k.Clock.Now().Std().Sub(began.Std())
		if !rest(ctx, min(mostRest, max(leastRest, share*took))) {
			return deleted, ctx.Err()
		}
	}
}

// rest says whether there was time for it.
func rest(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
