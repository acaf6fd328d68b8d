package api

import (
	"context"
	"net/http"

	"github.com/heedcx/heed/internal/account"
)

// Trend is how often one kind of event came, day by day.
type Trend struct {
	Type string  `json:"type"`
	Name string  `json:"name,omitempty"`
	Days []int64 `json:"days" nullable:"false" doc:"Events per day in UTC, oldest first; the last is today."`
}

func (s *server) registerTrends() {
	route(s, op{method: http.MethodGet, path: "/catalogue/trends", id: "getTrends", tag: "insight", need: account.ReadStats, needs: s.Trends, what: historyDep,
		summary: "How often each kind of event came, day by day"}, s.trends)
}

func (s *server) trends(ctx context.Context, in *struct {
	Days int `query:"days" minimum:"2" maximum:"90" default:"30"`
}) (*Body[Page[Trend]], error) {
	list, err := s.Trends.Trends(ctx, in.Days)
	return page(list, ""), err
}
