package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/tidwall/gjson"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
	"github.com/heedcx/heed/internal/spec"
)

// DraftIn is a journey that is not published.
type DraftIn struct {
	Name string `json:"name" maxLength:"64" pattern:"^[A-Za-z0-9][A-Za-z0-9_.-]*$"`
	Body JSON   `json:"body" doc:"The design, as in specs: trigger, entry, exit, goal, nodes."`
}

func (s *server) registerStudio() {
	post := func(path, id, summary string, need account.Permission, audit string) op {
		return op{method: http.MethodPost, path: path, id: id, tag: "journeys", need: need, needs: s.Studio, what: journeysDep, summary: summary, audit: audit, maxBody: 2 * spec.MaxBody}
	}
	get := func(path, id, summary string, need account.Permission) op {
		return op{method: http.MethodGet, path: path, id: id, tag: "journeys", need: need, needs: s.Studio, what: journeysDep, summary: summary}
	}
	route(s, op{method: http.MethodPost, path: "/journeys/check", id: "checkJourney", tag: "journeys", need: account.ReadSpecs, audit: notAudited, maxBody: 2 * spec.MaxBody,
		summary: "What is wrong with a draft, node by node"}, s.checkJourney)
	route(s, post("/journeys/simulate", "simulateJourney", "Take one person through a draft on a virtual clock; nothing is sent", account.ReadPeople, notAudited), s.simulateJourney)
	start := post("/rehearsals", "rehearseJourney", "Try a draft on what really happened; nothing is sent", account.WriteSpecs, "journey.rehearse")
	start.status = http.StatusAccepted
	route(s, start, s.rehearseJourney)
	route(s, get("/rehearsals/{id}", "getRehearsal", "How far a rehearsal has come, and its result", account.ReadSpecs), s.getRehearsal)
	route(s, post("/rehearsals/{id}/cancel", "cancelRehearsal", "Stop a rehearsal", account.WriteSpecs, "journey.rehearse_cancel"), s.cancelRehearsal)
	route(s, get("/journeys/{name}/holdout", "getHoldout", "What a journey does, measured by those whom it holds out", account.ReadStats), s.getHoldout)
	route(s, get("/journeys/{name}/inside", "listInside", "How many are under way in which version", account.ReadSpecs), s.listInside)
}

// draft reads a draft and checks its form; what it refers to is checked by check.
func (in DraftIn) draft() (spec.Spec, error) { return spec.ReadJSON(spec.Journey, in.Name, in.Body) }

var nodeIndex = regexp.MustCompile(`^nodes\[(\d+)\]`)

func (s *server) checkJourney(ctx context.Context, in *Body[DraftIn]) (*Body[Page[JourneyProblem]], error) {
	x, err := in.Body.draft()
	if err != nil {
		list, ok := errors.AsType[spec.Problems](err)
		if !ok {
			return nil, err
		}
		return page(each(list, func(p spec.Problem) JourneyProblem { return JourneyProblem{Field: p.Field, Detail: p.Text} }), ""), nil
	}
	set, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	err = s.Checks.Check(set.With(x), func(k spec.Key) bool { return k == spec.Key{Kind: x.Kind, Name: x.Name} })
	if err == nil {
		return page[JourneyProblem](nil, ""), nil
	}
	list, ok := errors.AsType[spec.Problems](err)
	if !ok {
		return nil, err
	}
	return page(each(list, func(p spec.Problem) JourneyProblem {
		out := JourneyProblem{Field: p.Field, Detail: p.Text}
		if m := nodeIndex.FindStringSubmatch(p.Field); m != nil {
			i, _ := strconv.Atoi(m[1]) // digits
			out.Node = gjson.GetBytes(x.Body, "nodes."+strconv.Itoa(i)+".id").String()
		}
		return out
	}), ""), nil
}

