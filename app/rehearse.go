package app

import (
	"context"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/journey"
)

// Bounds of a rehearsal. Beyond the first two a sample is taken, and its result says so.
const (
	rehearsedPeople = 20_000
	rehearsedEvents = 1_000_000
	rehearsalTime   = 2 * time.Minute // of one question to history
	rehearsalSlot   = 5 * time.Minute // what happens so close together is taken in at once
	rehearsalBatch  = 1000            // at most so many at once
	rehearsalReel   = 20_000          // events in memory, about
	warmUp          = 7 * 24 * time.Hour
)

// rehearsal replays what really happened to a sample of people in a Virtual in which the draft is in force.
type rehearsal struct {
	v     *Virtual
	draft *journey.Draft
	name  string
	out   api.RehearsalResult
	// progress is called now and then with what part is done; false ends the rehearsal.
	progress func(done float64) error

	triggered, entered, received, reached map[heed.ID]bool
	refused                               map[heed.ID]string
	stays                                 map[heed.ID]bool // runs that began before the first day
	nodes                                 map[string]*api.RehearsedNode
	answers                               map[api.RehearsedAnswer]*answered
	held                                  map[heed.ID]bool // messages
	last                                  map[heed.ID]string
	ended                                 map[string]int64
}

// answered counts one answer of the gate.
type answered struct {
	messages, people map[heed.ID]bool
	text             string
}

func newRehearsal(name string, progress func(float64) error) *rehearsal {
	return &rehearsal{name: name, progress: progress, triggered: map[heed.ID]bool{}, entered: map[heed.ID]bool{}, received: map[heed.ID]bool{}, reached: map[heed.ID]bool{},
		refused: map[heed.ID]string{}, stays: map[heed.ID]bool{}, nodes: map[string]*api.RehearsedNode{}, answers: map[api.RehearsedAnswer]*answered{}, held: map[heed.ID]bool{}, last: map[heed.ID]string{}, ended: map[string]int64{}}
}

// rehearse tries a draft on the days before now.
func (s studio) rehearse(ctx context.Context, x spec.Spec, days int, progress func(float64) error) (*api.RehearsalResult, error) {
	if s.app.history == nil {
		return nil, heed.Errorf(heed.Unavailable, "This process runs without history: there is nothing to rehearse on.")
	}
	set, err := s.specs(ctx)
	if err != nil {
		return nil, err
	}
	now := s.app.clock.Now()
	r := newRehearsal(x.Name, progress)
	from := now.Add(-time.Duration(days) * 24 * time.Hour)
	r.out.From, r.out.To = api.Time(from), api.Time(now)
	world, err := draftWorld(set, x, true)
	if err != nil {
		return nil, err
	}
	var errs []error
	if r.draft, errs = journey.ReadDraft(world[spec.Key{Kind: spec.Journey, Name: x.Name}], world); len(errs) > 0 {
		return nil, errs[0]
	}
	c, err := s.cast(ctx, r, from, now)
	if err != nil {
		return nil, err
	}
	if len(c.people) > 0 {
		if err := r.play(ctx, world, c, from, now); err != nil {
			return nil, err
		}
	}
	r.sum(x)
	return &r.out, nil
}

func (r *rehearsal) note(code string) { r.out.Notes = append(r.out.Notes, code) }
