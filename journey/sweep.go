package journey

import (
	"context"
	"log/slog"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/stream"
)

// People lists everybody by id; profile satisfies it.
type People interface {
	// IDs returns at most limit people with an id above after, in order.
	IDs(ctx context.Context, q db.Querier, after heed.ID, limit int) ([]heed.ID, error)
}

// Sweeper wakes the people whom a change of a journey concerns and whom nothing else would wake now: those inside when
// it is paused, resumed, deleted or published with on_publish migrate or exit, and everybody when it starts by date or
// schedule, so that their timers are set. It walks in small batches through the engine and remembers how far it came.
type Sweeper struct {
	DB     db.DB
	Engine *stream.Engine // of its own: the stages in it hold the state of one batch
	People People
	Log    *slog.Logger
	Limit  int // people per batch; 0 takes 500
}

// Phases of a sweep.
const (
	sweepRuns   = "runs"   // people with an active run
	sweepPeople = "people" // everybody
	sweepDone   = "done"
)

type sweep struct {
	journey string
	version int // 0: deleted
	phase   string
	after   heed.ID
}

// Step does one batch of what is to be done and reports whether there may be more. Call it again at once when there is,
// else after a while or when specs have changed.
func (w *Sweeper) Step(ctx context.Context) (more bool, err error) {
	if err := w.plan(ctx); err != nil {
		return false, err
	}
	var todo []sweep
	err = w.DB.Read(ctx, func(q db.Querier) (err error) {
		todo, err = readSweeps(ctx, q)
		return err
	})
	if err != nil {
		return false, err
	}
	for _, s := range todo {
		if s.phase != sweepDone {
			return true, w.batch(ctx, s)
		}
	}
	return false, nil
}

// plan notes which journeys have changed and whom that concerns.
func (w *Sweeper) plan(ctx context.Context) error {
	var changed []sweep
	err := w.DB.Read(ctx, func(q db.Querier) (err error) {
		changed, err = changedJourneys(ctx, q)
		return err
	})
	if err != nil || len(changed) == 0 {
		return err
	}
	return w.DB.Write(ctx, func(tx db.Tx) error {
		for _, s := range changed {
			if err := putSweep(ctx, tx, s); err != nil {
				return err
			}
		}
		return nil
	})
}

func changedJourneys(ctx context.Context, q db.Querier) ([]sweep, error) {
	latest, err := spec.Latest(ctx, q, spec.Journey)
	if err != nil {
		return nil, err
	}
	had, err := readSweeps(ctx, q)
	if err != nil {
		return nil, err
	}
	byName := map[string]sweep{}
	for _, s := range had {
		byName[s.journey] = s
	}
	var out []sweep
	for _, sp := range latest {
		old, seen := byName[sp.Name]
		delete(byName, sp.Name)
		if seen && old.version == sp.Version {
			continue
		}
		s := sweep{journey: sp.Name, version: sp.Version}
		if s.phase, err = concerned(ctx, q, sp, old, seen); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	for name, s := range byName {
		if s.version != 0 {
			out = append(out, sweep{journey: name, phase: sweepRuns})
		}
	}
	return out, nil
}

// concerned says whom the step from one version to the next concerns.
func concerned(ctx context.Context, q db.Querier, sp spec.Spec, old sweep, seen bool) (string, error) {
	now, errs := compile(sp, nil)
	switch {
	case len(errs) > 0:
		return sweepDone, nil // it stands still
	case now.trigger.timed():
		return sweepPeople, nil
	case !seen && sp.Version == 1:
		return sweepDone, nil // nobody can be in it yet
	case old.phase != sweepDone, now.onPublish != publishFinish, old.version == 0:
		return sweepRuns, nil
	}
	all, err := spec.Versions(ctx, q, spec.Journey, sp.Name)
	if err != nil {
		return "", err
	}
	// All versions since: somebody may have been frozen by one that was there for a minute.
	for _, v := range all {
		if v.Version < old.version {
			continue
		}
		if was, errs := compile(v, nil); v.Deleted || len(errs) > 0 || was.paused != now.paused {
			return sweepRuns, nil
		}
	}
	return sweepDone, nil
}

// batch wakes the next people and moves on, in one transaction.
func (w *Sweeper) batch(ctx context.Context, s sweep) error {
	limit := w.Limit
	if limit == 0 {
		limit = 500
	}
	var ids []heed.ID
	n := 0
	err := w.DB.Read(ctx, func(q db.Querier) (err error) {
		if s.phase == sweepPeople {
			ids, err = w.People.IDs(ctx, q, s.after, limit)
			if n = len(ids); n > 0 {
				s.after = ids[n-1]
			}
			return err
		}
		ids, n, err = nextInside(ctx, q, &s, limit)
		return err
	})
	if err != nil {
		return err
	}
	if n < limit {
		s.phase = sweepDone
		w.Log.Info("a changed journey has reached everybody whom it concerns", "journey", s.journey, "version", s.version)
	}
	now := w.Engine.Clock.Now()
	events := make([]*heed.Event, len(ids))
	for i, id := range ids {
		events[i] = &heed.Event{Type: heed.Wake, Person: id, Timestamp: now, ReceivedAt: now}
	}
	return w.Engine.Process(ctx, events, func(tx db.Tx, _ *stream.Batch) error { return putSweep(ctx, tx, s) })
}

// nextInside returns the people of the next limit runs, each once, and how many runs there were.
func nextInside(ctx context.Context, q db.Querier, s *sweep, limit int) (ids []heed.ID, n int, err error) {
	after := s.after
	if after.IsZero() {
		after = heed.ID{15: 1} // below every id, and not NULL
	}
	rows, err := q.Query(ctx, "journey.sweep_runs", s.journey, after, limit)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	seen := map[heed.ID]bool{}
	for rows.Next() {
		var run, person heed.ID
		if err := rows.Scan(&run, &person); err != nil {
			return nil, 0, err
		}
		n++
		s.after = run
		if !seen[person] {
			seen[person] = true
			ids = append(ids, person)
		}
	}
	return ids, n, rows.Err()
}

func readSweeps(ctx context.Context, q db.Querier) ([]sweep, error) {
	rows, err := q.Query(ctx, "journey.sweeps")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []sweep
	for rows.Next() {
		var s sweep
		if err := rows.Scan(&s.journey, &s.version, &s.phase, &s.after); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

func putSweep(ctx context.Context, tx db.Tx, s sweep) error {
	_, err := tx.Exec(ctx, "journey.put_sweep", s.journey, s.version, s.phase, s.after)
	return err
}
