package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/collect"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/internal/account"
	"github.com/heedcx/heed/internal/changes"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/lifecycle"
	"github.com/heedcx/heed/internal/zone"
	"github.com/heedcx/heed/journey"
	"github.com/heedcx/heed/stream"
)

// App is Heed, put together.
type App struct {
	Config  Config
	Version string

	log      *slog.Logger
	clock    *clock.System
	name     string // of this installation's place, the same after a restart
	owner    string // of this process, in leases
	lock     *os.File
	listener net.Listener
	server   *http.Server
	serving  atomic.Pointer[http.Handler] // nil while opening: every request is answered 503
	parts    *lifecycle.Group
	health   *health
	metrics  *metrics

	DB        db.DB
	Log       stream.Log
	Writer    *stream.Writer
	Workers   []*stream.Worker
	Accounts  *account.Service
	zones     *zone.Cache
	sources   *sources
	journeys  *journey.Stage
	ledger    *ledger.Ledger
	sending   *sending
	wakes     wakes         // of senders
	nudge     chan struct{} // of broadcasts
	history   *history
	standing  *slow[standing]         // of the state
	lately    *slow[lately]           // of history
	catalogue *slow[[]api.KnownEvent] // of history
	trends    *slow[[]api.Trend]      // of history
	moved     *slow[moved]            // of history
	passages  *slow[passages]         // of history
	reading   *reading

	collector *collect.Handler
	live      *live
	arrivals  *arrivals
	changes   *changes.Hub
	purged    atomic.Int64 // counters that no rule needs any more
}

// stopTime is how long each part may take to drain.
const stopTime = 25 * time.Second

// Open opens the engines and starts everything that the roles of the configuration name. The listener answers from
// the first moment: /healthz with 200, everything else with 503 until Open returns.
func Open(ctx context.Context, cfg Config, version string, log *slog.Logger) (_ *App, err error) {
	a := &App{Config: cfg, Version: version, log: log, clock: clock.NewSystem(), parts: lifecycle.New(log), health: &health{}, metrics: newMetrics(), live: newLive(), arrivals: &arrivals{}, zones: &zone.Cache{}, nudge: make(chan struct{}, 1)}
	host, _ := os.Hostname()
	a.name = host + ":" + cfg.Data
	a.owner = a.name // the lock on the data folder says that whoever had its stream before is gone: no lease to wait for
	if cfg.NATSURL != "" {
		a.owner = fmt.Sprintf("%s/%d/%s", host, os.Getpid(), heed.NewID(a.clock.Now()))
	}
	a.changes = a.newChanges()
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	a.health.begin("start", "Heed is starting.")
	if a.lock, err = lockData(cfg.Data); err != nil {
		return nil, err
	}
	if err := a.listen(); err != nil {
		return nil, err
	}
	for _, step := range []struct {
		name string
		open func(context.Context) error
	}{
		{"state store", a.openState}, {"stream", a.openStream}, {"accounts", a.openAccounts}, {"workers", a.openWorkers},
		{"history", a.openHistory}, {"background", a.openBackground}, {"channels", a.openChannels}, {"changes", a.openChanges}, {"doors", a.openDoors},
	} {
		began := time.Now()
		if err := step.open(ctx); err != nil {
			return nil, fmt.Errorf("%s: %w", step.name, err)
		}
		log.Debug("opened", "part", step.name, "took", time.Since(began))
	}
	return a, nil
}

// URL is where the process listens.
func (a *App) URL() string { return "http://" + a.listener.Addr().String() }

// Close stops everything in the reverse order of its start.
func (a *App) Close() error {
	a.health.begin("stop", "Heed is stopping.")
	a.serving.Store(nil)
	err := a.parts.Stop(stopTime)
	if a.lock != nil {
		_ = a.lock.Close()
		a.lock = nil
	}
	return err
}

