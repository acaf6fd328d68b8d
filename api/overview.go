package api

import (
	"context"
	"net/http"

	"github.com/heedcx/heed/internal/account"
)

// Overview is how things stand, for the first page of the console.
type Overview struct {
	At           Time             `json:"at"`
	People       int64            `json:"people"`
	Known        int64            `json:"known" doc:"People of whom we know more than a browser."`
	Events       int64            `json:"events" doc:"Ever."`
	EventsToday  int64            `json:"events_today"`
	EventsPerSec float64          `json:"events_per_second" doc:"Over the last minute."`
	PerHour      []Point          `json:"per_hour" nullable:"false" doc:"Events of the last 24 hours."`
	Stages       []Count          `json:"stages" nullable:"false" doc:"People by lifecycle stage, in the ladder's order."`
	Moved        []Count          `json:"moved" nullable:"false" doc:"How many people came into each stage in the last 24 hours."`
	Moves        []Move           `json:"moves" nullable:"false" doc:"How many people went from which stage to which, the most frequent first."`
	Stuck        []JourneyTrouble `json:"stuck" nullable:"false" doc:"Journeys that do not get on, looked for every minute."`
	Outcomes     []Count          `json:"outcomes" nullable:"false" doc:"What became of messages in the last 24 hours: sent, delivered, opened, bounced, complained."`
	Before       []Count          `json:"outcomes_before" nullable:"false" doc:"The same in the seven days before that, to compare."`
	Messages     []Count          `json:"messages" nullable:"false" doc:"Of the last 24 hours, by state."`
	HeldBack     []Count          `json:"held_back" nullable:"false" doc:"Decisions of the last 24 hours not to send, by reason."`
	ActiveRuns   int64            `json:"active_runs"`
	OpenCases    int64            `json:"open_cases"`
	Lag          []Lag            `json:"lag" nullable:"false" doc:"How far each consumer is behind the stream."`
	Health       []HealthItem     `json:"health" nullable:"false"`
}

// Move is how many people went from one lifecycle stage to another. Who goes twice counts twice.
type Move struct {
	From  string `json:"from" doc:"Empty: nothing was known of them before, or it was not noted then."`
	To    string `json:"to"`
	Today int64  `json:"today" doc:"In the last 24 hours."`
	Week  int64  `json:"week" doc:"In the last seven days."`
}

// JourneyTrouble is why a journey does not get on.
type JourneyTrouble struct {
	Journey string `json:"journey"`
	What    string `json:"what" enum:"overdue,failed,dropped" doc:"overdue: runs should have gone on more than 15 minutes ago. failed, dropped: of its messages of the last 24 hours, five or more, not one has arrived."`
	Count   int64  `json:"count" doc:"Runs, or messages."`
	Since   Time   `json:"since,omitzero" doc:"overdue: when the first was due."`
	Reason  string `json:"reason,omitempty" doc:"dropped: the most frequent reason."`
}

// Point is a value at a time.
type Point struct {
	At    Time  `json:"at"`
	Value int64 `json:"value"`
}

// Lag is how far a consumer is behind.
type Lag struct {
	Consumer string  `json:"consumer" example:"worker 0"`
	Behind   int64   `json:"behind" doc:"Envelopes."`
	Seconds  float64 `json:"seconds" doc:"Age of the oldest that waits."`
}

// HealthItem is one thing that must work.
type HealthItem struct {
	Name   string `json:"name" example:"stream"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail,omitempty" say:"sentence" doc:"What is wrong, and what to do."`
	Since  Time   `json:"since,omitzero"`
}

func (s *server) registerOverview() {
	route(s, op{method: http.MethodGet, path: "/overview", id: "getOverview", tag: "overview", need: account.ReadStats, needs: s.Overview, what: "the overview",
		summary: "How things stand"}, s.overview)
}

func (s *server) overview(ctx context.Context, _ *struct{}) (*Body[Overview], error) {
	o, err := s.overviewNow(ctx)
	return body(o), err
}

// overviewNow asks how things stand; no list of it is null.
func (s *server) overviewNow(ctx context.Context) (Overview, error) {
	o, err := s.Overview.Overview(ctx)
	for _, list := range []*[]Count{&o.Stages, &o.Moved, &o.Outcomes, &o.Before, &o.Messages, &o.HeldBack} {
		empty(list)
	}
	empty(&o.Moves)
	empty(&o.Stuck)
	empty(&o.PerHour)
	empty(&o.Lag)
	empty(&o.Health)
	if o.At == 0 {
		o.At = Time(s.Clock.Now())
	}
	return o, err
}
