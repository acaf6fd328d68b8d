package ledger

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Came is how many messages of a journey came to what, and why.
type Came struct {
	Journey string
	State   heed.MessageState
	Reason  string // of the latest decision about them
	N       int64
}

// lately bounds how many of the newest messages of journeys CameTo looks at.
const lately = 20_000

// CameTo tells what the newest messages of journeys that were made since then came to, those that are done with: at most
// 20,000 of them, the most frequent outcome of each journey first.
func (l *Ledger) CameTo(ctx context.Context, since heed.Time) (out []Came, err error) {
	first := floor(since)
	err = l.db.Read(ctx, func(q db.Querier) error {
		rows, err := q.Query(ctx, "ledger.came_to", first[:], lately)
		out, err = db.List(rows, err, func(r db.Row) (c Came, err error) {
			var state string
			err = r.Scan(&c.Journey, &state, &c.Reason, &c.N)
			c.State = heed.MessageState(state)
			return c, err
		})
		return err
	})
	return out, err
}
