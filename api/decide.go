package api

import (
	"context"
	"net/http"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
)

func (s *server) registerDecide() {
	route(s, op{method: http.MethodPost, path: "/decide", id: "decide", tag: "messages", need: account.AskDecide, needs: s.Decider, what: "the gate", audit: notAudited,
		summary: "May I contact this person now?", about: "Answers for a call-centre agent or another system; nothing is sent or reserved."}, s.decide)
	route(s, op{method: http.MethodPost, path: "/people/{id}/messages", id: "sendMessage", tag: "people", need: account.RunJourneys, needs: s.Commands, what: commandsDep,
		audit: "message.ask", status: http.StatusAccepted, summary: "Ask for a message to one person",
		about: "It passes the same gate as every other message; the ledger says what came of it."}, s.sendMessage)
}

// Question asks whether somebody may be contacted.
type Question struct {
	Person     string `json:"person,omitempty" maxLength:"36" doc:"The person's id; or give an identifier."`
	Identifier string `json:"identifier,omitempty" maxLength:"600" doc:"NAMESPACE:VALUE instead of the id."`
	Channel    string `json:"channel" minLength:"1" maxLength:"64" example:"phone"`
	Purpose    string `json:"purpose" minLength:"1" maxLength:"64" example:"newsletter"`
	Topic      string `json:"topic,omitempty" maxLength:"100"`
	About      string `json:"about,omitempty" maxLength:"100" doc:"The experience that it belongs to."`
	Priority   int    `json:"priority,omitempty" minimum:"-1000" maximum:"1000"`
}

// Answer is what the gate says.
type Answer struct {
	May     bool         `json:"may" doc:"True: go ahead."`
	Outcome heed.Outcome `json:"outcome" enum:"send,hold,drop"`
	Reason  string       `json:"reason" doc:"A stable code."`
	Rule    string       `json:"rule,omitempty"`
	Text    string       `json:"text" say:"sentence" doc:"The same in plain words."`
	Until   Time         `json:"until,omitzero" doc:"Ask again then."`
	Person  ID           `json:"person"`
}

func (s *server) decide(ctx context.Context, in *Body[Question]) (*Body[Answer], error) {
	q := in.Body
	person, err := s.whom(ctx, q.Person, q.Identifier)
	if err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	d, err := s.Decider.Decide(ctx, heed.Intent{ID: heed.NewID(now), Person: person, Channel: q.Channel, Purpose: q.Purpose, Topic: q.Topic, About: q.About,
		Priority: q.Priority, Asked: now, By: s.actor(ctx).Name})
	if err != nil {
		return nil, err
	}
	return body(Answer{May: d.Outcome == heed.Send, Outcome: d.Outcome, Reason: d.Reason, Rule: d.Rule, Text: d.Text, Until: Time(d.Until), Person: ID(person)}), nil
}

// whom finds the person that a request names, by id or by identifier.
func (s *server) whom(ctx context.Context, id, identifier string) (heed.ID, error) {
	if (id == "") == (identifier == "") {
		return heed.ID{}, heed.FieldErrorf("person", "say who, either by person (an id) or by identifier (NAMESPACE:VALUE)")
	}
	if id != "" {
		return parseID("person", id)
	}
	if !present(s.People) {
		return heed.ID{}, missing(peopleDep)
	}
	i, err := parseIdentifier("identifier", identifier)
	if err != nil {
		return heed.ID{}, err
	}
	p, err := s.People.Find(ctx, i)
	if err != nil {
		return heed.ID{}, err
	}
	return p.ID, nil
}
