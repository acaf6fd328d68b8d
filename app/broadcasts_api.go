package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/broadcast"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/internal/proportion"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/rule"
	"github.com/heedcx/heed/segment"
)

// broadcasts answers api.Broadcasts.
type broadcasts struct{ app *App }

// Broadcasts implements api.Broadcasts.
func (b broadcasts) Broadcasts(ctx context.Context) (out []api.Broadcast, err error) {
	err = b.app.DB.Read(ctx, func(q db.Querier) error {
		specs, err := spec.Latest(ctx, q, spec.Broadcast)
		if err != nil {
			return err
		}
		runs, err := broadcast.Runs(ctx, q)
		if err != nil {
			return err
		}
		docs := map[string]spec.Spec{}
		for _, s := range specs {
			docs[s.Name] = s
		}
		for _, x := range runs {
			out = append(out, broadcastView(docs[x.Name], x))
			delete(docs, x.Name)
		}
		for _, s := range docs {
			out = append(out, broadcastView(s, nil))
		}
		slices.SortFunc(out, func(a, b api.Broadcast) int { return cmp.Compare(a.Name, b.Name) })
		return nil
	})
	return out, err
}

// broadcastView is a broadcast as it was started (x), or as it is designed when it was not (nil).
func broadcastView(s spec.Spec, x *broadcast.Run) api.Broadcast {
	body := s.Body
	v := api.Broadcast{Name: s.Name, Version: s.Version, MadeAt: api.Time(s.MadeAt), MadeBy: s.MadeBy, State: "draft"}
	if x != nil {
		body = x.Body
		v = api.Broadcast{
			Name: x.Name, Version: x.Version, MadeAt: api.Time(s.MadeAt), MadeBy: s.MadeBy, State: x.State, Paused: x.Paused,
			StartedAt: api.Time(x.StartedAt), StartedBy: x.StartedBy, Begins: api.Time(x.Begins), BegunAt: api.Time(x.BegunAt),
			EndedAt: api.Time(x.EndedAt), EndedBy: x.EndedBy, Audience: x.Audience, Turned: x.Turned, Trouble: x.Trouble,
		}
	}
	var doc struct {
		Title   string `json:"title"`
		Segment string `json:"segment"`
		Message struct {
			Channel string `json:"channel"`
			Purpose string `json:"purpose"`
		} `json:"message"`
	}
	_ = json.Unmarshal(body, &doc) // it was checked; another shape shows as empty
	v.Title, v.Segment, v.Channel, v.Purpose = doc.Title, doc.Segment, doc.Message.Channel, doc.Message.Purpose
	return v
}

// Broadcast implements api.Broadcasts.
func (b broadcasts) Broadcast(ctx context.Context, name string) (out api.BroadcastDetail, err error) {
	err = b.app.DB.Read(ctx, func(q db.Querier) error {
		s, x, err := b.find(ctx, q, name)
		if err != nil {
			return err
		}
		out.Broadcast, out.Body = broadcastView(s, x), api.JSON(s.Body)
		out.Results, out.Reasons = []api.BroadcastResult{}, []api.BroadcastReason{}
		if x != nil {
			out.Body = api.JSON(x.Body)
			if err := b.results(ctx, q, name, &out); err != nil {
				return err
			}
		}
		out.Check, err = b.check(ctx, q, name, out.Broadcast.Segment)
		return err
	})
	return out, err
}

// find returns the document of a broadcast and how it was started; one of them may be missing.
func (b broadcasts) find(ctx context.Context, q db.Querier, name string) (spec.Spec, *broadcast.Run, error) {
	specs, err := spec.Latest(ctx, q, spec.Broadcast)
	if err != nil {
		return spec.Spec{}, nil, err
	}
	var s spec.Spec
	if i := slices.IndexFunc(specs, func(s spec.Spec) bool { return s.Name == name }); i >= 0 {
		s = specs[i]
	}
	x, err := broadcast.Find(ctx, q, name)
	if err == nil && x == nil && s.Name == "" {
		err = heed.Errorf(heed.NotFound, "There is no broadcast %q.", name)
	}
	return s, x, err
}

