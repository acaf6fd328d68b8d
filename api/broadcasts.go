package api

import (
	"context"
	"net/http"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
	"github.com/heedcx/heed/internal/spec"
)

const broadcastsDep = "the broadcasts"

// Broadcasts sends messages to segments.
type Broadcasts interface {
	// Broadcasts lists those that were designed and those that were started, by name.
	Broadcasts(ctx context.Context) ([]Broadcast, error)
	// Broadcast returns one; a heed.NotFound when there is none.
	Broadcast(ctx context.Context, name string) (BroadcastDetail, error)
	// Check has the audience looked at, without sending anything.
	Check(ctx context.Context, name, by string) error
	// Start lets it begin; a heed.Conflict when its document is not at the version, or when it was started before.
	Start(ctx context.Context, name string, version int, by string) error
	// Pause and Stop are a heed.Conflict when it is not under way.
	Pause(ctx context.Context, name string, pause bool) error
	Stop(ctx context.Context, name, by string) error
	// People lists its people, Checked those of the audience check, by id.
	People(ctx context.Context, name string, q BroadcastQuery) ([]BroadcastPerson, error)
	Checked(ctx context.Context, name string, q BroadcastQuery) ([]BroadcastPerson, error)
	// Goal measures it; a heed.Unavailable without history.
	Goal(ctx context.Context, name string, q GoalQuery) (BroadcastGoal, error)
}

// GoalQuery is a goal to measure by. What is empty is as the document says.
type GoalQuery struct {
	Event  string `query:"event" maxLength:"200" doc:"The goal; the document's when absent." example:"Order Completed"`
	Where  string `query:"where" maxLength:"4000" doc:"What must be true of the event; with an event of one's own nothing when absent, else as the document says." example:"properties.revenue > 50"`
	Within string `query:"within" maxLength:"12" doc:"How long after their turn it counts; the document's, or 7d, when absent." example:"7d"`
}

// BroadcastQuery selects people of a broadcast. Empty fields do not filter.
type BroadcastQuery struct {
	State, Outcome, Reason, Rule, Variant string

	After heed.ID
	Limit int
}

// Broadcast is one message to a segment, and where it stands.
type Broadcast struct {
	Name      string `json:"name"`
	Title     string `json:"title,omitempty"`
	Segment   string `json:"segment"`
	Channel   string `json:"channel"`
	Purpose   string `json:"purpose"`
	Version   int    `json:"version" doc:"Of the document; of the one it was started with when it was."`
	MadeAt    Time   `json:"made_at,omitzero"`
	MadeBy    string `json:"made_by,omitempty"`
	State     string `json:"state" enum:"draft,scheduled,gathering,sending,done,stopping,stopped" doc:"draft: it was not started. gathering: it notes who is in the segment. sending: turns come."`
	Paused    bool   `json:"paused"`
	StartedAt Time   `json:"started_at,omitzero"`
	StartedBy string `json:"started_by,omitempty"`
	Begins    Time   `json:"begins,omitzero" doc:"When it gathers its people."`
	BegunAt   Time   `json:"begun_at,omitzero"`
	EndedAt   Time   `json:"ended_at,omitzero"`
	EndedBy   string `json:"ended_by,omitempty" doc:"Who stopped it."`
	Audience  int64  `json:"audience" doc:"How many were in the segment when it began."`
	Turned    int64  `json:"turned" doc:"How many have had their turn."`
	Trouble   string `json:"trouble,omitempty" doc:"Why it does not get on."`
}

// BroadcastDetail is a broadcast with its document and what has become of it.
type BroadcastDetail struct {
	Broadcast Broadcast         `json:"broadcast"`
	Body      JSON              `json:"body" doc:"The document; the one that it was started with when it was."`
	Results   []BroadcastResult `json:"results" nullable:"false" doc:"By variant. Those whose turn has not come have none yet."`
	Reasons   []BroadcastReason `json:"reasons" nullable:"false" doc:"Why people got nothing, or not yet."`
	Check     *BroadcastCheck   `json:"check,omitempty" doc:"The latest audience check."`
}

