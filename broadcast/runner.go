package broadcast

import (
	"context"
	"log/slog"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/stream"
)

// Segments knows who is in which segment; segment satisfies it.
type Segments interface {
	// Members returns at most limit people of a segment with an id above after, in order.
	Members(ctx context.Context, q db.Querier, segment string, after heed.ID, limit int) ([]heed.ID, error)
	// Live says whether everybody for whom the segment's rule holds is in it by now.
	Live(ctx context.Context, q db.Querier, segment string) (bool, error)
}

// People reads the documents of people; profile satisfies it.
type People interface {
	// GetEach returns the people of ids in that order; whoever is not there is nil.
	GetEach(ctx context.Context, q db.Querier, ids []heed.ID) ([]*heed.Person, error)
}

// Gate says what would become of a message, without sending it, and keeps what the ledger says of those who cannot be
// asked about; decide answers.
type Gate interface {
	Rules(ctx context.Context, q db.Querier) (Rules, error)
	// Told puts on record what a broadcast has decided about a message of somebody who cannot pass the stages.
	Told(ctx context.Context, tx db.Tx, in *heed.Intent, d heed.Decision, now heed.Time) error
}

// Rules are the brand's rules as of one moment.
type Rules interface {
	// Judge decides about an intent as if it were made at that time and nothing else wanted to go then.
	Judge(in *heed.Intent, p *heed.Person, at heed.Time) heed.Decision
	// Zone is where the person's clock stands; nil when nobody knows.
	Zone(p *heed.Person) *time.Location
}

// Runner carries out the broadcasts that were started, and looks at the audience of those that were not.
type Runner struct {
	DB       db.DB
	Engine   *stream.Engine // of its own: the stages in it hold the state of one batch
	Segments Segments
	People   People
	Gate     Gate
	Log      *slog.Logger
	// Nudge wakes Run when something was started here; what others started is seen within a second.
	Nudge <-chan struct{}
	Limit int // people per transaction; 0 takes 500
}

const (
	defaultLimit = 500
	lookEvery    = time.Second
	pacedEvery   = 200 * time.Millisecond
)

func (r *Runner) limit() int {
	if r.Limit > 0 {
		return r.Limit
	}
	return defaultLimit
}

// progress says when to look again.
type progress int

const (
	idle  progress = iota // nothing to do at the moment
	paced                 // there is, but its pace says not yet
	more                  // there is
)

// Run works until ctx is done.
func (r *Runner) Run(ctx context.Context) {
	for ctx.Err() == nil {
		wait := lookEvery
		switch p, err := r.step(ctx); {
		case err != nil && ctx.Err() == nil:
			r.Log.Error("broadcasts do not get on; trying again", "error", err)
		case p == more:
			continue
		case p == paced:
			wait = pacedEvery
		}
		select {
		case <-ctx.Done():
		case <-r.Nudge:
		case <-time.After(wait):
		}
	}
}

// Step does one batch of everything that is to be done now, and reports whether there may be more at once.
func (r *Runner) Step(ctx context.Context) (bool, error) {
	p, err := r.step(ctx)
	return p == more, err
}

func (r *Runner) step(ctx context.Context) (progress, error) {
	var checks, runs []string
	err := r.DB.Read(ctx, func(q db.Querier) (err error) {
		if checks, err = names(q.Query(ctx, "broadcast.open_checks")); err == nil {
			runs, err = names(q.Query(ctx, "broadcast.open", r.Engine.Clock.Now()))
		}
		return err
	})
	if err != nil {
		return idle, err
	}
	best := idle
	for _, name := range checks {
		p, err := r.check(ctx, name)
		if err != nil {
			if ctx.Err() != nil || db.Trouble(err) {
				return best, err
			}
			r.Log.Error("an audience cannot be looked at; trying again", "broadcast", name, "error", err)
			continue
		}
		best = max(best, p)
	}
	for _, name := range runs {
		p, err := r.one(ctx, name)
		if err != nil { // of a row that the next one does not have, as a rule
			if ctx.Err() != nil || db.Trouble(err) {
				return best, err
			}
			r.Log.Error("a broadcast does not get on; trying again", "broadcast", name, "error", err)
			if err := r.trouble(ctx, name, heed.MessageOf(err)); err != nil {
				return best, err
			}
			continue
		}
		best = max(best, p)
	}
	return best, nil
}

func (r *Runner) trouble(ctx context.Context, name, text string) error {
	return r.DB.Write(ctx, func(tx db.Tx) error {
		_, err := tx.Exec(ctx, "broadcast.set_trouble", name, text)
		return err
	})
}

// one does the next batch of one broadcast.
func (r *Runner) one(ctx context.Context, name string) (progress, error) {
	var state string
	p := idle
	err := r.DB.Write(ctx, func(tx db.Tx) error {
		x, err := lockRun(ctx, tx, name)
		if err != nil || x == nil {
			return err
		}
		switch state = x.State; state {
		case Scheduled, Gathering:
			p, err = r.gather(ctx, tx, x)
		}
		return err
	})
	if err != nil {
		return idle, err
	}
	switch state {
	case Sending:
		return r.together(ctx, name, r.turns)
	case Stopping:
		return r.together(ctx, name, r.takeBack)
	}
	return p, nil
}

// gather notes who is in the segment, a stretch of it at a time. The people and how far the walk has come are written
// together.
func (r *Runner) gather(ctx context.Context, tx db.Tx, x *Run) (progress, error) {
	p, err := x.plan()
	if err != nil {
		return idle, err
	}
	now := r.Engine.Clock.Now()
	if x.State == Scheduled {
		ready, err := r.Segments.Live(ctx, tx, p.segment)
		if err != nil {
			return idle, err
		}
		if !ready {
			x.Trouble = "Its segment is being built. It goes on when everybody is in it."
			return idle, x.save(ctx, tx)
		}
		x.State, x.BegunAt, x.Trouble = Gathering, now, ""
	}
	people, err := r.Segments.Members(ctx, tx, p.segment, x.after, r.limit())
	if err != nil {
		return idle, err
	}
	dues, err := r.dues(ctx, tx, p, x, people)
	if err != nil {
		return idle, err
	}
	err = tx.ExecEach(ctx, "broadcast.add_person", len(people), func(i int) []any {
		if dues[i] == 0 {
			return []any{x.Name, people[i], now, Skipped, NoZone, now}
		}
		return []any{x.Name, people[i], dues[i], Waiting, "", 0}
	})
	if err != nil {
		return idle, err
	}
	x.Audience += int64(len(people))
	for _, due := range dues {
		if due == 0 {
			x.Turned++
		}
	}
	if len(people) < r.limit() {
		x.State = Sending
		r.Log.Info("a broadcast has gathered its people", "broadcast", x.Name, "people", x.Audience)
	} else {
		x.after = people[len(people)-1]
	}
	return more, x.save(ctx, tx)
}

// dues says when the turn of each person comes; 0 when nobody knows what time it is where they are.
func (r *Runner) dues(ctx context.Context, q db.Querier, p *plan, x *Run, people []heed.ID) ([]heed.Time, error) {
	out := make([]heed.Time, len(people))
	if p.local == "" {
		for i := range out {
			out[i] = x.BegunAt
		}
		return out, nil
	}
	rules, err := r.Gate.Rules(ctx, q)
	if err != nil {
		return nil, err
	}
	docs, err := r.People.GetEach(ctx, q, people)
	if err != nil {
		return nil, err
	}
	for i, doc := range docs {
		if doc != nil {
			out[i], _ = p.due(rules.Zone(doc), x.BegunAt)
		}
	}
	return out, nil
}
