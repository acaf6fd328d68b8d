package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
	"github.com/heedcx/heed/internal/spec"
)

// Vocabulary is what a rule can be made of here: the words that this brand's customers and events really have.
type Vocabulary struct {
	Events   []KnownEvent `json:"events" nullable:"false" doc:"The most frequent first; those that rules can ask about."`
	Traits   []KnownTrait `json:"traits" nullable:"false" doc:"Of the people met last, the most frequent first."`
	Segments []string     `json:"segments" nullable:"false"`
	Purposes []string     `json:"purposes" nullable:"false"`
	Stages   []string     `json:"stages" nullable:"false" doc:"Of the lifecycle, in their order."`
	Channels []string     `json:"channels" nullable:"false"`
}

// KnownTrait is a trait that people have.
type KnownTrait struct {
	Name  string  `json:"name" doc:"With dots for what lies deeper: address.city."`
	Kind  string  `json:"kind" doc:"text, number, boolean, list, time or mixed."`
	Share float64 `json:"share" doc:"Of the people looked at who have it, 0 to 1."`
}

// KnownValue is a value that a trait or property has.
type KnownValue struct {
	Value JSON  `json:"value"`
	Count int64 `json:"count" doc:"In the newest that were looked at."`
}

// SizePoint is the size of a segment on one day.
type SizePoint struct {
	Day    Time  `json:"day" doc:"Midnight UTC."`
	People int64 `json:"people"`
}

// OverlapOut is how segments overlap.
type OverlapOut struct {
	Segments []string      `json:"segments" nullable:"false"`
	Parts    []OverlapPart `json:"parts" nullable:"false" doc:"Everybody is in one of them, the largest first."`
	Exact    bool          `json:"exact" doc:"Everybody was counted. Otherwise the numbers were worked out from people drawn at random."`
	Asked    int64         `json:"asked,omitempty" doc:"Unless exact: how many people were drawn."`
	Within   int64         `json:"within,omitempty" doc:"Unless exact: how many people each number may be off, with 95% confidence."`
}

// OverlapPart are those who are in these of the segments and in none of the others.
type OverlapPart struct {
	In     []string `json:"in" nullable:"false"`
	People int64    `json:"people"`
}

func (s *server) registerAudience() {
	get := func(path, id, summary string, need account.Permission) op {
		return op{method: http.MethodGet, path: path, id: id, tag: "segments", need: need, needs: s.Audience, what: segmentsDep, summary: summary}
	}
	route(s, op{method: http.MethodPost, path: "/segments/rule", id: "readRule", tag: "segments", need: account.ReadSpecs, audit: notAudited,
		summary: "A rule in both its forms, text and tree, or what is wrong with it"}, s.readRule)
	route(s, get("/vocabulary", "getVocabulary", "What rules can be made of: events, traits, segments, purposes", account.ReadSpecs), s.vocabulary)
	values := get("/vocabulary/values", "listValues", "The most frequent values of a property or a trait", account.ReadPeople)
	values.about = "Only values that several have are shown, so that a list of names does not name anybody."
	route(s, values, s.values)
	route(s, get("/segments/{name}/sizes", "listSegmentSizes", "The size of a segment, day by day", account.ReadSpecs), s.sizes)
	route(s, op{method: http.MethodPost, path: "/segments/overlap", id: "overlapSegments", tag: "segments", need: account.ReadSpecs, needs: s.Audience, what: segmentsDep,
		audit: notAudited, summary: "How many people are in which combination of segments"}, s.overlap)
}

func (s *server) vocabulary(ctx context.Context, _ *struct{}) (*Body[Vocabulary], error) {
	v, err := s.Audience.Vocabulary(ctx)
	if err != nil {
		return nil, err
	}
	for i := range v.Events {
		empty(&v.Events[i].Properties)
	}
	empty(&v.Events)
	empty(&v.Traits)
	empty(&v.Segments)
	empty(&v.Purposes)
	empty(&v.Stages)
	empty(&v.Channels)
	return body(v), nil
}

func (s *server) values(ctx context.Context, in *struct {
	Trait    string `query:"trait" maxLength:"200" doc:"A trait; or name an event and a property."`
	Event    string `query:"event" maxLength:"200"`
	Type     string `query:"type" enum:"track,page,screen,identify,group,feedback" default:"track"`
	Property string `query:"property" maxLength:"200" doc:"With dots for what lies deeper."`
	Limit    int    `query:"limit" minimum:"1" maximum:"100" default:"30"`
}) (*Body[Page[KnownValue]], error) {
	if (in.Trait == "") == (in.Property == "") {
		return nil, heed.FieldErrorf("trait", "name a trait, or an event and its property")
	}
	list, err := s.Audience.Values(ctx, ValueQuery{Trait: in.Trait, Type: in.Type, Event: in.Event, Property: in.Property, Limit: in.Limit})
	return page(list, ""), err
}

func (s *server) sizes(ctx context.Context, in *struct {
	NamePath
	Days int `query:"days" minimum:"1" maximum:"1000" default:"90"`
}) (*Body[Page[SizePoint]], error) {
	if _, err := s.oneOf(ctx, spec.Segment, in.Name); err != nil {
		return nil, err
	}
	list, err := s.Audience.Sizes(ctx, in.Name, in.Days)
	return page(list, ""), err
}

func (s *server) overlap(ctx context.Context, in *struct {
	Body struct {
		Segments []string `json:"segments" minItems:"2" maxItems:"6" nullable:"false"`
	}
}) (*Body[OverlapOut], error) {
	for i, name := range in.Body.Segments {
		if slices.Contains(in.Body.Segments[:i], name) {
			return nil, heed.FieldErrorf("segments", "%q is named twice", short(name))
		}
		if _, err := s.oneOf(ctx, spec.Segment, name); err != nil {
			return nil, err
		}
	}
	found, err := s.Audience.Overlap(ctx, in.Body.Segments)
	if err != nil {
		return nil, err
	}
	out := OverlapOut{Segments: in.Body.Segments, Parts: []OverlapPart{}, Exact: found.Asked == 0, Asked: found.Asked, Within: found.Within}
	for mask, n := range found.People {
		p := OverlapPart{In: []string{}, People: n}
		for i, name := range in.Body.Segments {
			if mask&(1<<i) != 0 {
				p.In = append(p.In, name)
			}
		}
		out.Parts = append(out.Parts, p)
	}
	slices.SortFunc(out.Parts, func(a, b OverlapPart) int {
		if a.People != b.People {
			return int(b.People - a.People)
		}
		return slices.Compare(a.In, b.In)
	})
	return body(out), nil
}
