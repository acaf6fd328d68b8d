package app

import (
	"context"
	"time"

	"github.com/tidwall/gjson"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/internal/proportion"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/journey"
)

// Bounds of a comparison of those whom a journey holds out with the others.
const (
	comparedEntries = 200_000
	comparedGoals   = 1_000_000
)

// side is one person of the comparison.
type side struct {
	held    bool
	at      heed.Time // of entering
	reached bool
}

// Holdout implements api.Studio. Each person counts once, by their first entry that was looked at.
func (s studio) Holdout(ctx context.Context, x spec.Spec, days int) (out api.HoldoutResult, err error) {
	out.Measure, out.Days = "none", days
	if s.app.history == nil {
		return out, heed.Errorf(heed.Unavailable, "This process runs without history: ask one that has it.")
	}
	draft, errs := journey.ReadDraft(x, nil)
	if len(errs) > 0 {
		draft = nil // published under other specs; what its runs said can be compared all the same
	}
	people, cut, err := s.sides(ctx, x.Name)
	if err != nil {
		return out, err
	}
	out.Cut = cut
	window := time.Duration(days) * 24 * time.Hour
	if typ, name, ok := goalOf(draft); ok {
		out.Measure = "goal_event"
		if err := s.goals(ctx, draft, typ, name, people, window); err != nil {
			return out, err
		}
	} else if gjson.GetBytes(x.Body, "goal").Exists() && heldGoOn(x) {
		out.Measure = "goal_in_journey"
		if err := s.goalFacts(ctx, x.Name, people, window); err != nil {
			return out, err
		}
	}
	due := s.app.clock.Now().Add(-window)
	for _, p := range people {
		if p.at > due { // their days are not over
			continue
		}
		arm := &out.Treated
		if p.held {
			arm = &out.Held
		}
		arm.People++
		if p.reached {
			arm.Reached++
		}
		if out.Since == 0 || api.Time(p.at) < out.Since {
			out.Since = api.Time(p.at)
		}
	}
	t, h := &out.Treated, &out.Held
	t.Share, h.Share = bounds(proportion.Wilson(t.Reached, t.People)), bounds(proportion.Wilson(h.Reached, h.People))
	out.Difference = bounds(proportion.Difference(t.Reached, t.People, h.Reached, h.People))
	return out, nil
}

func goalOf(d *journey.Draft) (heed.Type, string, bool) {
	if d == nil {
		return 0, "", false
	}
	return d.GoalEvent()
}

// heldGoOn says whether those who are held out stay in the journey, so that its goal is watched for them too.
func heldGoOn(x spec.Spec) bool {
	on := false
	for _, n := range gjson.GetBytes(x.Body, "nodes").Array() {
		on = on || n.Get("holdout").Exists() && n.Get("then").Str != ""
	}
	return on
}

func bounds(i proportion.Interval) api.Bounds {
	return api.Bounds{Value: i.Value, Low: i.Low, High: i.High}
}

func (s studio) ask(ctx context.Context, sql string, args []any, rows int, row func(insight.Row) error) error {
	return s.app.history.store.Query(ctx, sql, args, insight.Limits{Rows: rows, Time: heed.Time((20 * time.Second).Microseconds())}, row)
}

// sides are the people whose runs have passed a holdout node, by their first entry among the newest facts.
func (s studio) sides(ctx context.Context, name string) (map[heed.ID]*side, bool, error) {
	out := map[heed.ID]*side{}
	n := 0
	// A run that was held out says so once; what the other ones pass says that they came by the same node.
	property := s.app.history.store.Dialect().Property
	err := s.ask(ctx, `SELECT k.person, e.ts, `+property("holdout")+` FROM event e JOIN keymap k ON k.key = e.key
		WHERE e.type = 'run_changed' AND e.source = $1 AND e.name IN ('moved', 'ended') AND `+property("path")+` LIKE '["%'
		ORDER BY e.ts DESC LIMIT $2`, []any{"journey:" + name, comparedEntries}, comparedEntries, func(r insight.Row) error {
		var who heed.ID
		var at heed.Time
		var held string
		if err := r.Scan(&who, &at, &held); err != nil {
			return err
		}
		n++
		p := out[who]
		if p == nil {
			p = &side{}
			out[who] = p
		}
		p.at, p.held = at, p.held || held == "true"
		return nil
	})
	return out, n == comparedEntries, err
}

// goals notes who did the goal's event in time.
func (s studio) goals(ctx context.Context, d *journey.Draft, typ heed.Type, name string, people map[heed.ID]*side, window time.Duration) error {
	from := heed.Never
	for _, p := range people {
		from = min(from, p.at)
	}
	return s.ask(ctx, `SELECT k.person, e.ts, e.properties, e.touchpoint, e.channel, e.source, e.department, e.direction FROM event e JOIN keymap k ON k.key = e.key
		WHERE e.part >= 0 AND e.type = $1 AND e.name = $2 AND e.ts >= $3 ORDER BY e.ts LIMIT $4`, []any{typ.String(), name, int64(from), comparedGoals}, comparedGoals, func(r insight.Row) error {
		var who heed.ID
		var props heed.RawValue
		var direction string
		e := heed.Event{Type: typ, Name: name}
		if err := r.Scan(&who, &e.Timestamp, &props, &e.Touchpoint, &e.Channel, &e.Source, &e.Department, &direction); err != nil {
			return err
		}
		p := people[who]
		if p == nil || p.reached || e.Timestamp < p.at || e.Timestamp > p.at.Add(window) {
			return nil
		}
		e.Properties, e.Direction = heed.RawJSON(props), heed.Direction(direction)
		_, p.reached = d.Goal(&e)
		return nil
	})
}

// goalFacts notes whose run has reached the goal in time.
func (s studio) goalFacts(ctx context.Context, name string, people map[heed.ID]*side, window time.Duration) error {
	return s.ask(ctx, `SELECT k.person, e.ts FROM event e JOIN keymap k ON k.key = e.key
		WHERE e.type = 'run_changed' AND e.source = $1 AND (e.name = 'goal' OR e.name = 'ended' AND `+s.app.history.store.Dialect().Property("reason")+` = '"goal"')
		ORDER BY e.ts LIMIT $2`, []any{"journey:" + name, comparedGoals}, comparedGoals, func(r insight.Row) error {
		var who heed.ID
		var at heed.Time
		err := r.Scan(&who, &at)
		if p := people[who]; p != nil && at >= p.at && at <= p.at.Add(window) {
			p.reached = true
		}
		return err
	})
}
