package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/collect/importer"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/identity"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/internal/account"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/profile"
	"github.com/heedcx/heed/stream"
)

// OpenAccounts opens the state store beside whatever runs, for commands about users and keys.
func OpenAccounts(ctx context.Context, cfg Config, log *slog.Logger) (*account.Service, func() error, error) {
	if path, file := strings.CutPrefix(cfg.DatabaseURL, "sqlite:"); file {
		if _, err := os.Stat(strings.TrimPrefix(path, "//")); errors.Is(err, fs.ErrNotExist) {
			log.Warn("there was no state store, so a new one is made: if there should be one, look at --data", "store", path)
		}
	}
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, nil, err
	}
	d, err := db.Open(ctx, cfg.DatabaseURL, db.Options{Queries: queries(), CacheMB: 8})
	if err != nil {
		return nil, nil, err
	}
	s, err := account.New(account.Options{DB: d, Clock: clock.NewSystem(), Log: log})
	if err != nil {
		return nil, nil, err
	}
	return s, d.Close, s.Refresh(ctx)
}

// Migrate brings the state store's schema up to date and checks every query.
func Migrate(ctx context.Context, cfg Config) error {
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return err
	}
	d, err := db.Open(ctx, cfg.DatabaseURL, db.Options{Queries: queries(), CacheMB: 8})
	if err != nil {
		return err
	}
	return d.Close()
}

// Import imports a file through a mapping and returns when everything is folded and in history.
func (a *App) Import(ctx context.Context, file, mapping, rejects string, progress func(importer.Progress)) (importer.Result, error) {
	text, err := os.ReadFile(mapping)
	if err != nil {
		return importer.Result{}, err
	}
	m, err := importer.ParseMapping(filepath.Base(mapping), text)
	if err != nil {
		return importer.Result{}, err
	}
	im := importer.Importer{Sink: a.Writer, Jobs: importer.Store{DB: a.DB}, Clock: a.clock, Log: a.log, Progress: progress}
	res, err := im.Run(ctx, m, file, rejects)
	if err != nil {
		return res, err
	}
	return res, a.Settle(ctx)
}

// Settle returns when everything on the stream is folded, and in history.
func (a *App) Settle(ctx context.Context) error {
	for p, w := range a.Workers {
		last, err := a.Log.Last(ctx, "events", p)
		if err != nil {
			return err
		}
		if err := w.WaitFor(ctx, last); err != nil {
			return err
		}
	}
	if a.history == nil {
		return nil
	}
	for {
		lag, err := a.history.lag(ctx)
		if err != nil {
			return err
		}
		if lag.Records == 0 {
			return a.history.commit(ctx)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// ReplayHistory rebuilds history from after a sequence on, per partition of the events and for the facts.
func (a *App) ReplayHistory(ctx context.Context, after uint64) error {
	if a.history == nil {
		return fmt.Errorf("this process does not play the role history")
	}
	var to insight.Positions
	if after > 0 {
		to = insight.Positions{}
		for p := range a.Log.Partitions() {
			to[p] = after
		}
	}
	if err := a.history.fed(ctx); err != nil {
		return err
	}
	if err := a.history.follower.Rewind(ctx, to); err != nil {
		return err
	}
	return a.Settle(ctx)
}

// RebuildIdentity works the graph out again from its edges.
func (a *App) RebuildIdentity(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stream.WholeTime)
	defer cancel()
	return a.DB.Write(ctx, func(tx db.Tx) error { return identity.New(a.log).Rebuild(ctx, tx) })
}

// PeopleCount is how many people the memory holds.
func (a *App) PeopleCount(ctx context.Context) (n int64, err error) {
	err = a.DB.Read(ctx, func(q db.Querier) error {
		n, err = profile.Count(ctx, q)
		return err
	})
	return n, err
}

// Find returns the person behind an identifier.
func (a *App) Find(ctx context.Context, id heed.Identifier) (*heed.Person, error) {
	return a.reading.Find(ctx, id)
}
