package stream

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// PutFacts records derived events in a transaction that is not a batch's: what a sender's claim finds out belongs into
// history too. They reach topic Facts when the transaction has committed.
func PutFacts(ctx context.Context, tx db.Tx, now heed.Time, events []*heed.Event) error {
	return (&Batch{Now: now, facts: events}).flushFacts(ctx, tx)
}
