package api

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
	"github.com/heedcx/heed/internal/spec"
)

const journeysDep = "the journeys"

// Journey is one journey with its counts.
type Journey struct {
	Name     string `json:"name"`
	Title    string `json:"title,omitempty"`
	Version  int    `json:"version"`
	Paused   bool   `json:"paused"`
	Active   int64  `json:"active" doc:"Runs under way."`
	Finished int64  `json:"finished"`
	Exited   int64  `json:"exited"`
	Reached  int64  `json:"reached" doc:"Runs that reached the goal."`
	MadeAt   Time   `json:"made_at"`
	MadeBy   string `json:"made_by,omitempty"`
}

// JourneyDetail is a journey with its design and the counts of every node.
type JourneyDetail struct {
	Journey Journey     `json:"journey"`
	Body    JSON        `json:"body" doc:"The design: trigger, entry, exit, goal, nodes."`
	Nodes   []NodeCount `json:"nodes" nullable:"false"`
}

// NodeCount counts the runs at one node.
type NodeCount struct {
	Node    string `json:"node"`
	Version int    `json:"version,omitempty"`
	Here    int64  `json:"here" doc:"Are here now."`
	Passed  int64  `json:"passed" doc:"Have gone on from here."`

	Ended []Count `json:"ended" nullable:"false" doc:"Runs that ended here, by why."`
}

// Run is one person's way through one journey.
type Run struct {
	ID      ID     `json:"id"`
	Person  ID     `json:"person"`
	Journey string `json:"journey"`
	Version int    `json:"version"`
	Key     string `json:"key,omitempty"`
	Node    string `json:"node"`
	Status  string `json:"status" enum:"active,paused,finished,exited"`
	Entered Time   `json:"entered"`
	Since   Time   `json:"since,omitzero" doc:"At this node."`
	Due     Time   `json:"due,omitzero"`
	Ended   Time   `json:"ended,omitzero"`
	Reason  string `json:"reason,omitempty" doc:"Why it ended."`
}

func (s *server) registerJourneys() {
	get := func(path, id, summary string, need account.Permission) op {
		return op{method: http.MethodGet, path: path, id: id, tag: "journeys", need: need, needs: s.Journeys, what: journeysDep, summary: summary}
	}
	post := func(path, id, summary, audit string) op {
		return op{method: http.MethodPost, path: path, id: id, tag: "journeys", need: account.RunJourneys, needs: s.Journeys, what: journeysDep, summary: summary, audit: audit}
	}
	route(s, get("/journeys", "listJourneys", "Journeys with their counts", account.ReadSpecs), s.listJourneys)
	route(s, get("/journeys/{name}", "getJourney", "One journey, with who is at which node", account.ReadSpecs), s.getJourney)
	route(s, get("/journeys/{name}/runs", "listRuns", "The ways of people through a journey, newest first", account.ReadPeople), s.listRuns)
	route(s, get("/people/{id}/runs", "listPersonRuns", "The journeys that a person went through, newest first", account.ReadPeople), s.listPersonRuns)
	route(s, post("/journeys/{name}/pause", "pauseJourney", "Freeze a journey", "journey.pause"), s.pauseJourney)
	route(s, post("/journeys/{name}/resume", "resumeJourney", "Let a journey go on", "journey.resume"), s.resumeJourney)
	enter := post("/journeys/{name}/enter", "enterJourney", "Put a person into a journey", "journey.enter")
	enter.status = http.StatusAccepted
	route(s, enter, s.enterJourney)
}

func journeyView(x spec.Spec, st JourneyStat) Journey {
	var doc struct {
		Title string `json:"title"`
	}
	_ = json.Unmarshal(x.Body, &doc) // another shape shows as empty
	return Journey{x.Name, doc.Title, x.Version, st.Paused, st.Active, st.Finished, st.Exited, st.Reached, Time(x.MadeAt), x.MadeBy}
}

func (s *server) listJourneys(ctx context.Context, _ *struct{}) (*Body[Page[Journey]], error) {
	set, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	stats, err := s.Journeys.Stats(ctx)
	return page(each(set.Of(spec.Journey), func(x spec.Spec) Journey { return journeyView(x, stats[x.Name]) }), ""), err
}