func (s *server) simulateJourney(ctx context.Context, in *struct {
	Body struct {
		DraftIn
		Person   string           `json:"person,omitempty" maxLength:"36" doc:"The id of a real person; or invent one."`
		Invented Invented         `json:"invented,omitempty"`
		Start    Time             `json:"start,omitempty" doc:"Now when absent. A real person cannot start before now: they are as they are."`
		Days     int              `json:"days,omitempty" minimum:"1" maximum:"400" default:"30" doc:"How long to look on after the last event."`
		Enter    bool             `json:"enter,omitempty" doc:"Put them in at the start, whatever starts the journey."`
		Events   []SimulatedEvent `json:"events,omitempty" maxItems:"100" nullable:"false" doc:"What they do, and when."`
	}
}) (*Body[Simulation], error) {
	b := &in.Body
	x, err := b.draft()
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	q := SimulationQuery{Draft: x, Invented: b.Invented, Start: heed.Time(b.Start), Enter: b.Enter}
	if q.Start == 0 {
		q.Start = now
	}
	if b.Person != "" {
		if q.Person, err = heed.ParseID(b.Person); err != nil {
			return nil, heed.FieldErrorf("person", "%v", err)
		}
		if q.Start < now.Add(-time.Minute) {
			return nil, heed.FieldErrorf("start", "a real person is as they are now: begin now or later, or invent somebody")
		}
	}
	if _, err := time.LoadLocation(b.Invented.Zone); err != nil {
		return nil, heed.FieldErrorf("invented.zone", "there is no time zone %q", short(b.Invented.Zone))
	}
	last := q.Start
	for i, e := range b.Events {
		at := heed.Time(e.At)
		if at < q.Start || at > q.Start.Add(400*24*time.Hour) {
			return nil, heed.FieldErrorf("events["+strconv.Itoa(i)+"].at", "want a time from the start to 400 days after it")
		}
		if e.Type == "" {
			e.Type = "track"
		}
		props, err := json.Marshal(e.Properties)
		if err != nil {
			return nil, err
		}
		if e.Properties == nil {
			props = nil
		}
		q.Events = append(q.Events, heed.Event{Type: heed.ParseType(e.Type), Name: e.Name, Properties: props, Timestamp: at, ReceivedAt: at})
		last = max(last, at)
	}
	q.Until = last.Add(time.Duration(b.Days) * 24 * time.Hour)
	out, err := s.Studio.Simulate(ctx, q)
	empty(&out.Steps)
	empty(&out.Notes)
	return body(out), err
}

func (s *server) rehearseJourney(ctx context.Context, in *struct {
	Body struct {
		DraftIn
		Days int `json:"days,omitempty" minimum:"1" maximum:"90" default:"30" doc:"How far back."`
	}
}) (*Body[RehearsalJob], error) {
	x, err := in.Body.draft()
	if err != nil {
		return nil, err
	}
	set, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.Checks.Check(set.With(x), func(k spec.Key) bool { return k == spec.Key{Kind: x.Kind, Name: x.Name} }); err != nil {
		return nil, err
	}
	note(ctx, "journey "+x.Name, nil, map[string]int{"days": in.Body.Days})
	job, err := s.Studio.Rehearse(ctx, x, in.Body.Days, s.actor(ctx).Name)
	return body(job), err
}

// RehearsalPath names a rehearsal.
type RehearsalPath struct {
	ID string `path:"id" maxLength:"36"`
}

func (p RehearsalPath) id() (heed.ID, error) {
	id, err := heed.ParseID(p.ID)
	if err != nil {
		err = heed.FieldErrorf("id", "%v", err)
	}
	return id, err
}

func (s *server) getRehearsal(ctx context.Context, in *RehearsalPath) (*Body[RehearsalJob], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	job, err := s.Studio.Rehearsal(ctx, id)
	return body(job), err
}

func (s *server) cancelRehearsal(ctx context.Context, in *RehearsalPath) (*Body[RehearsalJob], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	if err := s.Studio.CancelRehearsal(ctx, id); err != nil {
		return nil, err
	}
	job, err := s.Studio.Rehearsal(ctx, id)
	note(ctx, "journey "+job.Journey, nil, nil)
	return body(job), err
}

func (s *server) getHoldout(ctx context.Context, in *struct {
	NamePath
	Days int `query:"days" minimum:"1" maximum:"365" default:"14" doc:"How long after entering a goal counts."`
}) (*Body[HoldoutResult], error) {
	x, err := s.oneOf(ctx, spec.Journey, in.Name)
	if err != nil {
		return nil, err
	}
	out, err := s.Studio.Holdout(ctx, x, in.Days)
	return body(out), err
}

func (s *server) listInside(ctx context.Context, in *NamePath) (*Body[Page[VersionInside]], error) {
	list, err := s.Studio.Inside(ctx, in.Name)
	return page(list, ""), err
}
