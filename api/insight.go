package api

import (
	"context"
	"net/http"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
)

// KnownEvent is one kind of event that has been seen.
type KnownEvent struct {
	Type       string          `json:"type"`
	Name       string          `json:"name,omitempty"`
	Count      int64           `json:"count"`
	First      Time            `json:"first"`
	Last       Time            `json:"last"`
	Properties []KnownProperty `json:"properties" nullable:"false"`
}

// KnownProperty is a property that events of a kind carry.
type KnownProperty struct {
	Name  string  `json:"name"`
	Kind  string  `json:"kind" doc:"text, number, boolean, list, object or mixed."`
	Share float64 `json:"share" doc:"Of recent events that have it, 0 to 1."`
}

// Count is how many there are of something.
type Count struct {
	Key   string `json:"key"`
	Count int64  `json:"count"`
}

func (s *server) registerInsight() {
	route(s, op{method: http.MethodGet, path: "/catalogue", id: "getCatalogue", tag: "insight", need: account.ReadStats, needs: s.Insight, what: historyDep,
		summary: "The events that have been seen, with their properties"}, s.catalogue)
	route(s, op{method: http.MethodGet, path: "/counts", id: "countEvents", tag: "insight", need: account.ReadStats, needs: s.Insight, what: historyDep,
		summary: "How many events there were, along one dimension"}, s.counts)
}

func (s *server) catalogue(ctx context.Context, _ *struct{}) (*Body[Page[KnownEvent]], error) {
	known, err := s.Insight.Catalogue(ctx)
	for i := range known {
		empty(&known[i].Properties)
	}
	return page(known, ""), err
}

func (s *server) counts(ctx context.Context, in *struct {
	TimelineParams
	By    string `query:"by" required:"true" enum:"day,hour,type,name,channel,department,direction,source,touchpoint"`
	Zone  string `query:"zone" maxLength:"64" default:"UTC" doc:"IANA time zone, for days and hours."`
	Limit int    `query:"limit" minimum:"1" maximum:"5000" default:"500"`
}) (*Body[Page[Count]], error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	if _, err := time.LoadLocation(in.Zone); err != nil {
		return nil, heed.FieldErrorf("zone", "there is no time zone %q", short(in.Zone))
	}
	counts, err := s.Insight.Count(ctx, CountQuery{By: in.By, Filter: f, Zone: in.Zone, Limit: in.Limit})
	return page(counts, ""), err
}