// BroadcastResult counts the people of one variant.
type BroadcastResult struct {
	Variant    string `json:"variant"`
	People     int64  `json:"people"`
	Waiting    int64  `json:"waiting" doc:"Their turn has not come."`
	HeldOut    int64  `json:"held_out" doc:"Get nothing, to measure what the message does for the others."`
	Skipped    int64  `json:"skipped" doc:"Were not meant any more when their turn came."`
	Canceled   int64  `json:"canceled" doc:"The broadcast was stopped before anything went out to them."`
	Allowed    int64  `json:"allowed" doc:"Decide let the message go."`
	Held       int64  `json:"held" doc:"Decide holds the message."`
	Dropped    int64  `json:"dropped" doc:"Decide dropped the message."`
	Sent       int64  `json:"sent"`
	Delivered  int64  `json:"delivered" doc:"The receiving side said so; many never do."`
	Opened     int64  `json:"opened" doc:"A click counts as an open."`
	Clicked    int64  `json:"clicked"`
	Bounced    int64  `json:"bounced"`
	Failed     int64  `json:"failed"`
	OptedOut   int64  `json:"opted_out"`
	Complained int64  `json:"complained"`
}

// BroadcastReason counts the people for whom one thing was decided.
type BroadcastReason struct {
	State   string `json:"state,omitempty"`
	Variant string `json:"variant,omitempty"`
	Outcome string `json:"outcome,omitempty"`
	Reason  string `json:"reason"`
	Rule    string `json:"rule,omitempty" doc:"The brand's rule that said so."`
	People  int64  `json:"people"`
	From    Time   `json:"from,omitzero" doc:"Audience check: when the first of their turns would come."`
	To      Time   `json:"to,omitzero"`
}

// BroadcastCheck is a look at who would get a broadcast.
type BroadcastCheck struct {
	Version int               `json:"version" doc:"Of the document that was looked at."`
	State   string            `json:"state" enum:"running,done"`
	MadeAt  Time              `json:"made_at"`
	MadeBy  string            `json:"made_by,omitempty"`
	DoneAt  Time              `json:"done_at,omitzero"`
	People  int64             `json:"people" doc:"Looked at so far."`
	Total   int64             `json:"total" doc:"In the segment now."`
	Note    string            `json:"note,omitempty" say:"sentence"`
	Reasons []BroadcastReason `json:"reasons" nullable:"false" doc:"Who would get it, and who not and why. Outcome send is who gets it."`
}

// BroadcastPerson is one person in a broadcast.
type BroadcastPerson struct {
	Person     PersonSummary `json:"person"`
	State      string        `json:"state,omitempty" enum:"waiting,wanted,held_out,skipped,canceled"`
	Variant    string        `json:"variant,omitempty"`
	Due        Time          `json:"due,omitzero" doc:"When their turn comes."`
	Turn       Time          `json:"turn,omitzero" doc:"When it came."`
	Message    *ID           `json:"message,omitempty"`
	Outcome    string        `json:"outcome,omitempty"`
	Reason     string        `json:"reason,omitempty"`
	Rule       string        `json:"rule,omitempty"`
	Text       string        `json:"text,omitempty" say:"sentence" doc:"The decision in plain words."`
	Until      Time          `json:"until,omitzero"`
	Sent       Time          `json:"sent,omitzero"`
	Delivered  Time          `json:"delivered,omitzero"`
	Opened     Time          `json:"opened,omitzero"`
	Clicked    Time          `json:"clicked,omitzero"`
	Bounced    Time          `json:"bounced,omitzero"`
	Failed     Time          `json:"failed,omitzero"`
	OptedOut   Time          `json:"opted_out,omitzero"`
	Complained Time          `json:"complained,omitzero"`
}

// BroadcastGoal is how a broadcast did on a goal.
type BroadcastGoal struct {
	Event   string            `json:"event"`
	Where   string            `json:"where,omitempty" doc:"What must be true of the event."`
	Within  string            `json:"within" example:"7d"`
	Groups  []BroadcastGroup  `json:"groups" nullable:"false"`
	Effects []BroadcastEffect `json:"effects" nullable:"false" doc:"Against those held out; empty when nobody was."`
	Open    Time              `json:"open,omitzero" doc:"Until when people may still come to the goal."`
}