func (b broadcasts) results(ctx context.Context, q db.Querier, name string, out *api.BroadcastDetail) error {
	rows, err := broadcast.Results(ctx, q, name)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if n := len(out.Results); n == 0 || out.Results[n-1].Variant != r.Variant {
			out.Results = append(out.Results, api.BroadcastResult{Variant: r.Variant})
		}
		v := &out.Results[len(out.Results)-1]
		v.People += r.People
		v.Sent, v.Delivered, v.Opened, v.Clicked = v.Sent+r.Sent, v.Delivered+r.Delivered, v.Opened+r.Opened, v.Clicked+r.Clicked
		v.Bounced, v.Failed, v.OptedOut, v.Complained = v.Bounced+r.Bounced, v.Failed+r.Failed, v.OptedOut+r.OptedOut, v.Complained+r.Complained
		switch {
		case r.State == broadcast.Waiting:
			v.Waiting += r.People
		case r.State == broadcast.HeldOut:
			v.HeldOut += r.People
		case r.State == broadcast.Skipped:
			v.Skipped += r.People
		case r.State == broadcast.Canceled:
			v.Canceled += r.People
		case r.Outcome == string(heed.Send):
			v.Allowed += r.People
		case r.Outcome == string(heed.Hold):
			v.Held += r.People
		case r.Outcome == string(heed.Drop):
			v.Dropped += r.People
		}
	}
	reasons, err := broadcast.Reasons(ctx, q, name)
	out.Reasons = append(out.Reasons, reasonViews(reasons)...)
	return err
}

func reasonViews(list []broadcast.Reason) []api.BroadcastReason {
	out := make([]api.BroadcastReason, len(list))
	for i, r := range list {
		out[i] = api.BroadcastReason{State: r.State, Variant: r.Variant, Outcome: r.Outcome, Reason: r.Reason, Rule: r.Rule, People: r.People,
			From: api.Time(r.From), To: api.Time(r.To)}
	}
	return out
}

func (b broadcasts) check(ctx context.Context, q db.Querier, name, in string) (*api.BroadcastCheck, error) {
	c, err := broadcast.FindCheck(ctx, q, name)
	if err != nil || c == nil {
		return nil, err
	}
	reasons, err := broadcast.CheckedReasons(ctx, q, name)
	if err != nil {
		return nil, err
	}
	total, err := segment.Count(ctx, q, in)
	return &api.BroadcastCheck{Version: c.Version, State: c.State, MadeAt: api.Time(c.MadeAt), MadeBy: c.MadeBy, DoneAt: api.Time(c.DoneAt),
		People: c.People, Total: max(total, c.People), Note: c.Trouble, Reasons: reasonViews(reasons)}, err
}

// Check implements api.Broadcasts.
func (b broadcasts) Check(ctx context.Context, name, by string) error {
	return b.nudged(broadcast.StartCheck(ctx, b.app.DB, name, by, b.app.clock.Now()))
}

// Start implements api.Broadcasts.
func (b broadcasts) Start(ctx context.Context, name string, version int, by string) error {
	return b.nudged(broadcast.Start(ctx, b.app.DB, name, version, by, b.app.clock.Now()))
}

// Pause implements api.Broadcasts.
func (b broadcasts) Pause(ctx context.Context, name string, pause bool) error {
	return b.nudged(broadcast.Pause(ctx, b.app.DB, name, pause))
}

// Stop implements api.Broadcasts.
func (b broadcasts) Stop(ctx context.Context, name, by string) error {
	return b.nudged(broadcast.Stop(ctx, b.app.DB, name, by, b.app.clock.Now()))
}

// nudged has the runner look at once.
func (b broadcasts) nudged(err error) error {
	if err == nil {
		select {
		case b.app.nudge <- struct{}{}:
		default:
		}
	}
	return err
}

// People implements api.Broadcasts.
func (b broadcasts) People(ctx context.Context, name string, f api.BroadcastQuery) (out []api.BroadcastPerson, err error) {
	err = b.app.DB.Read(ctx, func(q db.Querier) error {
		if _, _, err := b.find(ctx, q, name); err != nil {
			return err
		}
		list, err := broadcast.PeopleOf(ctx, q, name, broadcast.Filter(f))
		if err != nil {
			return err
		}
		out, err = b.named(ctx, q, list)
		return err
	})
	return out, err
}

// Checked implements api.Broadcasts.
func (b broadcasts) Checked(ctx context.Context, name string, f api.BroadcastQuery) (out []api.BroadcastPerson, err error) {
	err = b.app.DB.Read(ctx, func(q db.Querier) error {
		if _, _, err := b.find(ctx, q, name); err != nil {
			return err
		}
		list, err := broadcast.CheckedPeople(ctx, q, name, broadcast.Filter(f))
		if err != nil {
			return err
		}
		people := make([]broadcast.Person, len(list))
		for i, c := range list {
			people[i] = broadcast.Person{Checked: c}
		}
		out, err = b.named(ctx, q, people)
		return err
	})
	return out, err
}

