package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
)

const peopleDep = "the memory of people"

// PersonPath names one person.
type PersonPath struct {
	ID string `path:"id" maxLength:"100" doc:"The person's id."`
}

func (p PersonPath) id() (heed.ID, error) { return parseID("id", p.ID) }

func parseID(field, s string) (heed.ID, error) {
	id, err := heed.ParseID(s)
	if err != nil || id.IsZero() {
		return id, heed.FieldErrorf(field, "%q is not an id: want a UUID such as 01890a5d-ac96-774b-bcce-b302099a8057", short(s))
	}
	return id, nil
}

func parseIdentifier(field, s string) (heed.Identifier, error) {
	ns, value, ok := strings.Cut(s, ":")
	if !ok || ns == "" || value == "" || len(ns) > 64 || len(value) > 512 {
		return heed.Identifier{}, heed.FieldErrorf(field, "want NAMESPACE:VALUE such as email:ann@example.com, got %q", short(s))
	}
	return heed.Identifier{Namespace: ns, Value: value}, nil
}

func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "..."
	}
	return s
}

func (s *server) registerPeople() {
	o := op{method: http.MethodGet, path: "/people", id: "listPeople", tag: "people", need: account.ReadPeople, needs: s.People, what: peopleDep,
		summary: "Find people",
		about: "With `identifier=NAMESPACE:VALUE`, the one person behind it (200 with a Person, or 404). With `q`, those whose name, e-mail address, " +
			"phone or order number begins with it. Otherwise a page of all, or of those for whom `rule` holds, or in a segment or lifecycle stage. " +
			"With a rule that holds for few, a page may be short, or empty, and yet have a `next`: `looked` says how far it came."}
	route(s, o, s.listPeople)
	// One path, two shapes: say so.
	schemas := s.api.OpenAPI().Components.Schemas
	get := s.api.OpenAPI().Paths[Prefix+"/people"].Get
	get.Responses["200"].Content["application/json"].Schema = &huma.Schema{OneOf: []*huma.Schema{
		schemas.Schema(typeOf[PeoplePage](), true, ""), schemas.Schema(typeOf[Person](), true, ""),
	}}
	route(s, op{method: http.MethodGet, path: "/people/{id}", id: "getPerson", tag: "people", need: account.ReadPeople, needs: s.People, what: peopleDep,
		summary: "One person's memory", about: "Follows merges: the answer may have another id than was asked for."}, s.getPerson)
	route(s, op{method: http.MethodGet, path: "/people/{id}/brief", id: "getBrief", tag: "people", need: account.ReadPeople, needs: s.Briefs, what: peopleDep,
		summary: "One person on one page", about: "What whoever meets them next should know."}, s.getBrief)
}

// PeoplePage is one page of people.
type PeoplePage struct {
	Page[PersonSummary]
	Looked *Looked `json:"looked,omitempty" doc:"Where a rule is asked of one person after the other: how far this page came."`
}

type listPeopleIn struct {
	Paging
	Identifier string `query:"identifier" maxLength:"600" example:"email:ann@example.com" doc:"NAMESPACE:VALUE, namespaces are user_id, anonymous_id, email, phone, device and the brand's own."`
	Q          string `query:"q" maxLength:"100" doc:"The beginning of a name, e-mail address, phone or order number."`
	Rule       string `query:"rule" maxLength:"10000" example:"did \"Order Completed\" at least 3 times within 90d" doc:"Only people for whom this rule holds."`
	Segment    string `query:"segment" maxLength:"64"`
	Stage      string `query:"stage" maxLength:"64"`
}

func (s *server) listPeople(ctx context.Context, in *listPeopleIn) (*Body[any], error) {
	switch {
	case in.Identifier != "":
		i, err := parseIdentifier("identifier", in.Identifier)
		if err != nil {
			return nil, err
		}
		p, err := s.People.Find(ctx, i)
		if err != nil {
			return nil, err
		}
		v, err := s.viewPerson(ctx, p)
		return body[any](v), err
	case in.Q != "":
		found, err := s.People.Search(ctx, strings.TrimSpace(in.Q), in.Limit)
		return body[any](PeoplePage{Page: page(each(found, summaryView), "").Body}), err
	}
	found, err := s.People.List(ctx, PeopleQuery{Rule: in.Rule, Segment: in.Segment, Stage: in.Stage, After: in.After, Limit: in.Limit})
	return body[any](PeoplePage{page(each(found.People, summaryView), found.Next).Body, found.Looked}), err
}

