package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/identity"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/profile"
	"github.com/heedcx/heed/segment"
	"github.com/heedcx/heed/stream"
)

// whole refuses a state store whose memory is being rebuilt.
func whole(ctx context.Context, d db.DB) error {
	return d.Read(ctx, func(q db.Querier) error {
		half, err := stream.Rebuilding(ctx, q)
		if err == nil && half {
			err = heed.Errorf(heed.Conflict, "A rebuild of memory has not come to its end: run `heed replay --memory` again, it goes on where it stopped.")
		}
		return err
	})
}

// Rebuilt is what a rebuild of memory did.
type Rebuilt struct {
	Records  uint64
	People   int
	Restored int // who got reservations or held messages back that their documents lacked
}

const restoreAtOnce = 1000

// RebuildMemory empties what we know of people, and the lists of segments, and folds the stream again from its
// beginning, by the graph of identities and the specs as they are now. Journeys, messages and decisions stay as they
// are; nothing is started or sent. No Heed may work on the data folder or the state store meanwhile. When it is
// interrupted, it goes on the next time; until then Open refuses.
func RebuildMemory(ctx context.Context, cfg Config, log *slog.Logger, progress func(done, all uint64)) (out Rebuilt, err error) {
	lock, err := lockData(cfg.Data)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	d, err := db.Open(ctx, cfg.DatabaseURL, db.Options{Queries: queries(), CacheMB: cfg.CacheMB})
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	open, o := stream.OpenEmbedded, stream.Options{Dir: filepath.Join(cfg.Data, "stream"), Partitions: cfg.Partitions, Replicas: cfg.Replicas, MaxAge: cfg.Retention, MinFree: 1, Logger: log}
	if o.URL = cfg.NATSURL; o.URL != "" {
		open = stream.OpenCluster
	}
	l, err := open(ctx, o)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	leases, err := takeLeases(ctx, d, l)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, leases.release()) }()
	if err := counted(ctx, d); err != nil {
		return out, err
	}
	p := profile.New(log)
	r := &stream.Rebuilder{
		Engine: &stream.Engine{DB: d, Sleepers: p, Stages: []stream.Stage{identity.NewSettled(log), p, newSegments(log)}},
		Log:    l, Logger: log,
		Reset: func(ctx context.Context, tx db.Tx) error {
			return errors.Join(profile.Reset(ctx, tx), segment.Reset(ctx, tx))
		},
		Progress: func(done, all uint64) {
			out.Records = all
			if progress != nil {
				progress(done, all)
			}
			leases.renew(ctx, log)
		},
	}
	if err := r.Run(ctx); err != nil {
		return out, err
	}
	if out.People, err = restorePeople(ctx, d); err != nil {
		return out, err
	}
	store := profile.NewStore()
	out.Restored, err = ledger.New(ledger.Options{DB: d, Clock: clock.NewSystem(), People: store, Owner: "rebuild", Logger: log}).Restore(ctx)
	if err != nil {
		return out, err
	}
	return out, r.End(ctx)
}

// counted refuses while counters are still being filled from history.
func counted(ctx context.Context, d db.DB) error {
	return d.Read(ctx, func(q db.Querier) error {
		busy, err := segment.Unfinished(ctx, q)
		if err == nil && busy {
			err = heed.Errorf(heed.Conflict, "Segments are still being counted from history: run heed serve until they are complete, then rebuild.")
		}
		return err
	})
}

// restorePeople takes over into the rebuilt documents what no event tells.
func restorePeople(ctx context.Context, d db.DB) (n int, err error) {
	store := profile.NewStore()
	for {
		var some []profile.Restored
		err := d.Write(ctx, func(tx db.Tx) (err error) {
			if some, err = store.Restore(ctx, tx, restoreAtOnce); err != nil {
				return err
			}
			for _, one := range some {
				if err := segment.SetSince(ctx, tx, one.ID, one.Segments); err != nil {
					return err
				}
			}
			return nil
		})
		if n += len(some); err != nil || len(some) == 0 {
			return n, err
		}
	}
}

// leases keep the workers of other processes from the partitions.
type leases struct {
	all   []stream.Lease
	taken time.Time
}

const leaseRenewed = 3 * time.Second

func takeLeases(ctx context.Context, d db.DB, l stream.Log) (*leases, error) {
	owner := fmt.Sprintf("rebuild/%d", os.Getpid())
	out := &leases{taken: time.Now()}
	for part := range l.Partitions() {
		lease := stream.Lease{DB: d, Clock: clock.NewSystem(), Part: part, Owner: owner}
		held, err := lease.Take(ctx)
		if err == nil && !held {
			err = heed.Errorf(heed.Conflict, "Another process works on this state store, or did until a moment ago. Stop it, wait ten seconds, and try again.")
		}
		if err != nil {
			return nil, errors.Join(err, out.release())
		}
		out.all = append(out.all, lease)
	}
	return out, nil
}

func (l *leases) renew(ctx context.Context, log *slog.Logger) {
	if time.Since(l.taken) < leaseRenewed {
		return
	}
	l.taken = time.Now()
	for i := range l.all {
		if held, err := l.all[i].Take(ctx); err != nil || !held {
			log.Warn("the lease of a partition could not be renewed", "partition", l.all[i].Part, "error", err)
		}
	}
}

func (l *leases) release() (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for i := range l.all {
		err = errors.Join(err, l.all[i].Release(ctx))
	}
	return err
}
