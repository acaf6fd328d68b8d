package app

import (
	"context"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/identity"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/journey"
	"github.com/heedcx/heed/rule"
	"github.com/heedcx/heed/segment"
	"github.com/heedcx/heed/stream"
)

// segments answers api.Segments.
type segments struct{ app *App }

// Stats implements api.Segments.
func (s segments) Stats(ctx context.Context) (map[string]api.SegmentStat, error) {
	out := map[string]api.SegmentStat{}
	var m moved
	if s.app.moved != nil {
		m, _ = s.app.moved.get(ctx) // without it, how many are in each is known all the same
	}
	err := s.app.DB.Read(ctx, func(q db.Querier) error {
		counts, err := segment.Counts(ctx, q)
		if err != nil {
			return err
		}
		all, err := segment.Statuses(ctx, q)
		for _, one := range all {
			if one.Kind != "segment" {
				continue
			}
			stat := api.SegmentStat{People: counts[one.Name], Progress: 1, Entered: m.entered[one.Name], Left: m.left[one.Name]}
			if one.State != segment.Live {
				stat.Progress, stat.Note = 0, "It is being built: "+string(one.State)
			}
			out[one.Name] = stat
		}
		return err
	})
	return out, err
}

// Members implements api.Segments.
func (s segments) Members(ctx context.Context, name, after string, limit int) (out []api.Member, next string, err error) {
	var from heed.ID
	if after != "" {
		if from, err = heed.ParseID(after); err != nil {
			return nil, "", heed.FieldErrorf("after", "is not a cursor of ours: take next from the page before, unchanged")
		}
	}
	err = s.app.DB.Read(ctx, func(q db.Querier) error {
		list, err := segment.Members(ctx, q, name, from, limit)
		if err != nil {
			return err
		}
		ids := make([]heed.ID, len(list))
		for i, m := range list {
			ids[i] = m.Person
		}
		people, err := s.app.reading.store.GetEach(ctx, q, ids)
		for i, m := range list {
			out = append(out, api.Member{ID: m.Person, Since: m.Since, Person: people[i]})
		}
		return err
	})
	if len(out) == limit && limit > 0 {
		next = out[len(out)-1].ID.String()
	}
	return out, next, err
}

// Preview implements api.Segments.
func (s segments) Preview(ctx context.Context, text string, sample int) (api.Preview, error) {
	r, err := rule.Parse(text)
	if err != nil {
		return api.Preview{}, heed.FieldErrorf("rule", "%s", heed.MessageOf(err))
	}
	v := segment.Previewer{DB: s.app.DB, History: s.app.segmentHistory()}
	p, err := v.Preview(ctx, r, s.app.clock.Now(), sample)
	if err != nil {
		return api.Preview{}, err
	}
	out := api.Preview{People: p.Count, Text: r.String(), Exact: p.Estimate == nil}
	if e := p.Estimate; e != nil {
		out.Low, out.High, out.Asked = e.Low, e.High, e.Asked
	}
	switch p.From {
	case "history":
		out.Note = "Answered from history, which lags a moment behind."
	case "both":
		out.Note = "Answered from memory and, for what nobody counts yet, from history, which lags a moment behind."
	}
	all, err := s.app.standing.get(ctx)
	if err != nil {
		return out, err
	}
	out.Total = max(all.people, out.People)
	err = s.app.DB.Read(ctx, func(q db.Querier) (err error) {
		out.Sample, err = s.app.reading.store.GetEach(ctx, q, p.Sample)
		return err
	})
	return out, err
}

// segmentHistory lets the segment stage ask history; nil when this process has none.
func (a *App) segmentHistory() segment.History {
	if a.history == nil {
		return nil
	}
	store := a.history.store
	return segment.SQLHistory{
		Dialect: store.Dialect(),
		Query: func(ctx context.Context, sql string, args []any, row func(scan func(dest ...any) error) error) error {
			return store.Query(ctx, sql, args, insight.Limits{Rows: maxBackfill, Time: heed.Time(backfillTime / time.Microsecond)}, func(r insight.Row) error { return row(r.Scan) })
		},
		Position: func(ctx context.Context) (stream.Position, error) {
			at, err := store.Positions(ctx)
			pos := stream.Position{}
			for part, seq := range at {
				if part >= 0 {
					pos[part] = seq
				}
			}
			return pos, err
		},
	}
}

// Bounds of one question of a backfill.
const (
	maxBackfill  = 50_000_000
	backfillTime = 10 * time.Minute
)

// openBackground starts what makes new specs true for everybody: the builder of segments and the sweeper of journeys.
func (a *App) openBackground(context.Context) error {
	if !a.Config.Has("work") {
		return nil
	}
	a.openRetention()
	b := &segment.Builder{DB: a.DB, Engine: a.engine(), Log: a.log}
	if h := a.segmentHistory(); h != nil {
		b.History, b.Keys = h, segment.KeysFunc(identity.Owners)
	}
	a.parts.Go("segment builder", b.Run)
	a.parts.Go("segment sizes", a.noteSizes)
	s := &journey.Sweeper{DB: a.DB, Engine: a.engine(), People: a.reading.store, Log: a.log}
	a.parts.Go("journey sweeper", func(ctx context.Context) { sweep(ctx, s, a) })
	a.openBroadcasts()
	return nil
}

const sweepEvery = time.Second

func sweep(ctx context.Context, s *journey.Sweeper, a *App) {
	for ctx.Err() == nil {
		more, err := s.Step(ctx)
		if err != nil && ctx.Err() == nil {
			a.log.Error("a change of journeys does not reach the people inside yet; trying again", "error", err)
		}
		if more && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(sweepEvery):
		}
	}
}

// moved is how many came into segments and left them in the last seven days.
type moved struct{ entered, left map[string]int64 }

// openMoved keeps who came into segments and left them. It begins at once.
func (a *App) openMoved() *slow[moved] {
	s := newSlow(a.clock, a.log, a.historyMark, a.countMoved)
	s.want()
	a.parts.Go("who came into segments", s.run)
	return s
}

func (a *App) countMoved(ctx context.Context) (m moved, err error) {
	for _, ask := range []struct {
		into *map[string]int64
		what heed.Type
	}{{&m.entered, heed.SegmentEntered}, {&m.left, heed.SegmentLeft}} {
		list, err := a.history.store.CountBy(ctx, insight.CountQuery{By: insight.ByName, Filter: insight.Filter{Types: []string{ask.what.String()}, From: a.clock.Now().Add(-7 * 24 * time.Hour)}})
		if err != nil {
			return m, err
		}
		*ask.into = map[string]int64{}
		for _, c := range list {
			(*ask.into)[c.Value] = c.Events
		}
	}
	return m, nil
}