// BroadcastGroup is the people of one variant, or those held out.
type BroadcastGroup struct {
	Variant string `json:"variant"`
	HeldOut bool   `json:"held_out"`
	People  int64  `json:"people"`
	Reached int64  `json:"reached"`
	Share   Share  `json:"share"`
}

// BroadcastEffect is how much more often people came to the goal than those who were held out.
type BroadcastEffect struct {
	Variant string `json:"variant" doc:"Empty: everybody who was not held out."`
	More    Share  `json:"more" doc:"The difference of the two shares (Newcombe's interval)."`
}

// Share is a share, or a difference of shares, with the bounds of its 95% confidence interval.
type Share struct {
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// Summary is a person on one line; of somebody who is not there any more only the id.
func Summary(id heed.ID, p *heed.Person) PersonSummary {
	if p == nil {
		return PersonSummary{ID: ID(id), Segments: []string{}}
	}
	return summaryView(p)
}

// BroadcastFilter narrows a list of people.
type BroadcastFilter struct {
	Paging
	State   string `query:"state" enum:"waiting,wanted,held_out,skipped,canceled"`
	Outcome string `query:"outcome" enum:"send,hold,drop"`
	Reason  string `query:"reason" maxLength:"64"`
	Rule    string `query:"rule" maxLength:"64"`
	Variant string `query:"variant" maxLength:"40"`
}

func (f BroadcastFilter) query() (BroadcastQuery, error) {
	after, err := f.afterID()
	return BroadcastQuery{State: f.State, Outcome: f.Outcome, Reason: f.Reason, Rule: f.Rule, Variant: f.Variant, After: after, Limit: f.Limit}, err
}

func (s *server) registerBroadcasts() {
	get := func(path, id, summary string, need account.Permission) op {
		return op{method: http.MethodGet, path: "/broadcasts" + path, id: id, tag: "broadcasts", need: need, needs: s.Broadcasts, what: broadcastsDep, summary: summary}
	}
	post := func(path, id, summary, about, audit string) op {
		return op{method: http.MethodPost, path: "/broadcasts/{name}" + path, id: id, tag: "broadcasts", need: account.RunJourneys, needs: s.Broadcasts,
			what: broadcastsDep, summary: summary, about: about, audit: audit}
	}
	route(s, get("", "listBroadcasts", "Broadcasts and where they stand", account.ReadSpecs), s.listBroadcasts)
	route(s, get("/{name}", "getBroadcast", "One broadcast: its document, its progress, its results", account.ReadSpecs), s.getBroadcast)
	route(s, get("/{name}/people", "listBroadcastPeople", "The people of a broadcast and what has become of it for them", account.ReadPeople), s.listBroadcastPeople)
	route(s, get("/{name}/check/people", "listCheckedPeople", "Who would get a broadcast, and who not and why", account.ReadPeople), s.listCheckedPeople)
	goal := get("/{name}/goal", "measureBroadcast", "How a broadcast did on a goal, against those held out", account.ReadStats)
	goal.slow = true
	route(s, goal, s.measureBroadcast)
	check := post("/check", "checkBroadcast", "Look at who would get a broadcast", "Sends nothing. It runs on by itself: getBroadcast shows how far it is.", notAudited)
	check.need, check.status = account.AskDecide, http.StatusAccepted
	route(s, check, s.checkBroadcast)
	start := post("/start", "startBroadcast", "Let a broadcast begin", "It is sent once, as its document is now; a later change of the document does not reach it.", "broadcast.start")
	start.status = http.StatusAccepted
	route(s, start, s.startBroadcast)
	route(s, post("/pause", "pauseBroadcast", "Keep a broadcast from going on", "What is with a sender already goes out.", "broadcast.pause"), s.pauseBroadcast)
	route(s, post("/resume", "resumeBroadcast", "Let a broadcast go on", "", "broadcast.resume"), s.resumeBroadcast)
	route(s, post("/stop", "stopBroadcast", "End a broadcast for good", "What has not gone out is taken back.", "broadcast.stop"), s.stopBroadcast)
}

func (s *server) listBroadcasts(ctx context.Context, _ *struct{}) (*Body[Page[Broadcast]], error) {
	list, err := s.Broadcasts.Broadcasts(ctx)
	return page(list, ""), err
}

func (s *server) getBroadcast(ctx context.Context, in *NamePath) (*Body[BroadcastDetail], error) {
	d, err := s.Broadcasts.Broadcast(ctx, in.Name)
	return body(d), err
}

func (s *server) listBroadcastPeople(ctx context.Context, in *struct {
	NamePath
	BroadcastFilter
}) (*Body[Page[BroadcastPerson]], error) {
	return broadcastPeople(ctx, in.Name, in.BroadcastFilter, s.Broadcasts.People)
}

func (s *server) listCheckedPeople(ctx context.Context, in *struct {
	NamePath
	BroadcastFilter
}) (*Body[Page[BroadcastPerson]], error) {
	return broadcastPeople(ctx, in.Name, in.BroadcastFilter, s.Broadcasts.Checked)
}

func broadcastPeople(ctx context.Context, name string, f BroadcastFilter, list func(context.Context, string, BroadcastQuery) ([]BroadcastPerson, error)) (*Body[Page[BroadcastPerson]], error) {
	q, err := f.query()
	if err != nil {
		return nil, err
	}
	people, err := list(ctx, name, q)
	return page(people, nextID(people, f.Limit, func(p BroadcastPerson) heed.ID { return heed.ID(p.Person.ID) })), err
}

func (s *server) measureBroadcast(ctx context.Context, in *struct {
	NamePath
	GoalQuery
}) (*Body[BroadcastGoal], error) {
	g, err := s.Broadcasts.Goal(ctx, in.Name, in.GoalQuery)
	return body(g), err
}

func (s *server) checkBroadcast(ctx context.Context, in *NamePath) (*Body[BroadcastDetail], error) {
	if _, err := s.oneOf(ctx, spec.Broadcast, in.Name); err != nil {
		return nil, err
	}
	if err := s.Broadcasts.Check(ctx, in.Name, s.actor(ctx).Name); err != nil {
		return nil, err
	}
	return s.getBroadcast(ctx, in)
}

func (s *server) startBroadcast(ctx context.Context, in *struct {
	NamePath
	Body struct {
		Version int `json:"version" minimum:"1" doc:"Of the document that you have looked at: it is not started when it has changed since."`
	}
}) (*Body[BroadcastDetail], error) {
	note(ctx, "broadcast "+in.Name, nil, map[string]int{"version": in.Body.Version})
	if err := s.Broadcasts.Start(ctx, in.Name, in.Body.Version, s.actor(ctx).Name); err != nil {
		return nil, err
	}
	return s.getBroadcast(ctx, &in.NamePath)
}

func (s *server) pauseBroadcast(ctx context.Context, in *NamePath) (*Body[BroadcastDetail], error) {
	note(ctx, "broadcast "+in.Name, nil, nil)
	if err := s.Broadcasts.Pause(ctx, in.Name, true); err != nil {
		return nil, err
	}
	return s.getBroadcast(ctx, in)
}

func (s *server) resumeBroadcast(ctx context.Context, in *NamePath) (*Body[BroadcastDetail], error) {
	note(ctx, "broadcast "+in.Name, nil, nil)
	if err := s.Broadcasts.Pause(ctx, in.Name, false); err != nil {
		return nil, err
	}
	return s.getBroadcast(ctx, in)
}

func (s *server) stopBroadcast(ctx context.Context, in *NamePath) (*Body[BroadcastDetail], error) {
	note(ctx, "broadcast "+in.Name, nil, nil)
	if err := s.Broadcasts.Stop(ctx, in.Name, s.actor(ctx).Name); err != nil {
		return nil, err
	}
	return s.getBroadcast(ctx, in)
}
