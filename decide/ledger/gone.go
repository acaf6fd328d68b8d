package ledger

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Gone is a message that really went out: what caps count of it, and what wanted it.
type Gone struct {
	Person  heed.ID
	Contact heed.Contact
	Journey string // "" for broadcasts, API calls and whatever else is no journey
}

// Gone returns what went out to the people since a time, in no particular order: also what bounced later, and what nobody
// knows to have arrived. They are read in one statement: a thousand people are a good number.
func (l *Ledger) Gone(ctx context.Context, people []heed.ID, since heed.Time) (out []Gone, err error) {
	err = l.db.Read(ctx, func(q db.Querier) error {
		rows, err := q.Query(ctx, "ledger.gone", db.JSON(people), since)
		out, err = db.List(rows, err, func(r db.Row) (g Gone, err error) {
			c := &g.Contact
			err = r.Scan(&c.Message, &g.Person, &c.Channel, &c.Purpose, &c.Class, &g.Journey, &c.At)
			return g, err
		})
		return err
	})
	return out, err
}

// Remembers is how far back the caps in force look at most.
func (l *Ledger) Remembers(ctx context.Context) (t heed.Time, err error) {
	err = l.db.Read(ctx, func(q db.Querier) error {
		o, err := l.current(ctx, q)
		if err == nil {
			t = o.Remembers()
		}
		return err
	})
	return t, err
}

// Waits is a channel for whose sender something is reserved, and when the first of it may go.
type Waits struct {
	Channel string
	Due     heed.Time
}

// Waiting returns the channels for whose senders something is reserved.
func (l *Ledger) Waiting(ctx context.Context) (out []Waits, err error) {
	err = l.db.Read(ctx, func(q db.Querier) error {
		rows, err := q.Query(ctx, "ledger.first_due")
		out, err = db.List(rows, err, func(r db.Row) (w Waits, err error) {
			err = r.Scan(&w.Channel, &w.Due)
			return w, err
		})
		return err
	})
	return out, err
}