func (a *App) openState(ctx context.Context) error {
	d, err := a.awaitState(ctx)
	if err != nil {
		return err
	}
	a.DB = d
	a.parts.Defer("state store", d.Close)
	if err := whole(ctx, d); err != nil {
		return err
	}
	a.health.add("state store", true, func(ctx context.Context) (string, error) { return string(d.Dialect()), d.Ping(ctx) })
	a.health.add("clock", false, clockCheck(a.clock))
	return nil
}

// How often a state store that is not there is tried, and how often that is said.
const (
	stateRetry = time.Second
	stateSaid  = 10 * time.Second
)

// awaitState opens the state store and waits for one that is not there yet: Heed may start before PostgreSQL does.
func (a *App) awaitState(ctx context.Context) (db.DB, error) {
	var said time.Time
	for {
		d, err := db.Open(ctx, a.Config.DatabaseURL, db.Options{Queries: queries(), CacheMB: a.Config.CacheMB, SyncDelay: a.Config.FsyncDelay, Changed: a.changes.Changed})
		if err == nil || ctx.Err() != nil || !db.Absent(err) {
			if !said.IsZero() && err == nil {
				a.log.Info("the state store is there; going on")
				a.health.begin("start", "Heed is starting.")
			}
			return d, err
		}
		a.health.begin("state store", "Heed waits for it: "+err.Error())
		if time.Since(said) > stateSaid {
			said = time.Now()
			a.log.Warn("the state store is not there; Heed waits for it and goes on by itself", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(stateRetry):
		}
	}
}

func (a *App) openStream(ctx context.Context) error {
	o := stream.Options{
		Dir: filepath.Join(a.Config.Data, "stream"), URL: a.Config.NATSURL, Partitions: a.Config.Partitions, Replicas: a.Config.Replicas,
		MaxAge: a.Config.Retention, MinFree: a.Config.MinFreeMB << 20, SyncDelay: a.Config.FsyncDelay, Logger: a.log,
	}
	open := stream.OpenEmbedded
	if o.URL != "" {
		open = stream.OpenCluster
	}
	l, err := open(ctx, o)
	if err != nil {
		return err
	}
	a.Log, a.Writer = l, stream.NewWriter(l)
	a.parts.Defer("stream", l.Close)
	a.health.add("stream", true, func(ctx context.Context) (string, error) { return "", l.Healthy(ctx) })
	s := a.Writer.Stats()
	a.metrics.counter("stream_flushes_total", "Envelopes written.", nil, func() float64 { return float64(s.Flushes.Value()) })
	a.metrics.counter("stream_events_total", "Events written.", nil, func() float64 { return float64(s.Events.Value()) })
	a.metrics.counter("stream_bytes_total", "Bytes of events written, before packing.", nil, func() float64 { return float64(s.Bytes.Value()) })
	return nil
}

func (a *App) openAccounts(ctx context.Context) error {
	s, err := account.New(account.Options{DB: a.DB, Clock: a.clock, Log: a.log})
	if err != nil {
		return err
	}
	if err := s.Bootstrap(ctx, account.Bootstrap{WriteKey: a.Config.BootstrapWriteKey, APIKey: a.Config.BootstrapAPIKey}); err != nil {
		return err
	}
	if err := s.Refresh(ctx); err != nil {
		return err
	}
	a.Accounts = s
	a.parts.Go("accounts", s.Run)
	a.parts.Go("idle", a.idle)
	if a.sources, err = newSources(ctx, a.DB, s, a.log); err != nil {
		return err
	}
	a.parts.Go("sources", a.sources.Run)
	return nil
}

// openWorkers starts a worker per partition, the scheduler and the publisher of facts. Each engine has stages of its
// own: on PostgreSQL several transactions run at once, and a stage keeps what it loaded for its batch.
func (a *App) openWorkers(context.Context) error {
	a.reading = newReading(a.DB)
	a.journeys = journey.New(a.log, a.zones)
	a.ledger = ledger.New(ledger.Options{DB: a.DB, Clock: a.clock, People: a.reading.store, Owner: a.name, Notify: a.notify, Reserved: a.reserved, Logger: a.log})
	var share *stream.Share
	if a.Config.NATSURL != "" && a.Config.Has("work") { // others may work on the same stream
		share = &stream.Share{DB: a.DB, Clock: a.clock, Owner: a.owner, Partitions: a.Log.Partitions(), Logger: a.log}
		a.parts.Go("share", share.Run)
	}
	for p := range a.Log.Partitions() {
		w := &stream.Worker{Engine: a.engine(), Log: a.Log, Partition: p, Owner: a.owner, Share: share, MaxEvents: a.Config.MaxEvents, Logger: a.log}
		a.Workers = append(a.Workers, w)
		a.observe(w)
		if a.Config.Has("work") {
			a.parts.Go(fmt.Sprint("worker ", p), w.Run)
		}
	}
	if !a.Config.Has("work") {
		return nil
	}
	engine := a.engine()
	scheduler := &stream.Scheduler{Engine: engine, Horizon: a.horizon, Logger: a.log}
	a.metrics.counter("people_woken_total", "People woken by time.", nil, func() float64 { return float64(scheduler.Woken()) })
	a.parts.Go("scheduler", scheduler.Run)
	a.metrics.counter("counters_purged_total", "Counters that people's memory has lost because no rule needs them any more.", nil, func() float64 { return float64(a.purged.Load()) })
	a.parts.Go("trim", a.trim)
	publisher := &stream.Publisher{Engine: engine, Log: a.Log, Owner: a.owner, Logger: a.log}
	a.parts.Go("facts", publisher.Run)
	return nil
}

func (a *App) observe(w *stream.Worker) {
	label := map[string]string{"partition": fmt.Sprint(w.Partition)}
	s := w.Stats()
	a.metrics.counter("worker_events_total", "Events folded, duplicates among them.", label, func() float64 { return float64(s.Events.Value()) })
	a.metrics.counter("worker_batches_total", "Transactions of the worker.", label, func() float64 { return float64(s.Batches.Value()) })
	a.metrics.counter("worker_duplicates_total", "Events dropped as duplicates.", label, func() float64 { return float64(s.Duplicates.Value()) })
	a.metrics.counter("worker_dead_letters_total", "Events put aside.", label, func() float64 { return float64(s.DeadLetters.Value()) })
	a.metrics.gauge("worker_position", "Sequence folded and committed.", label, func() float64 { return float64(w.Position()) })
	a.metrics.latency("event_to_decision_seconds", "From an event's receipt to the commit of everything that it caused.", label, &s.Latency)
	a.health.add(fmt.Sprint("worker ", w.Partition), true, func(context.Context) (string, error) {
		if t := w.Trouble(); t != "" {
			return "", errors.New(t)
		}
		detail := fmt.Sprintf("folded up to %d", w.Position())
		return detail, nil
	})
}

// horizon is the time up to which every partition has been folded.
func (a *App) horizon() heed.Time {
	h := heed.Never
	for _, w := range a.Workers {
		h = min(h, w.Horizon())
	}
	return h
}

// notify puts events on the stream for whoever does not need to know where.
func (a *App) notify(ctx context.Context, events []heed.Event) error {
	_, err := a.Writer.Write(ctx, events)
	return err
}

// Applied returns when everything at pos has been folded and what came of it is on disk: whoever asks next sees it, also
// when the state store or the machine has failed in between. Workers commit without waiting for the disk, because the
// stream would replay it; an opt-out that was answered may not be open to a sender until then.
func (a *App) Applied(ctx context.Context, pos stream.Position) error {
	if len(pos) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	for p, seq := range pos {
		if err := a.Workers[p].WaitFor(ctx, seq); err != nil {
			return err
		}
	}
	if err := a.DB.Sync(ctx); err != nil {
		return &heed.Error{Code: heed.Unavailable, Message: "It is stored, and takes effect for sure when the state store has it on disk.", Cause: err}
	}
	return nil
}

// Do writes events and returns when they have been applied.
func (a *App) Do(ctx context.Context, events []heed.Event) error {
	for i := range events {
		events[i].Storable()
	}
	pos, err := a.Writer.Write(ctx, events)
	if err != nil {
		return err
	}
	return a.Applied(ctx, pos)
}
