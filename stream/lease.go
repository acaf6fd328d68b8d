package stream

import (
	"context"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/clock"
)

// Parts beyond the partitions of topic Events that one process at a time looks after.
const (
	FactsPart   = -1 // publishing facts
	HistoryPart = -2 // following the stream into a history store that several processes share
)

// Lease makes one process at a time responsible for a part. Its time is that of the database, where several processes
// share one: their clocks need not agree. It is a promise among the living and no fence: whoever holds it may have been
// asleep since. What must not happen twice is fenced where it happens (the position of a partition; the topic of facts).
type Lease struct {
	DB    db.DB
	Clock clock.Clock
	Part  int
	Owner string
}

// Take takes or renews the lease for leaseTime and says whether this process holds it.
func (l *Lease) Take(ctx context.Context) (bool, error) { return l.take(ctx, l.DB.Write) }

// Keep is Take that returns when this, and everything that was committed before it, is on disk.
func (l *Lease) Keep(ctx context.Context) (bool, error) { return l.take(ctx, l.DB.WriteDurable) }

func (l *Lease) take(ctx context.Context, write func(context.Context, func(db.Tx) error) error) (bool, error) {
	var n int64
	err := write(ctx, func(tx db.Tx) (err error) {
		now, err := storeNow(ctx, tx, l.Clock)
		if err != nil {
			return err
		}
		n, err = tx.Exec(ctx, "lease.take", l.Part, l.Owner, now, now.Add(leaseTime))
		return err
	})
	return n > 0, err
}

// storeNow is the database's time; with SQLite, which has none of its own, c's.
func storeNow(ctx context.Context, q db.Querier, c clock.Clock) (now heed.Time, err error) {
	return now, q.QueryRow(ctx, "lease.now", c.Now()).Scan(&now)
}

// Release lets go, so that another process need not wait for the lease to run out.
func (l *Lease) Release(ctx context.Context) error {
	return l.DB.Write(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, "lease.take", l.Part, l.Owner, 0, 0)
		return err
	})
}

// renewed is a lease that is taken again in time, as long as the part is in our share.
type renewed struct {
	Lease
	share *Share
	at    time.Time
}

// hold makes sure of the lease. errLost says that another process has it, or should have it.
func (l *renewed) hold(ctx context.Context) error {
	if !l.share.has(l.Part) {
		return errLost
	}
	if !l.at.IsZero() && time.Since(l.at) < leaseTime/3 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, leaseTime)
	defer cancel()
	asked := time.Now()
	held, err := l.Take(ctx)
	if err != nil {
		return err
	}
	if !held {
		return errLost
	}
	l.at = asked
	return nil
}

// letGo releases a lease that was held when the part is not in our share any more, or the process stops: another one may
// work at once.
func (l *renewed) letGo(ctx context.Context) {
	if l.share.has(l.Part) {
		l.Lease.letGo(ctx)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	_ = l.Release(ctx) // else it runs out by itself
}

// letGo releases the lease when ctx is done: the process stops, and another one may work at once.
func (l *Lease) letGo(ctx context.Context) {
	if ctx.Err() == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	_ = l.Release(ctx) // else it runs out by itself
}
