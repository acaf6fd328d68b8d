package app

import (
	"context"
	"fmt"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide"
	"github.com/heedcx/heed/identity"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/profile"
)

// briefs answers api.Briefs: the person's memory, and what decide would say to each purpose right now.
type briefs struct{ app *App }

// Brief implements api.Briefs.
func (b briefs) Brief(ctx context.Context, id heed.ID) (api.Brief, error) {
	var out api.Brief
	a := b.app
	now := a.clock.Now()
	err := a.DB.Read(ctx, func(q db.Querier) error {
		who, err := identity.Resolve(ctx, q, id)
		if err != nil {
			return err
		}
		p, err := a.reading.store.Get(ctx, q, who)
		if err != nil {
			return err
		}
		keys, err := identity.Keys(ctx, q, who)
		if err != nil {
			return err
		}
		ids := make([]heed.Identifier, len(keys))
		for i, k := range keys {
			ids[i] = k.Identifier
		}
		config, policy, purposes, err := a.reading.brand(ctx, q, a.ledger)
		if err != nil {
			return err
		}
		brief := profile.NewBrief(p, now, profile.Extras{Identifiers: ids, Config: config, Zone: policy.Zone(p), Avoid: policy.Avoid(p, now)})
		out = api.NewBrief(p, ids)
		out.Headline, out.LocalTime, out.Do, out.Avoid, out.Scores = brief.Headline, brief.LocalTime, brief.Do, brief.Avoid, brief.Scores
		if r := brief.RFM; r != nil {
			out.RFM = &api.RFM{RecencyDays: r.RecencyDays, Frequency: r.Frequency, Monetary: r.Monetary}
		}
		for _, f := range brief.Facts {
			out.Facts = append(out.Facts, api.Fact{Name: f.Name, Value: api.JSON(f.Value), At: api.Time(f.At)})
		}
		out.Reach = reach(policy, purposes, p, now)
		return nil
	})
	return out, err
}

// reach asks decide about each purpose on the channels on which the person can be reached at all.
func reach(policy *decide.Policy, purposes []string, p *heed.Person, now heed.Time) []api.Reach {
	var out []api.Reach
	for _, purpose := range purposes {
		in := heed.Intent{Person: p.ID, Channel: "email", Purpose: purpose, Asked: now}
		d := policy.Decide(&in, p, now)
		out = append(out, api.Reach{Channel: in.Channel, Purpose: purpose, May: d.Outcome == heed.Send, Why: d.Text})
	}
	return out
}

// brand is what the brief needs of the brand's specs, read again when they have changed.
func (r *reading) brand(ctx context.Context, q db.Querier, l interface {
	Policy(ctx context.Context, q db.Querier, revision int64) (*decide.Policy, error)
}) (*profile.Config, *decide.Policy, []string, error) {
	if _, err := r.config(ctx, q); err != nil {
		return nil, nil, nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.memoryAt != r.revision || r.memory == nil {
		memory, err := profile.LoadConfig(ctx, q)
		if err != nil {
			return nil, nil, nil, err
		}
		specs, err := spec.Latest(ctx, q, spec.Purpose)
		if err != nil {
			return nil, nil, nil, err
		}
		r.purposes = nil
		for _, s := range specs {
			r.purposes = append(r.purposes, s.Name)
		}
		r.memory, r.memoryAt = memory, r.revision
	}
	policy, err := l.Policy(ctx, q, r.revision)
	if err != nil {
		err = fmt.Errorf("policy: %w", err)
	}
	return r.memory, policy, r.purposes, err
}
