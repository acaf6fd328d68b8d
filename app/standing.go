package app

import (
	"context"

	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/journey"
	"github.com/heedcx/heed/profile"
	"github.com/heedcx/heed/segment"
)

// standing is what takes a look at everybody, or at every run, to say.
type standing struct {
	people int64
	stages map[string]int64
	here   []journey.NodeCount
	ended  []journey.EndCount
}

// openStanding keeps it: with a million people and as many runs it takes half a second to count. It begins at once.
func (a *App) openStanding() *slow[standing] {
	s := newSlow(a.clock, a.log, func() int64 { return int64(a.changes.Count(api.ChangedPeople, api.ChangedJourneys)) }, a.countStanding)
	s.want()
	a.parts.Go("how many people and runs there are", s.run)
	return s
}

func (a *App) countStanding(ctx context.Context) (out standing, err error) {
	err = a.DB.Read(ctx, func(q db.Querier) (err error) {
		if out.people, err = profile.Count(ctx, q); err != nil {
			return err
		}
		if out.stages, err = segment.Stages(ctx, q); err != nil {
			return err
		}
		out.here, out.ended, err = journey.Counts(ctx, q, "", 0)
		return err
	})
	return out, err
}
