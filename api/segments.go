package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
	"github.com/heedcx/heed/internal/spec"
)

const segmentsDep = "the segments"

// Segment is one segment with its size.
type Segment struct {
	Name     string  `json:"name"`
	Title    string  `json:"title,omitempty"`
	Rule     JSON    `json:"rule" doc:"As it is configured: text, or a tree."`
	Version  int     `json:"version"`
	People   int64   `json:"people" doc:"How many are in it now."`
	Entered  int64   `json:"entered_7d"`
	Left     int64   `json:"left_7d"`
	Progress float64 `json:"progress" doc:"Of its backfill from history, 0 to 1."`
	Note     string  `json:"note,omitempty" say:"sentence"`
	MadeAt   Time    `json:"made_at"`
	MadeBy   string  `json:"made_by,omitempty"`
}

// SegmentMember is somebody in a segment.
type SegmentMember struct {
	Since  Time          `json:"since"`
	Person PersonSummary `json:"person"`
}

// PreviewOut is whom a rule would hold for.
type PreviewOut struct {
	People int64           `json:"people" doc:"How many it holds for."`
	Total  int64           `json:"total" doc:"Of how many."`
	Exact  bool            `json:"exact" doc:"False: an estimate from people drawn at random, because there are too many to ask each of them while somebody waits. It is counted once it is saved."`
	Low    int64           `json:"low,omitempty" doc:"Of an estimate: where its 95% confidence interval begins."`
	High   int64           `json:"high,omitempty" doc:"Of an estimate: where its 95% confidence interval ends."`
	Asked  int64           `json:"asked,omitempty" doc:"Of an estimate: how many people were drawn."`
	Rule   string          `json:"rule" doc:"The rule in its readable form."`
	Note   string          `json:"note,omitempty" say:"sentence"`
	Sample []PersonSummary `json:"sample" nullable:"false"`
}

// NamePath names a segment or a journey.
type NamePath struct {
	Name string `path:"name" maxLength:"64" pattern:"^[A-Za-z0-9][A-Za-z0-9_.-]*$"`
}

func (s *server) registerSegments() {
	route(s, op{method: http.MethodGet, path: "/segments", id: "listSegments", tag: "segments", need: account.ReadSpecs, needs: s.Segments, what: segmentsDep,
		summary: "Segments with their sizes"}, s.listSegments)
	route(s, op{method: http.MethodGet, path: "/segments/{name}", id: "getSegment", tag: "segments", need: account.ReadSpecs, needs: s.Segments, what: segmentsDep,
		summary: "One segment"}, s.getSegment)
	route(s, op{method: http.MethodGet, path: "/segments/{name}/people", id: "listSegmentPeople", tag: "segments", need: account.ReadPeople, needs: s.Segments, what: segmentsDep,
		summary: "Who is in a segment"}, s.listSegmentPeople)
	route(s, op{method: http.MethodPost, path: "/segments/preview", id: "previewSegment", tag: "segments", need: account.ReadPeople, needs: s.Segments, what: segmentsDep,
		audit: notAudited, summary: "Whom a rule would hold for, before it is saved"}, s.previewSegment)
}

func segmentView(x spec.Spec, st SegmentStat) Segment {
	var doc struct {
		Title string          `json:"title"`
		Rule  json.RawMessage `json:"rule"`
	}
	_ = json.Unmarshal(x.Body, &doc) // the stage has checked it; another shape shows as empty
	return Segment{Name: x.Name, Title: doc.Title, Rule: JSON(doc.Rule), Version: x.Version, People: st.People, Entered: st.Entered, Left: st.Left,
		Progress: st.Progress, Note: st.Note, MadeAt: Time(x.MadeAt), MadeBy: x.MadeBy}
}

func (s *server) listSegments(ctx context.Context, _ *struct{}) (*Body[Page[Segment]], error) {
	set, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	stats, err := s.Segments.Stats(ctx)
	return page(each(set.Of(spec.Segment), func(x spec.Spec) Segment { return segmentView(x, stats[x.Name]) }), ""), err
}

func (s *server) getSegment(ctx context.Context, in *NamePath) (*Body[Segment], error) {
	x, err := s.oneOf(ctx, spec.Segment, in.Name)
	if err != nil {
		return nil, err
	}
	stats, err := s.Segments.Stats(ctx)
	return body(segmentView(x, stats[x.Name])), err
}

// oneOf returns a spec that is in force.
func (s *server) oneOf(ctx context.Context, kind, name string) (spec.Spec, error) {
	set, err := s.current(ctx)
	if err != nil {
		return spec.Spec{}, err
	}
	x, ok := set.Get(kind, name)
	if !ok {
		return x, heed.Errorf(heed.NotFound, "There is no %s %q.", kind, name)
	}
	return x, nil
}

func (s *server) listSegmentPeople(ctx context.Context, in *struct {
	NamePath
	Paging
}) (*Body[Page[SegmentMember]], error) {
	if _, err := s.oneOf(ctx, spec.Segment, in.Name); err != nil {
		return nil, err
	}
	members, next, err := s.Segments.Members(ctx, in.Name, in.After, in.Limit)
	return page(each(members, func(m Member) SegmentMember {
		v := SegmentMember{Since: Time(m.Since), Person: PersonSummary{ID: ID(m.ID), Segments: []string{}}}
		if m.Person != nil {
			v.Person = summaryView(m.Person)
		}
		return v
	}), next), err
}

func (s *server) previewSegment(ctx context.Context, in *struct {
	Body struct {
		Rule   string `json:"rule" minLength:"1" maxLength:"10000" example:"did \"Order Completed\" at least 3 times within 90d"`
		Sample int    `json:"sample,omitempty" minimum:"0" maximum:"100" default:"10" doc:"How many people to show."`
	}
}) (*Body[PreviewOut], error) {
	p, err := s.Segments.Preview(ctx, in.Body.Rule, in.Body.Sample)
	return body(PreviewOut{People: p.People, Total: p.Total, Exact: p.Exact, Low: p.Low, High: p.High, Asked: p.Asked, Rule: p.Text, Note: p.Note, Sample: each(p.Sample, summaryView)}), err
}
