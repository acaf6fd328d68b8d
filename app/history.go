package app

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/identity"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/stream"
)

func (a *App) openHistory(ctx context.Context) error {
	if !a.Config.Has("history") {
		return nil
	}
	h, err := a.openHistoryStore(ctx)
	if err != nil {
		return err
	}
	a.parts.Defer("history store", h.store.Close)
	keyer, err := newKeyer(ctx, a.DB, a.log)
	if err != nil {
		return err
	}
	a.parts.Go("keys of history", keyer.Run)
	h.follower, err = insight.NewFollower(insight.Config{
		Log: a.Log, Sink: h.store, Key: keyer.key, Keys: &insight.Feed{DB: a.DB, Read: keyChanges}, Dropped: dropped{a.DB},
		Committed: func(part int) uint64 { return a.Workers[part].Position() },
		Clock:     a.clock, Logger: a.log,
	})
	if err != nil {
		return err
	}
	h.keys = &keysHeld{db: a.DB, clock: a.clock}
	a.history = h
	if !a.Config.Has("work") { // nobody else here asks how far the workers are
		for p, w := range a.Workers {
			a.parts.Go(fmt.Sprint("watch of worker ", p), w.Watch)
		}
	}
	a.parts.Go("history", func(ctx context.Context) { h.follow(ctx, a) })
	a.health.add("history", false, h.check)
	a.metrics.counter("history_rows_total", "Events written to history.", nil, func() float64 { return float64(h.follower.Stats().Rows) })
	a.metrics.asked(100*time.Millisecond, func(ctx context.Context) ([]float64, error) {
		lag, err := h.lag(ctx)
		return []float64{float64(lag.Events)}, err
	}, asked{"history_lag_events", "Events that history has not taken in yet (estimated).", nil})
	return nil
}

// keyer computes history's keys with the brand's configuration of identity as it is now. A change of what identifies
// people takes a replay of history to reach what has been stored.
type keyer struct {
	db       db.DB
	log      *slog.Logger
	revision int64
	config   atomic.Pointer[identity.Config]
}

// keyerEvery is how often it is asked whether specs have changed.
const keyerEvery = time.Second

func newKeyer(ctx context.Context, d db.DB, log *slog.Logger) (*keyer, error) {
	k := &keyer{db: d, log: log, revision: -1}
	return k, k.load(ctx)
}

// load reads the configuration when specs have changed.
func (k *keyer) load(ctx context.Context) error {
	return k.db.Read(ctx, func(q db.Querier) error {
		now, err := spec.Revision(ctx, q)
		if err != nil || now == k.revision {
			return err
		}
		config, err := identity.LoadConfig(ctx, q)
		if err != nil {
			return err
		}
		k.config.Store(config)
		k.revision = now
		return nil
	})
}

// Run follows changes until ctx is done.
func (k *keyer) Run(ctx context.Context) {
	for tick := time.NewTicker(keyerEvery); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
		}
		if err := k.load(ctx); err != nil && ctx.Err() == nil {
			k.log.Warn("history goes by the identity configuration of before: the new one cannot be read yet", "error", err)
		}
	}
}

func (k *keyer) key(e *heed.Event) (heed.ID, bool) {
	id := k.config.Load().Key(e)
	return id, !id.IsZero()
}

func keyChanges(ctx context.Context, q db.Querier, tx, at int64, limit int) ([]insight.KeyChange, int64, int64, error) {
	changes, next, err := identity.Changes(ctx, q, identity.Cursor{Tx: tx, N: at}, limit)
	out := make([]insight.KeyChange, len(changes))
	for i, c := range changes {
		out[i] = insight.KeyChange{Key: c.Key, Person: c.Person, Erased: c.Erased}
	}
	return out, next.Tx, next.N, err
}

// dropped tells history which events the workers dropped as duplicates.
type dropped struct{ db db.DB }

// Dropped implements insight.Dropped.
func (d dropped) Dropped(ctx context.Context, part int, after, upto uint64) (out map[uint64][]int, folded uint64, err error) {
	err = d.db.Read(ctx, func(q db.Querier) error {
		out, folded, err = stream.Dropped(ctx, q, part, after, upto)
		return err
	})
	return out, folded, err
}
