package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/journey"
	"github.com/heedcx/heed/profile"
	"github.com/heedcx/heed/segment"
)

// overview answers api.Overviewer.
type overview struct {
	app   *App
	stuck *stuck
}

// Overview implements api.Overviewer.
func (o overview) Overview(ctx context.Context) (api.Overview, error) {
	a := o.app
	now := a.clock.Now()
	out := api.Overview{At: api.Time(now), Stuck: o.stuck.journeys()}
	err := a.DB.Read(ctx, func(q db.Querier) (err error) {
		if out.People, err = profile.Count(ctx, q); err != nil {
			return err
		}
		if out.OpenCases, err = profile.CountOpenCases(ctx, q); err != nil {
			return err
		}
		stages, err := segment.Stages(ctx, q)
		if err != nil {
			return err
		}
		for _, rung := range segment.DefaultLadder().Stages {
			out.Stages = append(out.Stages, api.Count{Key: rung.Name, Count: stages[rung.Name]})
			if rung.Name != "anonymous" {
				out.Known += stages[rung.Name]
			}
			delete(stages, rung.Name)
		}
		delete(stages, "")                                      // whom nothing has placed yet
		for _, name := range slices.Sorted(maps.Keys(stages)) { // a brand's own ladder
			out.Stages = append(out.Stages, api.Count{Key: name, Count: stages[name]})
			out.Known += stages[name]
		}
		here, err := journey.CountHere(ctx, q, "")
		for _, h := range here {
			out.ActiveRuns += h.Runs
		}
		return err
	})
	if err != nil {
		return out, err
	}
	counts, err := a.ledger.Counts(ctx, ledger.Filter{Since: now.Add(-24 * time.Hour)})
	if err != nil {
		return out, err
	}
	by := map[heed.Outcome]int64{}
	for _, c := range counts {
		by[c.Outcome] += c.N
		if c.Outcome != heed.Send {
			out.HeldBack = append(out.HeldBack, api.Count{Key: c.Reason, Count: c.N})
		}
	}
	for _, outcome := range []heed.Outcome{heed.Send, heed.Hold, heed.Drop} {
		out.Messages = append(out.Messages, api.Count{Key: string(outcome), Count: by[outcome]})
	}
	for _, c := range a.health.checks(ctx) {
		out.Health = append(out.Health, api.HealthItem{Name: c.Name, OK: c.OK, Detail: c.Detail})
	}
	for _, w := range a.Workers {
		last, err := a.Log.Last(ctx, "events", w.Partition)
		if err != nil {
			return out, err
		}
		out.Lag = append(out.Lag, api.Lag{Consumer: fmt.Sprint("worker ", w.Partition), Behind: int64(last - min(last, w.Position()))})
	}
	if a.history != nil {
		err = o.fromHistory(ctx, now, &out)
	}
	return out, err
}

func (o overview) fromHistory(ctx context.Context, now heed.Time, out *api.Overview) error {
	store := o.app.history.store
	stats, err := store.Stats(ctx)
	if err != nil {
		return err
	}
	out.Events = stats.Rows
	lag, err := o.app.history.lag(ctx)
	if err != nil {
		return err
	}
	out.Lag = append(out.Lag, api.Lag{Consumer: "history", Behind: lag.Records, Seconds: lag.Time.Seconds()})
	hours, err := store.CountBy(ctx, insight.CountQuery{By: insight.ByHour, Filter: insight.Filter{From: now.Add(-24 * time.Hour)}})
	if err != nil {
		return err
	}
	for _, h := range hours {
		at, err := time.Parse("2006-01-02T15", h.Value[:min(13, len(h.Value))])
		if err == nil {
			out.PerHour = append(out.PerHour, api.Point{At: api.Time(heed.At(at)), Value: h.Events})
		}
		out.EventsToday += h.Events
	}
	return o.flow(ctx, now, out)
}

// flow counts who came into which stage, and what became of messages, lately and before.
func (o overview) flow(ctx context.Context, now heed.Time, out *api.Overview) error {
	day := now.Add(-24 * time.Hour)
	for _, ask := range []struct {
		into     *[]api.Count
		of       heed.Type
		from, to heed.Time
	}{
		{&out.Outcomes, heed.Feedback, day, 0}, {&out.Before, heed.Feedback, day.Add(-7 * 24 * time.Hour), day},
	} {
		counts, err := o.app.history.store.CountBy(ctx, insight.CountQuery{By: insight.ByName, Filter: insight.Filter{Types: []string{ask.of.String()}, From: ask.from, To: ask.to}})
		if err != nil {
			return err
		}
		for _, c := range counts {
			*ask.into = append(*ask.into, api.Count{Key: c.Value, Count: c.Events})
		}
	}
	return o.moves(ctx, now, out)
}

// moves counts who went from which stage to which.
func (o overview) moves(ctx context.Context, now heed.Time, out *api.Overview) error {
	at, came := map[string]int{}, map[string]int64{}
	for _, span := range []time.Duration{7 * 24 * time.Hour, 24 * time.Hour} { // whatever is of today is of the week
		counts, err := o.app.history.store.CountBy(ctx, insight.CountQuery{By: insight.ByMove, Filter: insight.Filter{Types: []string{heed.StageChanged.String()}, From: now.Add(-span)}})
		if err != nil {
			return err
		}
		for _, c := range counts {
			from, to, _ := strings.Cut(c.Value, ">")
			i, known := at[c.Value]
			if !known {
				i = len(out.Moves)
				at[c.Value], out.Moves = i, append(out.Moves, api.Move{From: from, To: to})
			}
			if span == 24*time.Hour {
				out.Moves[i].Today = c.Events
				came[to] += c.Events
			} else {
				out.Moves[i].Week = c.Events
			}
		}
	}
	for _, to := range slices.Sorted(maps.Keys(came)) {
		out.Moved = append(out.Moved, api.Count{Key: to, Count: came[to]})
	}
	return nil
}
