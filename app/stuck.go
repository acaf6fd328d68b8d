package app

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/journey"
	"github.com/heedcx/heed/profile"
)

// stuck knows which journeys do not get on. It looks by itself, because looking at every run takes longer than a page may.
type stuck struct {
	late []journey.Overdue // when it last looked
	all  heed.Time         // when every run is looked at, whatever the people say

	mu   sync.Mutex
	last []api.JourneyTrouble
}

const (
	stuckEvery = time.Minute
	stuckTime  = 30 * time.Second
	// stuckAll is how often every run is looked at.
	stuckAll = time.Hour
	// overdueAfter is how late a run may be: what a worker has not come to by then, it is not about to come to.
	overdueAfter = 15 * time.Minute
	// saidNothing is of how many messages of a day not one has to arrive, so that it is no coincidence.
	saidNothing = 5
)

// openOverview begins to look after journeys.
func (a *App) openOverview() overview {
	s := &stuck{}
	a.parts.Go("journeys that are stuck", func(ctx context.Context) {
		for ctx.Err() == nil {
			if err := s.look(ctx, a); err != nil && ctx.Err() == nil {
				a.log.Warn("it is not known which journeys are stuck; it is tried again", "error", err)
			}
			select {
			case <-ctx.Done():
			case <-time.After(stuckEvery):
			}
		}
	})
	return overview{a, s}
}

func (s *stuck) journeys() []api.JourneyTrouble {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.last)
}

// look finds journeys whose runs are overdue, and those of whose messages none has arrived lately.
func (s *stuck) look(ctx context.Context, a *App) error {
	ctx, cancel := context.WithTimeout(ctx, stuckTime)
	defer cancel()
	now := a.clock.Now()
	if err := a.DB.Read(ctx, func(q db.Querier) error { return s.overdue(ctx, q, now) }); err != nil {
		return err
	}
	var out []api.JourneyTrouble
	for _, o := range s.late {
		out = append(out, api.JourneyTrouble{Journey: o.Journey, What: "overdue", Count: o.Runs, Since: api.Time(o.Since)})
	}
	came, err := a.ledger.CameTo(ctx, now.Add(-24*time.Hour))
	if err != nil {
		return err
	}
	for len(came) > 0 { // they come by journey
		n := 0
		t, arrived, total := api.JourneyTrouble{Journey: came[0].Journey}, int64(0), int64(0)
		by := map[string]int64{}
		for ; n < len(came) && came[n].Journey == t.Journey; n++ {
			c := came[n]
			total += c.N
			switch c.State {
			case heed.MessageSent, heed.MessageDelivered, heed.MessageComplained: // whoever complains has got it
				arrived += c.N
			case heed.MessageDropped:
				if by["dropped"] += c.N; t.Reason == "" { // the most frequent comes first
					t.Reason = c.Reason
				}
			default:
				by["failed"] += c.N
			}
		}
		came = came[n:]
		if arrived > 0 || total < saidNothing {
			continue
		}
		if t.What, t.Count = "dropped", by["dropped"]; by["failed"] >= by["dropped"] {
			t.What, t.Count, t.Reason = "failed", by["failed"], ""
		}
		out = append(out, t)
	}
	s.mu.Lock()
	s.last = out
	s.mu.Unlock()
	return nil
}

// overdue finds the runs that are late. Where runs are, their people are to be woken no later, and who is next is the
// first entry of an index: as long as nobody is late, no run is looked at. But those who cannot be woken sleep on for an
// hour each time, and who stands in a version that cannot be read is woken for nothing; for their sake every run is
// looked at now and then, and each time until nothing is late any more.
func (s *stuck) overdue(ctx context.Context, q db.Querier, now heed.Time) error {
	before := now.Add(-overdueAfter)
	next, err := profile.NextDue(ctx, q)
	if err != nil || len(s.late) == 0 && (next == 0 || next >= before) && now < s.all {
		return err
	}
	late, err := journey.FindOverdue(ctx, q, before)
	if err == nil {
		s.late, s.all = late, now.Add(stuckAll)
	}
	return err
}
