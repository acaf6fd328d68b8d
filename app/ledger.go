package app

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/identity"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/rule"
)

// retold answers api.Ledger.
type retold struct {
	ledger *ledger.Ledger
	memory recollection
}

// Decision implements api.Ledger.
func (r retold) Decision(ctx context.Context, id heed.ID) (api.LedgerEntry, error) {
	row, err := r.ledger.Decision(ctx, id)
	return ledgerEntry(&row), err
}

// Tallies implements api.Ledger.
func (r retold) Tallies(ctx context.Context, q api.DecisionQuery) (out api.DecisionTally, err error) {
	f, dry := ledgerFilter(q), false
	f.Dry = &dry
	t, err := r.ledger.Tallies(ctx, f)
	for _, c := range t.Counts {
		out.Counts = append(out.Counts, api.DecisionCount{Outcome: c.Outcome, Reason: c.Reason, Rule: c.Rule, Count: c.N})
	}
	for _, h := range t.Hours {
		out.Hours = append(out.Hours, api.DecisionHour{At: api.Time(h.At), Send: h.Send, Hold: h.Hold, Drop: h.Drop})
	}
	return out, err
}

// Today implements api.Ledger.
func (r retold) Today(ctx context.Context, id heed.ID) (api.DecidedAgain, error) {
	t, err := r.ledger.Today(ctx, id, r.memory)
	if err != nil {
		return api.DecidedAgain{}, err
	}
	out := api.DecidedAgain{Decision: api.DecisionView(ledgerEntry(&t.Stored)), Today: api.VerdictOf(t.Now), Same: t.Same, Guessed: t.Guessed}
	for _, s := range t.Changed {
		out.Changed = append(out.Changed, api.ChangedSpec{Kind: s.Kind, Name: s.Name, Version: s.Version, Deleted: s.Deleted, At: api.Time(s.MadeAt), By: s.MadeBy})
	}
	return out, nil
}

// Rehearse implements api.Ledger.
func (r retold) Rehearse(ctx context.Context, current, draft spec.Set, since heed.Time) (api.Rehearsal, error) {
	h, err := r.ledger.Rehearse(ctx, current, draft, since, r.memory)
	if err != nil {
		return api.Rehearsal{}, err
	}
	out := api.Rehearsal{Since: api.Time(h.Since), Until: api.Time(h.Until), Total: h.Total, Decisions: h.Decisions, People: h.People, Rate: h.Rate,
		Silent: h.Silent, Guessed: h.Guessed, Blind: h.Blind, Changed: h.Changed}
	for _, l := range h.Lines {
		out.Lines = append(out.Lines, api.RehearsedLine(l))
	}
	for _, t := range h.Topics {
		out.Topics = append(out.Topics, api.RehearsedTopic(t))
	}
	for i := range h.Examples {
		c := &h.Examples[i]
		out.Examples = append(out.Examples, api.RehearsedEntry{Decision: api.DecisionView(ledgerEntry(&c.Row)), Before: api.VerdictOf(c.Before), After: api.VerdictOf(c.After), Guessed: c.Guessed})
	}
	return out, nil
}

// tallyEvery is how often the decisions of hours that have ended are counted.
const tallyEvery = time.Minute

// tally counts decisions by the hour until ctx is done.
func (a *App) tally(ctx context.Context) {
	for ctx.Err() == nil {
		more, err := a.ledger.Tally(ctx)
		if err != nil && ctx.Err() == nil {
			a.log.Error("decisions could not be counted; it is tried again", "error", err)
		}
		if more && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(tallyEvery):
		}
	}
}

// recollection is what a rehearsal knows of people: ledger.Memory.
type recollection struct{ app *App }

// GetEach implements ledger.Memory.
func (r recollection) GetEach(ctx context.Context, q db.Querier, ids []heed.ID) ([]*heed.Person, error) {
	return r.app.reading.store.GetEach(ctx, q, ids)
}

// Count implements ledger.Memory: what nobody has counted yet is counted in history, up to where it has come.
func (r recollection) Count(ctx context.Context, q db.Querier, counters []rule.CounterSpec, people []*heed.Person) (bool, error) {
	if r.app.history == nil {
		return false, nil
	}
	at, err := r.app.history.store.Positions(ctx)
	if err != nil {
		return false, err
	}
	until := map[int]uint64{}
	for part, seq := range at {
		if part >= 0 {
			until[part] = seq
		}
	}
	sql, args, err := rule.CountersSQL(r.app.history.store.Dialect(), counters, until, heed.ID{})
	if err != nil {
		return false, nil // a counter that history cannot tell
	}
	whose := map[heed.ID]*heed.Person{}
	for _, p := range people {
		keys, err := identity.Keys(ctx, q, p.ID)
		if err != nil {
			return false, err
		}
		for _, k := range keys {
			whose[k.Hash] = p
		}
	}
	err = r.app.history.store.Counters(ctx, sql, args, func(key heed.ID, counter string, c heed.Counter) error {
		if p := whose[key]; p != nil {
			if p.Counters == nil {
				p.Counters = map[string]*heed.Counter{}
			}
			p.Counters[counter] = together(p.Counters[counter], c)
		}
		return nil
	})
	return err == nil, err
}

// together adds what two keys of one person have counted.
func together(a *heed.Counter, b heed.Counter) *heed.Counter {
	if a == nil {
		return &b
	}
	out := heed.Counter{N: a.N + b.N, First: min(a.First, b.First), Last: max(a.Last, b.Last), Recent: slices.Concat(a.Recent, b.Recent)}
	slices.SortFunc(out.Recent, func(x, y heed.Time) int { return cmp.Compare(y, x) })
	return &out
}
