package api

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"github.com/heedcx/heed/internal/account"
)

// SentEvent is an event in the form of the Segment spec. The collector reads it; this is its description.
type SentEvent struct {
	Type        string          `json:"type" enum:"track,identify,page,screen,group,alias"`
	MessageID   string          `json:"messageId,omitempty" doc:"Unique per source: the same one within 72 h counts once."`
	UserID      string          `json:"userId,omitempty"`
	AnonymousID string          `json:"anonymousId,omitempty"`
	PreviousID  string          `json:"previousId,omitempty" doc:"alias: the id that becomes userId."`
	GroupID     string          `json:"groupId,omitempty" doc:"group: the account."`
	Event       string          `json:"event,omitempty" doc:"track: what happened."`
	Name        string          `json:"name,omitempty" doc:"page, screen: its name."`
	Properties  map[string]JSON `json:"properties,omitempty"`
	Traits      map[string]JSON `json:"traits,omitempty"`
	Context     map[string]JSON `json:"context,omitempty"`
	Timestamp   Time            `json:"timestamp,omitzero" doc:"When it happened; default: now."`
}

// SentEvents is a list of events with what they share.
type SentEvents struct {
	Events  []SentEvent     `json:"events" minItems:"1" maxItems:"2500" nullable:"false"`
	Context map[string]JSON `json:"context,omitempty" doc:"Merged into the context of each event."`
}

// EventResult says what became of one event.
type EventResult struct {
	Index     int    `json:"index"`
	Status    string `json:"status" enum:"accepted,duplicate,rejected"`
	MessageID string `json:"message_id,omitempty"`
	Field     string `json:"field,omitempty"`
	Error     string `json:"error,omitempty"`
}

// EventsResult is the answer, event by event.
type EventsResult struct {
	Accepted   int           `json:"accepted"`
	Duplicates int           `json:"duplicates"`
	Rejected   int           `json:"rejected"`
	Events     []EventResult `json:"events" nullable:"false"`
}

// registerEvents puts the collector's handler behind our gate. It reads the body itself, so only its description goes
// through the framework.
func (s *server) registerEvents() {
	o := op{method: http.MethodPost, path: "/events", id: "sendEvents", tag: "events", need: account.SendEvents, audit: notAudited, slow: true, writing: true,
		summary: "Bring in events", about: "One event, an array of events, or `{\"events\": [...]}`. Answered when they are on disk, event by event: accepted, duplicate, or rejected and why."}
	h := s.operation(o)
	schemas := s.api.OpenAPI().Components.Schemas
	h.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{AnyOf: []*huma.Schema{
		schemas.Schema(typeOf[SentEvents](), true, ""),
		schemas.Schema(typeOf[SentEvent](), true, ""),
		{Type: huma.TypeArray, Items: schemas.Schema(typeOf[SentEvent](), true, "")},
	}}}}}
	h.Responses["200"] = &huma.Response{Description: "What became of each.", Content: map[string]*huma.MediaType{
		"application/json": {Schema: schemas.Schema(typeOf[EventsResult](), true, "")}}}
	s.api.OpenAPI().AddOperation(&h)
	s.api.Adapter().Handle(&h, s.api.Middlewares().Handler(func(hc huma.Context) {
		r, w := humachi.Unwrap(hc)
		r = r.WithContext(hc.Context())
		if s.Events == nil {
			writeProblem(w, r, s.Log, missing("the collector"))
			return
		}
		s.Events.ServeHTTP(w, r)
	}))
}
