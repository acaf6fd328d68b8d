package app

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/insight/clickhouse"
	"github.com/heedcx/heed/insight/duckdb"
	"github.com/heedcx/heed/stream"
)

// history is the history store and the follower that feeds it.
type history struct {
	store    insight.Store
	follower *insight.Follower
	engine   string
	// ping asks a server whether it answers; nil when the store is in this process.
	ping func(ctx context.Context) error
	// follows says whether this process feeds the store. One that processes share is fed by one of them.
	follows atomic.Bool
	keys    *keysHeld
}

var _ db.Shrinker = (*duckdb.Store)(nil)

// historyBehind is how far history may lag before it is called unwell.
const historyBehind = 5 * time.Minute

// shared says whether several processes use one history.
func (h *history) shared() bool { return h.ping != nil }

func (a *App) openHistoryStore(ctx context.Context) (*history, error) {
	if !strings.HasPrefix(a.Config.HistoryURL, "clickhouse:") {
		s, err := duckdb.Open(ctx, a.Config.HistoryURL, duckdb.Options{MemoryMB: a.Config.HistoryMB, Logger: a.log})
		if err != nil {
			return nil, err
		}
		return &history{store: s, engine: "DuckDB"}, nil
	}
	s, err := clickhouse.Open(ctx, a.Config.HistoryURL, clickhouse.Options{MemoryMB: a.Config.HistoryMB, Logger: a.log})
	if err != nil {
		return nil, err
	}
	return &history{store: s, engine: "ClickHouse", ping: s.Ping}, nil
}

// follow feeds the store: always, or while no other process does.
func (h *history) follow(ctx context.Context, a *App) {
	run := func(ctx context.Context) {
		h.follows.Store(true)
		defer h.follows.Store(false)
		if err := h.follower.Run(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("history has stopped", "error", err)
		}
	}
	if !h.shared() {
		run(ctx)
		return
	}
	lease := &stream.Lease{DB: a.DB, Clock: a.clock, Part: stream.HistoryPart, Owner: a.owner}
	lease.While(ctx, run)
}

// check is what /readyz says.
func (h *history) check(ctx context.Context) (string, error) {
	if h.shared() {
		if err := h.ping(ctx); err != nil {
			return "", err
		}
		if !h.follows.Load() {
			return h.engine + "; another process feeds it", nil
		}
	}
	if err := h.follower.Caught(ctx, historyBehind); err != nil {
		return h.engine, err
	}
	return h.engine, h.keys.check(ctx)
}

// lag is how far history is behind the stream. Whoever does not feed it asks it.
func (h *history) lag(ctx context.Context) (insight.Lag, error) {
	if h.follows.Load() {
		return h.follower.Lag(ctx)
	}
	at, err := h.store.Positions(ctx)
	if err != nil {
		return insight.Lag{}, err
	}
	return h.follower.LagBehind(ctx, at)
}

// commit makes what has been read part of history now, not a second later.
func (h *history) commit(ctx context.Context) error {
	if !h.follows.Load() {
		return nil
	}
	return h.follower.CatchUp(ctx)
}

// fed returns when this process feeds the store.
func (h *history) fed(ctx context.Context) error {
	for began := time.Now(); !h.follows.Load(); {
		if time.Since(began) > fedWithin {
			return heed.Errorf(heed.Conflict, "Another process feeds this history. Stop the servers that use it, wait ten seconds, and try again.")
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("history: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}

const fedWithin = 15 * time.Second
