package api

import (
	"context"
	"net/http"
	"time"

	"github.com/tidwall/gjson"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
)

const historyDep = "the history store"

// TimelineParams filter interactions. Several values of one are alternatives.
type TimelineParams struct {
	Type       []string `query:"type" maxItems:"20" example:"track"`
	Name       []string `query:"name" maxItems:"20" example:"Order Completed"`
	Channel    []string `query:"channel" maxItems:"20" example:"email"`
	Department []string `query:"department" maxItems:"20" example:"service"`
	Direction  []string `query:"direction" maxItems:"2" enum:"inbound,outbound"`
	Source     []string `query:"source" maxItems:"20"`
	Touchpoint []string `query:"touchpoint" maxItems:"20"`
	From       string   `query:"from" maxLength:"40" doc:"Not before this time (RFC 3339)." example:"2026-01-01T00:00:00Z"`
	To         string   `query:"to" maxLength:"40" doc:"Before this time (RFC 3339)."`
}

func (p TimelineParams) filter() (f TimelineFilter, err error) {
	f = TimelineFilter{Types: p.Type, Names: p.Name, Channels: p.Channel, Departments: p.Department, Directions: p.Direction, Sources: p.Source, Touchpoints: p.Touchpoint}
	if f.From, err = parseTime("from", p.From); err != nil {
		return f, err
	}
	f.To, err = parseTime("to", p.To)
	if err == nil && f.To != 0 && f.To <= f.From {
		err = heed.FieldErrorf("to", "lies before from: nothing can be in between")
	}
	return f, err
}

func parseTime(field, s string) (heed.Time, error) {
	if s == "" {
		return 0, nil
	}
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return heed.At(t), nil
	}
	var t Time
	if err := t.UnmarshalText([]byte(s)); err != nil {
		return 0, heed.FieldErrorf(field, "want a time such as 2026-05-09T17:00:00Z or 2026-05-09, got %q", short(s))
	}
	return heed.Time(t), nil
}

func (s *server) registerTimeline() {
	route(s, op{method: http.MethodGet, path: "/people/{id}/interactions", id: "listInteractions", tag: "people", need: account.ReadPeople, needs: s.Interactions, what: historyDep,
		summary: "What happened with one person, newest first"}, s.listInteractions)
}

type interactionsIn struct {
	PersonPath
	TimelineParams
	Paging
}

func (s *server) listInteractions(ctx context.Context, in *interactionsIn) (*Body[Page[Interaction]], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	f.Before, f.Limit = in.After, in.Limit
	entries, next, err := s.Interactions.Timeline(ctx, id, f)
	return page(each(entries, entryView), next), err
}

func entryView(e TimelineEntry) Interaction {
	v := interactionView(e.Interaction)
	v.Properties, v.MessageID, v.Ref = JSON(e.Properties), e.MessageID, ref(e.Ref)
	if e.Type == heed.MessageDecided.String() {
		v.Text = gjson.Get(string(e.Properties), "text").String()
	}
	return v
}

// ref is an id that may be absent.
func ref(id heed.ID) *ID {
	if id.IsZero() {
		return nil
	}
	v := ID(id)
	return &v
}
