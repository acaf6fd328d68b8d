package app

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/journey"
)

// journeys answers api.Journeys.
type journeys struct{ app *App }

// Stats implements api.Journeys.
func (j journeys) Stats(ctx context.Context) (map[string]api.JourneyStat, error) {
	out := map[string]api.JourneyStat{}
	all, err := j.app.standing.get(ctx)
	if err != nil {
		return nil, err
	}
	for _, h := range all.here {
		s := out[h.Journey]
		s.Active += h.Runs
		out[h.Journey] = s
	}
	for _, e := range all.ended {
		s := out[e.Journey]
		if e.Reason == "done" || e.Reason == "goal" {
			s.Finished += e.Runs
		} else {
			s.Exited += e.Runs
		}
		s.Reached += e.Goals
		out[e.Journey] = s
	}
	err = j.app.DB.Read(ctx, func(q db.Querier) error {
		specs, err := spec.Latest(ctx, q, spec.Journey)
		for _, one := range specs {
			s := out[one.Name]
			s.Paused = paused(one)
			out[one.Name] = s
		}
		return err
	})
	return out, err
}

func paused(s spec.Spec) bool {
	var v struct {
		Paused bool `json:"paused"`
	}
	_ = json.Unmarshal(s.Body, &v) // the stage has checked it
	return v.Paused
}

// Nodes implements api.Journeys. Who stands where is what the state says; what has passed is counted from history.
func (j journeys) Nodes(ctx context.Context, name string, version int) (out []api.NodeStat, err error) {
	at := map[string]*api.NodeStat{}
	node := func(id string) *api.NodeStat {
		if at[id] == nil {
			at[id] = &api.NodeStat{Node: id, Version: version, Ended: map[string]int64{}}
		}
		return at[id]
	}
	err = j.app.DB.Read(ctx, func(q db.Querier) error {
		here, err := journey.Here(ctx, q, name, version)
		for _, h := range here {
			node(h.Node).Here += h.Runs
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if j.app.passages != nil {
		passed, _ := j.app.passages.get(ctx) // without it, who stands where is known all the same
		for id, p := range passed[passagesOf{name, strconv.Itoa(version)}] {
			n := node(id)
			n.Passed += p.arrived
			for reason, left := range p.left {
				n.Ended[reason] += left
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(at)) {
		n := at[id]
		n.Passed -= n.Here
		for _, ended := range n.Ended {
			n.Passed -= ended
		}
		n.Passed = max(0, n.Passed) // history lags a moment behind
		out = append(out, *n)
	}
	return out, nil
}

// Runs implements api.Journeys.
func (j journeys) Runs(ctx context.Context, q api.RunQuery) (out []api.JourneyRun, next string, err error) {
	var before heed.ID
	if q.After != "" {
		if before, err = heed.ParseID(q.After); err != nil {
			return nil, "", heed.FieldErrorf("after", "is not a cursor of ours: take next from the page before, unchanged")
		}
	}
	f := journey.Filter{Node: q.Node}
	switch q.Status {
	case "active", "paused":
		f.State = q.Status
	case "finished", "exited":
		f.State = journey.StateEnded
	}
	err = j.app.DB.Read(ctx, func(d db.Querier) error {
		var rows []journey.Row
		if !q.Person.IsZero() {
			rows, err = journey.OfPerson(ctx, d, q.Person, before, q.Limit)
		} else {
			rows, err = journey.List(ctx, d, q.Journey, f, before, q.Limit)
		}
		for _, r := range rows {
			out = append(out, runOf(r))
		}
		if len(rows) == q.Limit && len(rows) > 0 {
			next = rows[len(rows)-1].ID.String()
		}
		return err
	})
	return out, next, err
}

func runOf(r journey.Row) api.JourneyRun {
	out := api.JourneyRun{
		ID: r.ID, Person: r.Person, Journey: r.Journey, Version: r.Version, Key: r.Key, Node: r.Node, Status: r.State,
		Entered: r.Entered, Since: r.Since, Due: r.Due, Ended: r.Exited, Reason: r.Reason,
	}
	if r.State == journey.StateEnded {
		out.Status = "exited"
		if r.Reason == "done" || r.Reason == "goal" {
			out.Status = "finished"
		}
	} else if r.Why != "" {
		out.Reason = r.Why
	}
	return out
}

// Pause stores a version of the journey that is paused, or not.
func (j journeys) Pause(ctx context.Context, name string, pause bool, by string) error {
	return j.app.DB.WriteDurable(ctx, func(tx db.Tx) error {
		specs, err := spec.Latest(ctx, tx, spec.Journey)
		if err != nil {
			return err
		}
		for _, s := range specs {
			if s.Name != name {
				continue
			}
			if paused(s) == pause {
				return nil
			}
			var body map[string]json.RawMessage
			if err := json.Unmarshal(s.Body, &body); err != nil {
				return err
			}
			delete(body, "paused")
			if pause {
				body["paused"] = json.RawMessage("true")
			}
			text, err := json.Marshal(body)
			if err != nil {
				return err
			}
			_, err = spec.Put(ctx, tx, spec.Spec{Kind: spec.Journey, Name: name, Body: text, MadeAt: j.app.clock.Now(), MadeBy: by})
			return err
		}
		return heed.Errorf(heed.NotFound, "There is no journey %q.", name)
	})
}

// Enter implements api.Journeys.
func (j journeys) Enter(ctx context.Context, e api.Entry) error {
	event, err := journey.Enter(e.Journey, e.Key, e.Vars)
	if err != nil {
		return err
	}
	now := j.app.clock.Now()
	event.MessageID, event.Source, event.Timestamp, event.ReceivedAt = heed.NewID(now).String(), "api", now, now
	event.IDs = []heed.Identifier{{Namespace: channel.PersonNamespace, Value: e.Person.String()}}
	return j.app.Do(ctx, []heed.Event{*event})
}
