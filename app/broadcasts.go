package app

import (
	"context"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/broadcast"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/segment"
)

// openBroadcasts starts what carries broadcasts out.
func (a *App) openBroadcasts() {
	r := &broadcast.Runner{
		DB: a.DB, Engine: a.engine(), Segments: recipients{}, People: a.reading.store, Gate: gate{a.ledger}, Log: a.log, Nudge: a.nudge,
	}
	a.parts.Go("broadcasts", r.Run)
}

// recipients tells broadcasts who is in a segment.
type recipients struct{}

// Members implements broadcast.Segments.
func (recipients) Members(ctx context.Context, q db.Querier, name string, after heed.ID, limit int) ([]heed.ID, error) {
	list, err := segment.Members(ctx, q, name, after, limit)
	ids := make([]heed.ID, len(list))
	for i, m := range list {
		ids[i] = m.Person
	}
	return ids, err
}

// Live implements broadcast.Segments.
func (recipients) Live(ctx context.Context, q db.Querier, name string) (bool, error) {
	s, err := segment.StatusOf(ctx, q, name)
	if heed.CodeOf(err) == heed.NotFound {
		return false, nil // no worker has seen it yet
	}
	return s.State == segment.Live, err
}

// gate tells broadcasts what would become of a message.
type gate struct{ ledger *ledger.Ledger }

// Rules implements broadcast.Gate.
func (g gate) Rules(ctx context.Context, q db.Querier) (broadcast.Rules, error) {
	revision, err := spec.Revision(ctx, q)
	if err != nil {
		return nil, err
	}
	o, err := g.ledger.Policy(ctx, q, revision)
	return judge{o}, err
}

// Told implements broadcast.Gate.
func (g gate) Told(ctx context.Context, tx db.Tx, in *heed.Intent, d heed.Decision, now heed.Time) error {
	return g.ledger.Told(ctx, tx, in, d, now)
}

type judge struct{ policy *decide.Policy }

// Judge implements broadcast.Rules.
func (j judge) Judge(in *heed.Intent, p *heed.Person, at heed.Time) heed.Decision {
	return j.policy.DecideOne(&decide.Candidate{Intent: in, Waited: true}, p, at)
}

// Zone implements broadcast.Rules.
func (j judge) Zone(p *heed.Person) *time.Location { return j.policy.Zone(p) }