func (s *server) getJourney(ctx context.Context, in *struct {
	NamePath
	Version int `query:"version" minimum:"0" doc:"Count one version only; 0 is all together."`
}) (*Body[JourneyDetail], error) {
	x, err := s.oneOf(ctx, spec.Journey, in.Name)
	if err != nil {
		return nil, err
	}
	stats, err := s.Journeys.Stats(ctx)
	if err != nil {
		return nil, err
	}
	nodes, err := s.Journeys.Nodes(ctx, in.Name, in.Version)
	return body(JourneyDetail{Journey: journeyView(x, stats[x.Name]), Body: JSON(x.Body), Nodes: each(nodes, func(n NodeStat) NodeCount {
		out := NodeCount{Node: n.Node, Version: n.Version, Here: n.Here, Passed: n.Passed, Ended: []Count{}}
		for _, why := range slices.Sorted(maps.Keys(n.Ended)) {
			out.Ended = append(out.Ended, Count{why, n.Ended[why]})
		}
		return out
	})}), err
}

func runView(r JourneyRun) Run {
	return Run{ID(r.ID), ID(r.Person), r.Journey, r.Version, r.Key, r.Node, r.Status, Time(r.Entered), Time(r.Since), Time(r.Due), Time(r.Ended), r.Reason}
}

func (s *server) listRuns(ctx context.Context, in *struct {
	NamePath
	Paging
	Node   string `query:"node" maxLength:"64"`
	Status string `query:"status" enum:"active,paused,finished,exited"`
}) (*Body[Page[Run]], error) {
	runs, next, err := s.Journeys.Runs(ctx, RunQuery{Journey: in.Name, Node: in.Node, Status: in.Status, After: in.After, Limit: in.Limit})
	return page(each(runs, runView), next), err
}

func (s *server) listPersonRuns(ctx context.Context, in *struct {
	PersonPath
	Paging
}) (*Body[Page[Run]], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	runs, next, err := s.Journeys.Runs(ctx, RunQuery{Person: id, After: in.After, Limit: in.Limit})
	return page(each(runs, runView), next), err
}

func (s *server) pauseJourney(ctx context.Context, in *NamePath) (*Body[Journey], error) {
	return s.setPaused(ctx, in.Name, true)
}

func (s *server) resumeJourney(ctx context.Context, in *NamePath) (*Body[Journey], error) {
	return s.setPaused(ctx, in.Name, false)
}

func (s *server) setPaused(ctx context.Context, name string, paused bool) (*Body[Journey], error) {
	x, err := s.oneOf(ctx, spec.Journey, name)
	if err != nil {
		return nil, err
	}
	note(ctx, "journey "+name, nil, nil)
	if err := s.Journeys.Pause(ctx, name, paused, s.actor(ctx).Name); err != nil {
		return nil, err
	}
	stats, err := s.Journeys.Stats(ctx)
	return body(journeyView(x, stats[name])), err
}

func (s *server) enterJourney(ctx context.Context, in *struct {
	NamePath
	Body struct {
		Person     string          `json:"person,omitempty" maxLength:"36" doc:"The person's id; or give an identifier."`
		Identifier string          `json:"identifier,omitempty" maxLength:"600" doc:"NAMESPACE:VALUE instead of the id."`
		Key        string          `json:"key,omitempty" maxLength:"200" doc:"For journeys that a person can be in once per key."`
		Vars       map[string]JSON `json:"vars,omitempty" maxProperties:"100" doc:"What the nodes can use."`
	}
}) (*Body[Done], error) {
	if _, err := s.oneOf(ctx, spec.Journey, in.Name); err != nil {
		return nil, err
	}
	person, err := s.whom(ctx, in.Body.Person, in.Body.Identifier)
	if err != nil {
		return nil, err
	}
	var vars heed.RawJSON
	if in.Body.Vars != nil {
		if vars, err = json.Marshal(in.Body.Vars); err != nil {
			return nil, err
		}
	}
	note(ctx, "journey "+in.Name, nil, map[string]string{"person": person.String(), "key": in.Body.Key})
	err = s.Journeys.Enter(ctx, Entry{Journey: in.Name, Person: person, Key: in.Body.Key, Vars: vars, By: s.actor(ctx).Name})
	return body(Done{Person: ID(person)}), err
}
