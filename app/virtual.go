package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/channel/template"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/identity"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/zone"
	"github.com/heedcx/heed/journey"
	"github.com/heedcx/heed/profile"
	"github.com/heedcx/heed/rule"
	"github.com/heedcx/heed/segment"
	"github.com/heedcx/heed/stream"
)

// Virtual is a brand on a virtual clock: the real stages, ledger and background work on a state store of its own, with
// events from the caller's hand, and senders that note what they are given instead of sending it. Time stands still
// until Advance. The same calls give the same results. It is not safe for use by several goroutines.
type Virtual struct {
	db      db.DB
	dir     string // "": the store is not ours to delete
	clock   *clock.Virtual
	log     *slog.Logger
	engines []*stream.Engine // the first one carries events
	feed    *stream.Feed
	racing  []*stream.Feed

	journeys *journey.Stage
	ledger   *ledger.Ledger
	reading  *reading
	builder  *segment.Builder
	sweeper  *journey.Sweeper
	past     past
	sending  virtualSending
	told     *toldApart // set when people are told apart already
	grain    time.Duration

	mu    sync.Mutex
	facts []heed.Event // recorded since Facts was last called
}

// VirtualOptions say where and from when a Virtual lives.
type VirtualOptions struct {
	// DatabaseURL is an empty state store; "" makes a SQLite file that Close deletes.
	DatabaseURL string
	Start       heed.Time
	// Logger gets what the stages have to say; nil discards it.
	Logger *slog.Logger
	// Told says that people are told apart already: an event's UserID is its person's id, as text. The value is since when
	// they are known; 0 for those who are not.
	Told map[heed.ID]heed.Time
	// Went are messages that really went out: the Feedback event that names one in Ref makes its person's caps count it.
	// With Told only; whoever opens the Virtual may add to it.
	Went map[heed.ID]heed.Contact
	// Counts are what specs that are applied later ask of the past. When given, it is counted as events come in and the
	// events are forgotten; else they are all kept.
	Counts []rule.CounterSpec
	// Grain is how late things may happen by themselves, so that more of them happen at once.
	Grain time.Duration
	// Unread does not keep what was handed over, only that it was.
	Unread bool
}

// NewVirtual opens a Virtual on a throwaway store, with the specs in force, at start.
func NewVirtual(ctx context.Context, specs spec.Set, start heed.Time) (*Virtual, error) {
	return OpenVirtual(ctx, specs, VirtualOptions{Start: start})
}

// OpenVirtual is NewVirtual with options. Specs that do not pass the checks are an error as from `heed apply`.
func OpenVirtual(ctx context.Context, specs spec.Set, o VirtualOptions) (_ *Virtual, err error) {
	v := &Virtual{clock: clock.NewVirtual(o.Start), log: o.Logger, grain: o.Grain}
	if v.log == nil {
		v.log = slog.New(slog.DiscardHandler)
	}
	if o.DatabaseURL == "" {
		if v.dir, err = os.MkdirTemp("", "heed-test-"); err != nil {
			return nil, heed.Errorf(heed.Internal, "A folder for the test's state cannot be made: %v", err)
		}
		o.DatabaseURL = "sqlite:" + filepath.Join(v.dir, "state.db")
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, v.Close())
		}
	}()
	if v.db, err = db.Open(ctx, o.DatabaseURL, db.Options{Queries: queries(), CacheMB: 8}); err != nil {
		return nil, err
	}
	v.reading = newReading(v.db)
	v.journeys = journey.New(v.log, &zone.Cache{})
	v.sending = virtualSending{mode: Deliver, catalog: &channel.Catalog{DB: v.db}, templates: &template.Cache{}, unread: o.Unread}
	keys := segment.KeysFunc(identity.Owners)
	if o.Told != nil {
		v.told = &toldApart{known: o.Told, went: o.Went}
		keys = ownKeys
	}
	if o.Counts != nil {
		v.past.counts = rule.NewIndex(o.Counts)
	}
	v.restart()
	v.Schedulers(1)
	v.feed = stream.NewFeed(v.engines[0], 0)
	v.builder = &segment.Builder{DB: v.db, Engine: v.engines[0], Log: v.log, History: &v.past, Keys: keys}
	v.sweeper = &journey.Sweeper{DB: v.db, Engine: v.engines[0], People: v.reading.store, Log: v.log}
	return v, v.Apply(ctx, specs)
}

// restart makes a new ledger, as after the end of a process.
func (v *Virtual) restart() {
	v.ledger = ledger.New(ledger.Options{DB: v.db, Clock: v.clock, People: v.reading.store, Owner: "virtual", Logger: v.log,
		Notify: func(_ context.Context, events []heed.Event) error {
			v.sending.notices = append(v.sending.notices, events...)
			return nil
		}})
}

// Schedulers sets how many schedulers wake people at once, each with stages of its own, as in as many processes.
func (v *Virtual) Schedulers(n int) {
	for len(v.engines) < n {
		v.engines = append(v.engines, v.engine())
	}
	v.engines = v.engines[:max(n, 1)]
}

func (v *Virtual) engine() *stream.Engine {
	e := newEngine(v.db, v.clock, v.log, v.journeys, v.ledger)
	if v.told != nil {
		e.Stages[0] = v.told
	}
	e.Stages = append(e.Stages, stream.Listener(v.hear))
	return e
}

func (v *Virtual) hear(facts []*heed.Event) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, f := range facts {
		v.facts = append(v.facts, *f)
	}
}

