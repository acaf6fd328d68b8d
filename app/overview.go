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
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/profile"
	"github.com/heedcx/heed/segment"
	"github.com/heedcx/heed/stream"
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
	patient, cancel := context.WithTimeout(ctx, slowPatience) // for all that is worked out together
	defer cancel()
	var waiting int64
	err := a.DB.Read(ctx, func(q db.Querier) (err error) {
		if out.OpenCases, err = profile.CountOpenCases(ctx, q); err != nil {
			return err
		}
		waiting, err = stream.FactsWaiting(ctx, q)
		return err
	})
	if err != nil {
		return out, err
	}
	all, err := a.standing.getWhile(ctx, patient)
	if err != nil {
		return out, err
	}
	out.People = all.people
	stages := maps.Clone(all.stages)
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
	for _, h := range all.here {
		out.ActiveRuns += h.Runs
	}
	counts, err := a.ledger.Counts(ctx, now.Add(-24*time.Hour))
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
		err = o.fromHistory(ctx, patient, waiting, &out)
	}
	return out, err
}

// lately is what home says of history.
type lately struct {
	events, today            int64
	hours                    []api.Point
	outcomes, outcomesBefore []api.Count
	moves                    []api.Move
	moved                    []api.Count
}

// fromHistory adds what history knows. It is behind also by what waits to be published to it.
func (o overview) fromHistory(ctx, patient context.Context, waiting int64, out *api.Overview) error {
	lag, err := o.app.history.lag(ctx)
	if err != nil {
		return err
	}
	out.Lag = append(out.Lag, api.Lag{Consumer: "history", Behind: lag.Records + waiting, Seconds: lag.Time.Seconds()})
	p, err := o.app.lately.getWhile(ctx, patient)
	out.Events, out.EventsToday, out.PerHour = p.events, p.today, p.hours
	out.Outcomes, out.Before, out.Moves, out.Moved = p.outcomes, p.outcomesBefore, p.moves, p.moved
	return err
}

// openLately keeps what home says of history: with tens of millions of events it takes seconds to count. It begins at once.
func (a *App) openLately() *slow[lately] {
	s := newSlow(a.clock, a.log, a.historyMark, a.countLately)
	s.want()
	a.parts.Go("what home says of history", s.run)
	return s
}

// historyMark is another number when history has changed.
func (a *App) historyMark() int64 {
	s := a.history.follower.Stats()
	return s.Rows + s.KeyChanges
}

func (a *App) countLately(ctx context.Context) (p lately, err error) {
	store, now := a.history.store, a.clock.Now()
	stats, err := store.Stats(ctx)
	if err != nil {
		return p, err
	}
	p.events = stats.Rows
	day := now.Add(-24 * time.Hour)
	hours, err := store.CountBy(ctx, insight.CountQuery{By: insight.ByHour, Filter: insight.Filter{From: day}})
	if err != nil {
		return p, err
	}
	for _, h := range hours {
		at, err := time.Parse("2006-01-02T15", h.Value[:min(13, len(h.Value))])
		if err == nil {
			p.hours = append(p.hours, api.Point{At: api.Time(heed.At(at)), Value: h.Events})
		}
		p.today += h.Events
	}
	// What became of messages, lately and before.
	for _, ask := range []struct {
		into     *[]api.Count
		from, to heed.Time
	}{{&p.outcomes, day, 0}, {&p.outcomesBefore, day.Add(-7 * 24 * time.Hour), day}} {
		counts, err := store.CountBy(ctx, insight.CountQuery{By: insight.ByName, Filter: insight.Filter{Types: []string{heed.Feedback.String()}, From: ask.from, To: ask.to}})
		if err != nil {
			return p, err
		}
		for _, c := range counts {
			*ask.into = append(*ask.into, api.Count{Key: c.Value, Count: c.Events})
		}
	}
	return p, p.countMoves(ctx, store, now)
}

// countMoves counts who went from which stage to which.
func (p *lately) countMoves(ctx context.Context, store insight.Store, now heed.Time) error {
	at, came := map[string]int{}, map[string]int64{}
	for _, span := range []time.Duration{7 * 24 * time.Hour, 24 * time.Hour} { // whatever is of today is of the week
		counts, err := store.CountBy(ctx, insight.CountQuery{By: insight.ByMove, Filter: insight.Filter{Types: []string{heed.StageChanged.String()}, From: now.Add(-span)}})
		if err != nil {
			return err
		}
		for _, c := range counts {
			from, to, _ := strings.Cut(c.Value, ">")
			i, known := at[c.Value]
			if !known {
				i = len(p.moves)
				at[c.Value], p.moves = i, append(p.moves, api.Move{From: from, To: to})
			}
			if span == 24*time.Hour {
				p.moves[i].Today = c.Events
				came[to] += c.Events
			} else {
				p.moves[i].Week = c.Events
			}
		}
	}
	for _, to := range slices.Sorted(maps.Keys(came)) {
		p.moved = append(p.moved, api.Count{Key: to, Count: came[to]})
	}
	return nil
}