func (b broadcasts) named(ctx context.Context, q db.Querier, list []broadcast.Person) ([]api.BroadcastPerson, error) {
	ids := make([]heed.ID, len(list))
	for i, p := range list {
		ids[i] = p.Checked.Person
	}
	docs, err := b.app.reading.store.GetEach(ctx, q, ids)
	out := make([]api.BroadcastPerson, len(list))
	for i, p := range list {
		v := &out[i]
		*v = api.BroadcastPerson{
			Person: api.Summary(ids[i], docs[i]), State: p.State, Variant: p.Variant, Due: api.Time(p.Due), Turn: api.Time(p.Turn), Outcome: string(p.Outcome),
			Reason: p.Reason, Rule: p.Rule, Text: p.Text, Until: api.Time(p.Until), Sent: api.Time(p.Sent), Delivered: api.Time(p.Delivered),
			Opened: api.Time(p.Opened), Clicked: api.Time(p.Clicked), Bounced: api.Time(p.Bounced), Failed: api.Time(p.Failed),
			OptedOut: api.Time(p.OptedOut), Complained: api.Time(p.Complained),
		}
		if !p.Message.IsZero() {
			id := api.ID(p.Message)
			v.Message = &id
		}
	}
	return out, err
}

// Goal implements api.Broadcasts.
func (b broadcasts) Goal(ctx context.Context, name string, q api.GoalQuery) (api.BroadcastGoal, error) {
	var x *broadcast.Run
	err := b.app.DB.Read(ctx, func(q db.Querier) (err error) { _, x, err = b.find(ctx, q, name); return err })
	switch {
	case err != nil:
		return api.BroadcastGoal{}, err
	case x == nil:
		return api.BroadcastGoal{}, heed.Errorf(heed.Conflict, "The broadcast %q has not been started: there is nothing to measure yet.", name)
	case b.app.history == nil:
		return api.BroadcastGoal{}, heed.Errorf(heed.Unavailable, "This process runs without history. Ask another one, or start it with that role.")
	}
	g, err := wantedGoal(x, q)
	if err != nil {
		return api.BroadcastGoal{}, err
	}
	m, err := broadcast.Measure(ctx, questionable{b.app.history.store}, name, g)
	out := api.BroadcastGoal{Event: g.Event, Where: g.WhereText(), Within: rule.Duration(m.Goal.Within).String(), Groups: []api.BroadcastGroup{}, Effects: []api.BroadcastEffect{}, Open: api.Time(m.Open)}
	for _, g := range m.Groups {
		out.Groups = append(out.Groups, api.BroadcastGroup{Variant: g.Variant, HeldOut: g.HeldOut, People: g.People, Reached: g.Reached, Share: share(g.Share)})
	}
	for _, e := range m.Effects {
		out.Effects = append(out.Effects, api.BroadcastEffect{Variant: e.Variant, More: share(e.More)})
	}
	return out, err
}

// wantedGoal is the goal that the caller names, or the document's.
func wantedGoal(x *broadcast.Run, q api.GoalQuery) (broadcast.Goal, error) {
	var g broadcast.Goal
	own, err := x.GoalOf()
	if err != nil {
		return g, err
	}
	if own != nil {
		g = *own
	}
	if q.Event != "" {
		g.Event, g.Where = q.Event, nil
	}
	if q.Where != "" {
		if g.Where, err = rule.ParseWhere(q.Where); err != nil {
			return g, heed.FieldErrorf("where", "%s", heed.MessageOf(err))
		}
	}
	if g.Event == "" {
		return g, heed.FieldErrorf("event", "say which event is the goal")
	}
	if q.Within != "" {
		d, err := rule.ParseDuration(q.Within)
		if err != nil {
			return g, heed.FieldErrorf("within", "%s", heed.MessageOf(err))
		}
		g.Within = heed.Time(d)
	}
	return g, nil
}

func share(i proportion.Interval) api.Share {
	return api.Share{Value: i.Value, Low: i.Low, High: i.High}
}

// questionable lets broadcasts ask history.
type questionable struct{ store insight.Store }

// Dialect implements broadcast.History.
func (h questionable) Dialect() rule.Dialect { return h.store.Dialect() }

// Query implements broadcast.History.
func (h questionable) Query(ctx context.Context, sql string, args []any, row func(scan func(dest ...any) error) error) error {
	err := h.store.Query(ctx, sql, args, insight.Limits{}, func(r insight.Row) error { return row(r.Scan) })
	if errors.Is(err, context.DeadlineExceeded) {
		return heed.Errorf(heed.Unavailable, "History takes too long to answer. Try again later.")
	}
	return err
}