// Facts returns what the stages have recorded since the last call: runs that moved, decisions, memberships, tasks.
func (v *Virtual) Facts() []heed.Event {
	v.mu.Lock()
	defer v.mu.Unlock()
	out := v.facts
	v.facts = nil
	return out
}

// Close ends it and deletes the store if it was made for it.
func (v *Virtual) Close() error {
	var err error
	if v.db != nil {
		err = v.db.Close()
	}
	if v.dir != "" {
		err = errors.Join(err, os.RemoveAll(v.dir))
	}
	return err
}

// Now is what the clock shows.
func (v *Virtual) Now() heed.Time { return v.clock.Now() }

// Apply puts specs in force, deletes others, and lets that reach everybody whom it concerns.
func (v *Virtual) Apply(ctx context.Context, wanted spec.Set, gone ...spec.Key) error {
	if err := applySpecs(ctx, v.db, wanted, gone, "test", v.clock.Now()); err != nil {
		return err
	}
	for more := true; more; {
		var err error
		if more, err = v.builder.Step(ctx); err != nil {
			return fmt.Errorf("building segments: %w", err)
		}
	}
	for more := true; more; {
		var err error
		if more, err = v.sweeper.Step(ctx); err != nil {
			return fmt.Errorf("changing journeys: %w", err)
		}
	}
	return v.settle(ctx)
}

// Feed takes in events as one batch, and then everything that follows from them now. Their times must be set.
func (v *Virtual) Feed(ctx context.Context, events ...heed.Event) error {
	if err := v.put(ctx, events); err != nil {
		return err
	}
	return v.settle(ctx)
}

func (v *Virtual) put(ctx context.Context, events []heed.Event) error {
	list := make([]*heed.Event, len(events))
	for i := range events {
		one := events[i] // the stages write into it
		list[i] = &one
	}
	if err := v.past.forget(ctx, v, list); err != nil {
		return err
	}
	dups, err := v.feed.Put(ctx, list)
	if err != nil {
		return err
	}
	return v.past.note(ctx, v, list, dups)
}

// racers is how many workers take part in a race.
const racers = 4

// Race takes in events one by one, as fast as several workers can, each with stages of its own and its share of them:
// who comes first is left to chance.
func (v *Virtual) Race(ctx context.Context, events []heed.Event) error {
	for len(v.racing) < racers {
		v.racing = append(v.racing, stream.NewFeed(v.engine(), len(v.racing)+1))
	}
	g, gctx := errgroup.WithContext(ctx)
	for w, feed := range v.racing {
		g.Go(func() error {
			for i := w; i < len(events); i += racers {
				e := events[i]
				if _, err := feed.Put(gctx, []*heed.Event{&e}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return v.settle(ctx)
}

// Advance moves the clock to t. On the way it wakes everybody exactly when it is their time, and delivers.
func (v *Virtual) Advance(ctx context.Context, t heed.Time) error {
	if t < v.clock.Now() {
		return heed.Errorf(heed.Invalid, "It is %s already; time does not run backwards.", v.clock.Now())
	}
	for {
		there, err := v.step(ctx, t)
		if err != nil || there {
			return err
		}
	}
}

// step moves the clock to the next moment at which something happens by itself, or to t, and does what is to be done
// then. It says whether that was t.
func (v *Virtual) step(ctx context.Context, t heed.Time) (there bool, err error) {
	next, err := v.next(ctx)
	if err != nil {
		return false, err
	}
	if next == 0 || next > t {
		v.clock.Set(t)
		return true, v.settle(ctx)
	}
	v.clock.Set(max(min(next.Add(v.grain), t), v.clock.Now()))
	return false, v.settle(ctx)
}

// next is when something happens by itself; 0 is never.
func (v *Virtual) next(ctx context.Context) (t heed.Time, err error) {
	if t, err = v.nextWake(ctx); err != nil || v.sending.mode == Off || v.sending.mode == Taken {
		return t, err
	}
	waiting, err := v.ledger.Waiting(ctx)
	for _, w := range waiting {
		if t == 0 || w.Due < t {
			t = w.Due
		}
	}
	return t, err
}

// nextWake is when somebody is to be woken; 0 is never.
func (v *Virtual) nextWake(ctx context.Context) (t heed.Time, err error) {
	err = v.db.Read(ctx, func(q db.Querier) (err error) {
		t, err = profile.NextDue(ctx, q)
		return err
	})
	return t, err
}

// maxRounds bounds what may happen at one moment.
const maxRounds = 1000

// settle does what is to be done now until nothing is left.
func (v *Virtual) settle(ctx context.Context) error {
	for range maxRounds {
		woken, err := v.wake(ctx)
		if err != nil {
			return err
		}
		sent, err := v.deliver(ctx)
		if err != nil {
			return err
		}
		if woken+sent == 0 {
			return nil
		}
	}
	return heed.Errorf(heed.Internal, "At %s things happen without end: somebody is woken again and again.", v.clock.Now())
}

// wakeLimit is how many people one transaction wakes.
const wakeLimit = 2000

func (v *Virtual) wake(ctx context.Context) (int, error) {
	now := v.clock.Now()
	if due, err := v.nextWake(ctx); err != nil || due == 0 || due > now {
		return 0, err
	}
	counts := make([]int, len(v.engines))
	g, ctx := errgroup.WithContext(ctx)
	for i, e := range v.engines {
		g.Go(func() (err error) {
			counts[i], err = e.WakeDue(ctx, now, wakeLimit)
			return err
		})
	}
	err := g.Wait()
	n := 0
	for _, c := range counts {
		n += c
	}
	return n, err
}
