package journey

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Overdue is how many runs of a journey should have gone on and have not.
type Overdue struct {
	Journey string
	Runs    int64
	Since   heed.Time // when the first of them was due
}

// FindOverdue tells, by journey, of active runs that were due before the time. It looks at every run under way, a second
// or two with a million of them: an index over when they are due would cost each step a third more to write. Ask it when
// somebody is overdue to be woken, and now and then.
func FindOverdue(ctx context.Context, q db.Querier, before heed.Time) ([]Overdue, error) {
	rows, err := q.Query(ctx, "journey.overdue", before)
	return db.List(rows, err, func(r db.Row) (o Overdue, err error) {
		err = r.Scan(&o.Journey, &o.Runs, &o.Since)
		return o, err
	})
}