func (s *server) viewPerson(ctx context.Context, p *heed.Person) (Person, error) {
	ids, err := s.People.Identifiers(ctx, p.ID)
	if err != nil {
		return Person{}, err
	}
	return personView(p, ids), nil
}

func (s *server) getPerson(ctx context.Context, in *PersonPath) (*Body[Person], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	p, err := s.People.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	v, err := s.viewPerson(ctx, p)
	if p.ID != id {
		asked := ID(id)
		v.MergedFrom = &asked
	}
	return body(v), err
}

// Brief is the memory of a person on one page.
type Brief struct {
	ID           ID                 `json:"id"`
	Name         string             `json:"name,omitempty"`
	Headline     string             `json:"headline" say:"parts" doc:"The person in one sentence."`
	Stage        string             `json:"stage,omitempty"`
	StageSince   Time               `json:"stage_since,omitzero"`
	FirstSeen    Time               `json:"first_seen"`
	LastSeen     Time               `json:"last_seen"`
	Identifiers  []heed.Identifier  `json:"identifiers" nullable:"false"`
	Zone         string             `json:"zone,omitempty"`
	LocalTime    string             `json:"local_time,omitempty" doc:"What the clock shows where they are, such as 14:05."`
	Locale       string             `json:"locale,omitempty"`
	Do           []string           `json:"do" say:"sentence" nullable:"false" doc:"What to do now: an open case, a promise due."`
	Avoid        []string           `json:"avoid" say:"sentence" nullable:"false" doc:"What not to do, and why: no selling while a case is open."`
	Reach        []Reach            `json:"reach" nullable:"false" doc:"How they may be reached, and for what."`
	RFM          *RFM               `json:"rfm,omitempty"`
	Orders       Orders             `json:"orders"`
	Facts        []Fact             `json:"facts" nullable:"false" doc:"The traits that matter."`
	Scores       map[string]float64 `json:"scores,omitempty"`
	Segments     []Membership       `json:"segments" nullable:"false"`
	Journeys     []ActiveRun        `json:"journeys" nullable:"false"`
	Interactions []Interaction      `json:"interactions" nullable:"false" doc:"The last ones, newest first."`
	Cases        []Case             `json:"cases" nullable:"false"`
	Promises     []Promise          `json:"promises" nullable:"false"`
	Moments      []Moment           `json:"moments" nullable:"false"`
	Held         []HeldMessage      `json:"held" nullable:"false"`
}

// Reach says whether a channel is open for a purpose.
type Reach struct {
	Channel string `json:"channel"`
	Purpose string `json:"purpose"`
	May     bool   `json:"may"`
	Why     string `json:"why" say:"sentence"`
}

// RFM is recency, frequency and monetary value.
type RFM struct {
	RecencyDays float64 `json:"recency_days" doc:"Days since the last order."`
	Frequency   int64   `json:"frequency" doc:"Orders."`
	Monetary    float64 `json:"monetary" doc:"Revenue in the brand's currency."`
}

// Fact is a trait worth showing.
type Fact struct {
	Name  string `json:"name"`
	Value JSON   `json:"value"`
	At    Time   `json:"at,omitzero"`
}

func (s *server) getBrief(ctx context.Context, in *PersonPath) (*Body[Brief], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	b, err := s.Briefs.Brief(ctx, id)
	b.fill()
	return body(b), err
}

// fill turns missing lists into empty ones, which are easier to read on the other side.
func (b *Brief) fill() {
	empty(&b.Identifiers)
	empty(&b.Do)
	empty(&b.Avoid)
	empty(&b.Reach)
	empty(&b.Facts)
	empty(&b.Segments)
	empty(&b.Journeys)
	empty(&b.Interactions)
	empty(&b.Cases)
	empty(&b.Promises)
	empty(&b.Moments)
	empty(&b.Held)
}

func empty[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}

// textTrait is a trait that is text; "" when there is none.
func textTrait(p *heed.Person, name string) string {
	var s string
	if v := p.Traits[name].Value; v == "" || json.Unmarshal([]byte(v), &s) != nil {
		return ""
	}
	return s
}
