package app

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/journey"
)

// studio answers api.Studio.
type studio struct {
	app  *App
	wake chan struct{} // a rehearsal waits
}

// openStudio starts what rehearses, where there is history.
func (a *App) openStudio() studio {
	s := studio{a, make(chan struct{}, 1)}
	if a.history != nil {
		a.parts.Go("rehearsals", s.rehearsals)
	}
	return s
}

func (s studio) specs(ctx context.Context) (set spec.Set, err error) {
	err = s.app.DB.Read(ctx, func(q db.Querier) (err error) {
		set, err = spec.Current(ctx, q)
		return err
	})
	return set, err
}

// Inside implements api.Studio.
func (s studio) Inside(ctx context.Context, name string) (out []api.VersionInside, err error) {
	err = s.app.DB.Read(ctx, func(q db.Querier) error {
		list, err := journey.Versions(ctx, q, name)
		for _, v := range list {
			out = append(out, api.VersionInside{Version: v.Version, Runs: v.Runs})
		}
		return err
	})
	return out, err
}

// queued is what a rehearsal keeps of its draft.
type queued struct {
	Body json.RawMessage `json:"body"`
	Days int             `json:"days"`
}

// Rehearse implements api.Studio.
func (s studio) Rehearse(ctx context.Context, draft spec.Spec, days int, by string) (api.RehearsalJob, error) {
	if s.app.history == nil {
		return api.RehearsalJob{}, heed.Errorf(heed.Unavailable, "This process runs without history: ask one that has it.")
	}
	text, err := json.Marshal(queued{json.RawMessage(draft.Body), days})
	if err != nil {
		return api.RehearsalJob{}, err
	}
	now := s.app.clock.Now()
	r := journey.Rehearsal{ID: heed.NewID(now), Journey: draft.Name, State: journey.RehearsalQueued, Made: now, MadeBy: by, Draft: text}
	if err := s.app.DB.Write(ctx, func(tx db.Tx) error { return journey.PutRehearsal(ctx, tx, r) }); err != nil {
		return api.RehearsalJob{}, err
	}
	select {
	case s.wake <- struct{}{}:
	default: // it is about to look anyway
	}
	return jobOf(r)
}

// Rehearsal implements api.Studio.
func (s studio) Rehearsal(ctx context.Context, id heed.ID) (api.RehearsalJob, error) {
	var r journey.Rehearsal
	err := s.app.DB.Read(ctx, func(q db.Querier) (err error) {
		r, err = journey.GetRehearsal(ctx, q, id)
		return err
	})
	if err != nil {
		return api.RehearsalJob{}, err
	}
	return jobOf(r)
}

// CancelRehearsal implements api.Studio.
func (s studio) CancelRehearsal(ctx context.Context, id heed.ID) error {
	return s.app.DB.Write(ctx, func(tx db.Tx) error { return journey.CancelRehearsal(ctx, tx, id, s.app.clock.Now()) })
}

func jobOf(r journey.Rehearsal) (api.RehearsalJob, error) {
	out := api.RehearsalJob{ID: api.ID(r.ID), Journey: r.Journey, State: r.State, Done: r.Done, MadeAt: api.Time(r.Made), MadeBy: r.MadeBy, Error: r.Error}
	if len(r.Result) > 0 {
		out.Result = &api.RehearsalResult{}
		return out, json.Unmarshal(r.Result, out.Result)
	}
	return out, nil
}

const (
	rehearsalIdle  = 3 * time.Second
	rehearsalBeat  = time.Second
	rehearsalStale = 3 * time.Minute // after so long without a word another process begins it anew
)

// rehearsals rehearses what waits, one after the other, until ctx is done.
func (s studio) rehearsals(ctx context.Context) {
	for ctx.Err() == nil {
		if s.next(ctx) {
			continue
		}
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-time.After(rehearsalIdle):
		}
	}
}

var errCanceled = errors.New("the rehearsal was canceled")

// next takes on one rehearsal and reports whether there was one.
func (s studio) next(ctx context.Context) bool {
	a := s.app
	var r journey.Rehearsal
	err := a.DB.Write(ctx, func(tx db.Tx) (err error) {
		now := a.clock.Now()
		r, err = journey.ClaimRehearsal(ctx, tx, now, now.Add(-rehearsalStale))
		return err
	})
	if err != nil {
		if heed.CodeOf(err) != heed.NotFound && ctx.Err() == nil {
			a.log.Error("rehearsals are not looked for; trying again", "error", err)
		}
		return false
	}
	var q queued
	var result *api.RehearsalResult
	if err = json.Unmarshal(r.Draft, &q); err == nil {
		result, err = s.rehearse(ctx, spec.Spec{Kind: spec.Journey, Name: r.Journey, Body: heed.RawJSON(q.Body)}, q.Days, s.beat(ctx, r.ID))
	}
	if errors.Is(err, errCanceled) || ctx.Err() != nil { // whoever starts next begins it anew
		return ctx.Err() == nil
	}
	failure := ""
	var text []byte
	if err == nil {
		text, err = json.Marshal(result)
	}
	if err != nil {
		failure = heed.MessageOf(err)
		a.log.Error("a rehearsal has failed", "journey", r.Journey, "error", err)
	}
	if err := a.DB.Write(ctx, func(tx db.Tx) error {
		return journey.EndRehearsal(ctx, tx, r.ID, text, failure, a.clock.Now())
	}); err != nil {
		a.log.Error("the result of a rehearsal is not stored", "journey", r.Journey, "error", err)
	}
	return true
}

// beat notes progress, a second apart.
func (s studio) beat(ctx context.Context, id heed.ID) func(float64) error {
	var last heed.Time
	return func(done float64) error {
		now := s.app.clock.Now()
		if now.Sub(last) < rehearsalBeat {
			return ctx.Err()
		}
		last = now
		goesOn := false
		err := s.app.DB.Write(ctx, func(tx db.Tx) (err error) {
			goesOn, err = journey.BeatRehearsal(ctx, tx, id, done, now)
			return err
		})
		if err == nil && !goesOn {
			err = errCanceled
		}
		return err
	}
}
