package api_test

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
)

// The fakes are functions in fields: a test sets those that it expects to be called.

type people struct {
	find        func(heed.Identifier) (*heed.Person, error)
	get         func(heed.ID) (*heed.Person, error)
	identifiers func(heed.ID) ([]heed.Identifier, error)
	list        func(api.PeopleQuery) ([]*heed.Person, string, error)
	search      func(string, int) ([]*heed.Person, error)
}

func (f *people) Find(_ context.Context, id heed.Identifier) (*heed.Person, error) { return f.find(id) }
func (f *people) Get(_ context.Context, id heed.ID) (*heed.Person, error)          { return f.get(id) }
func (f *people) Identifiers(_ context.Context, id heed.ID) ([]heed.Identifier, error) {
	return f.identifiers(id)
}
func (f *people) List(_ context.Context, q api.PeopleQuery) (api.PeopleFound, error) {
	list, next, err := f.list(q)
	found := api.PeopleFound{People: list, Next: next}
	if q.Rule != "" {
		found.Looked = &api.Looked{People: 20_000, Of: 1_000_000}
	}
	return found, err
}
func (f *people) Search(_ context.Context, text string, limit int) ([]*heed.Person, error) {
	return f.search(text, limit)
}

// known is a fake that knows these people, each by user_id:NAME and email:NAME@x.example.
func known(all map[string]*heed.Person) *people {
	f := &people{}
	name := func(id heed.ID) string {
		for n, p := range all {
			if p.ID == id {
				return n
			}
		}
		return ""
	}
	missing := heed.Errorf(heed.NotFound, "There is no such person.")
	f.find = func(i heed.Identifier) (*heed.Person, error) {
		for n, p := range all {
			if i == (heed.Identifier{Namespace: heed.UserID, Value: n}) || i == (heed.Identifier{Namespace: heed.Email, Value: n + "@x.example"}) {
				return p, nil
			}
		}
		return nil, missing
	}
	f.get = func(id heed.ID) (*heed.Person, error) {
		if p := all[name(id)]; p != nil {
			return p, nil
		}
		return nil, missing
	}
	f.identifiers = func(id heed.ID) ([]heed.Identifier, error) {
		n := name(id)
		return []heed.Identifier{{Namespace: heed.UserID, Value: n}, {Namespace: heed.Email, Value: n + "@x.example"}}, nil
	}
	return f
}

type briefs func(heed.ID) (api.Brief, error)

func (f briefs) Brief(_ context.Context, id heed.ID) (api.Brief, error) { return f(id) }

type interactions func(heed.ID, api.TimelineFilter) ([]api.TimelineEntry, string, error)

func (f interactions) Timeline(_ context.Context, id heed.ID, q api.TimelineFilter) ([]api.TimelineEntry, string, error) {
	return f(id, q)
}

type decisions func(api.DecisionQuery) ([]api.LedgerEntry, error)

func (f decisions) Decisions(_ context.Context, q api.DecisionQuery) ([]api.LedgerEntry, error) {
	return f(q)
}

type messages struct {
	list func(api.MessageQuery) ([]heed.Message, error)
	get  func(heed.ID) (heed.Message, error)
}

func (f messages) Messages(_ context.Context, q api.MessageQuery) ([]heed.Message, error) {
	return f.list(q)
}
func (f messages) Message(_ context.Context, id heed.ID) (heed.Message, error) { return f.get(id) }

type commands func([]heed.Event) error

func (f commands) Do(_ context.Context, events []heed.Event) error { return f(events) }

type decider func(heed.Intent) (heed.Decision, error)

func (f decider) Decide(_ context.Context, in heed.Intent) (heed.Decision, error) { return f(in) }

type segments struct {
	stats   func() (map[string]api.SegmentStat, error)
	members func(name, after string, limit int) ([]api.Member, string, error)
	preview func(rule string, sample int) (api.Preview, error)
}

func (f segments) Stats(context.Context) (map[string]api.SegmentStat, error) { return f.stats() }
func (f segments) Members(_ context.Context, name, after string, limit int) ([]api.Member, string, error) {
	return f.members(name, after, limit)
}
func (f segments) Preview(_ context.Context, rule string, sample int) (api.Preview, error) {
	return f.preview(rule, sample)
}

type journeys struct {
	stats func() (map[string]api.JourneyStat, error)
	nodes func(string, int) ([]api.NodeStat, error)
	runs  func(api.RunQuery) ([]api.JourneyRun, string, error)
	pause func(string, bool, string) error
	enter func(api.Entry) error
}

func (f journeys) Stats(context.Context) (map[string]api.JourneyStat, error) { return f.stats() }
func (f journeys) Nodes(_ context.Context, name string, version int) ([]api.NodeStat, error) {
	return f.nodes(name, version)
}
func (f journeys) Runs(_ context.Context, q api.RunQuery) ([]api.JourneyRun, string, error) {
	return f.runs(q)
}
func (f journeys) Pause(_ context.Context, name string, paused bool, by string) error {
	return f.pause(name, paused, by)
}
func (f journeys) Enter(_ context.Context, e api.Entry) error { return f.enter(e) }

type live func(context.Context) (<-chan api.Happening, error)

func (f live) Subscribe(ctx context.Context) (<-chan api.Happening, error) { return f(ctx) }
