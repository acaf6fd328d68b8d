package app

import (
	"context"
	"time"

	"github.com/heedcx/heed/stream"
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

// trimEvery is how often notes about records are dropped that the stream has dropped.
const trimEvery = time.Hour

// trim forgets what is noted of records that --retention has removed.
func (a *App) trim(ctx context.Context) {
	for tick := time.NewTicker(trimEvery); ; {
		if err := stream.Trim(ctx, a.DB, a.Log); err != nil && ctx.Err() == nil {
			a.log.Warn("notes about records that are gone stay for now", "error", err)
		}
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
		}
	}
}
