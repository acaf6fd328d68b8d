package app

import (
	"context"
	"time"
)

// lostEvery is how often the outbox is looked through for messages that nobody has in hand any more.
const lostEvery = time.Minute

// recoverLost marks as unknown what a process had in its hands that does not come back.
func (a *App) recoverLost(ctx context.Context) {
	for tick := time.NewTicker(lostEvery); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
		}
		if _, err := a.ledger.RecoverLost(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("the outbox could not be looked through for lost messages; trying again", "error", err)
		}
	}
}
