package api

import (
	"context"
	"net/http"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
)

// Message is one contact with one person on one channel.
type Message struct {
	ID       ID                `json:"id"`
	Person   ID                `json:"person"`
	Channel  string            `json:"channel"`
	Purpose  string            `json:"purpose"`
	Class    heed.Class        `json:"class"`
	Topic    string            `json:"topic,omitempty"`
	Template string            `json:"template,omitempty"`
	Priority int               `json:"priority"`
	About    string            `json:"about,omitempty"`
	State    heed.MessageState `json:"state" enum:"held,reserved,sending,sent,delivered,bounced,complained,failed,unknown,dropped,canceled"`
	Address  string            `json:"address,omitempty"`
	Asked    Time              `json:"asked,omitzero" doc:"When somebody wanted it."`
	Made     Time              `json:"made,omitzero"`
	Due      Time              `json:"due,omitzero" doc:"Held: it is decided again then."`
	Expires  Time              `json:"expires,omitzero"`
	SentAt   Time              `json:"sent_at,omitzero"`
	Provider string            `json:"provider,omitempty" doc:"The id that the next hop gave it."`
	Detail   string            `json:"detail,omitempty" say:"sentence" doc:"The last answer of the channel, or why it was dropped."`
	Attempts int               `json:"attempts"`
	Journey  string            `json:"journey,omitempty"`
	Version  int               `json:"version,omitempty"`
	Node     string            `json:"node,omitempty"`
	Run      *ID               `json:"run,omitempty"`
	By       string            `json:"by,omitempty"`
}

// Decision is an entry of the ledger.
type Decision struct {
	ID      ID           `json:"id"`
	At      Time         `json:"at"`
	Person  ID           `json:"person"`
	Message *ID          `json:"message,omitempty"`
	Channel string       `json:"channel"`
	Purpose string       `json:"purpose"`
	Class   heed.Class   `json:"class,omitempty"`
	Topic   string       `json:"topic,omitempty"`
	Journey string       `json:"journey,omitempty"`
	Node    string       `json:"node,omitempty"`
	By      string       `json:"by,omitempty"`
	Outcome heed.Outcome `json:"outcome" enum:"send,hold,drop"`
	Reason  string       `json:"reason" doc:"A stable code: OK, NO_CONSENT, QUIET_HOURS, CAP, LOWER_PRIORITY, ..."`
	Rule    string       `json:"rule,omitempty" doc:"The brand's rule that said so."`
	Text    string       `json:"text" say:"sentence" doc:"The same in plain words."`
	Until   Time         `json:"until,omitzero" doc:"Held: it is decided again then."`
	Dry     bool         `json:"dry,omitempty" doc:"Somebody only asked whether they may: nothing was to be sent."`
	Inputs  JSON         `json:"inputs,omitempty" doc:"What it was decided from."`
}

// MessageDetail is a message with everything that was decided about it.
type MessageDetail struct {
	Message   Message    `json:"message"`
	Decisions []Decision `json:"decisions" nullable:"false" doc:"Why it was sent or not, newest first."`
}

const (
	messagesDep = "the messages"
	ledgerDep   = "the ledger of decisions"
)

func (s *server) registerMessages() {
	route(s, op{method: http.MethodGet, path: "/messages", id: "listMessages", tag: "messages", need: account.ReadPeople, needs: s.Messages, what: messagesDep,
		summary: "Messages, newest first"}, s.listMessages)
	route(s, op{method: http.MethodGet, path: "/messages/{id}", id: "getMessage", tag: "messages", need: account.ReadPeople, needs: s.Messages, what: messagesDep,
		summary: "One message, and why it was sent or not"}, s.getMessage)
	route(s, op{method: http.MethodGet, path: "/decisions", id: "listDecisions", tag: "messages", need: account.ReadPeople, needs: s.Decisions, what: ledgerDep,
		summary: "The ledger: every message sent or held back, and why"}, s.listDecisions)
	route(s, op{method: http.MethodGet, path: "/people/{id}/decisions", id: "listPersonDecisions", tag: "people", need: account.ReadPeople, needs: s.Decisions, what: ledgerDep,
		summary: "Why one person heard from us, or did not"}, s.listPersonDecisions)
	route(s, op{method: http.MethodGet, path: "/people/{id}/messages", id: "listPersonMessages", tag: "people", need: account.ReadPeople, needs: s.Messages, what: messagesDep,
		summary: "Messages to one person, newest first"}, s.listPersonMessages)
	s.registerLedger()
	s.registerRehearse()
}

// MessageParams filter messages.
type MessageParams struct {
	Paging
	State   string `query:"state" enum:"held,reserved,sending,sent,delivered,bounced,complained,failed,unknown,dropped,canceled"`
	Channel string `query:"channel" maxLength:"64"`
	Purpose string `query:"purpose" maxLength:"64"`
	Journey string `query:"journey" maxLength:"64"`
}

func (p MessageParams) query(person heed.ID) (MessageQuery, error) {
	before, err := p.afterID()
	return MessageQuery{Person: person, State: p.State, Channel: p.Channel, Purpose: p.Purpose, Journey: p.Journey, Before: before, Limit: p.Limit}, err
}

type messagesIn struct {
	MessageParams
	Person string `query:"person" maxLength:"36" doc:"Only messages to this person."`
}

func (s *server) listMessages(ctx context.Context, in *messagesIn) (*Body[Page[Message]], error) {
	var person heed.ID
	if in.Person != "" {
		var err error
		if person, err = parseID("person", in.Person); err != nil {
			return nil, err
		}
	}
	return s.messages(ctx, in.MessageParams, person)
}

func (s *server) listPersonMessages(ctx context.Context, in *struct {
	PersonPath
	MessageParams
}) (*Body[Page[Message]], error) {
	id, err := in.id()
	if err != nil {
		return nil, err
	}
	return s.messages(ctx, in.MessageParams, id)
}

func (s *server) messages(ctx context.Context, p MessageParams, person heed.ID) (*Body[Page[Message]], error) {
	q, err := p.query(person)
	if err != nil {
		return nil, err
	}
	found, err := s.Messages.Messages(ctx, q)
	return page(each(found, messageView), nextID(found, q.Limit, func(m heed.Message) heed.ID { return m.ID })), err
}

func (s *server) getMessage(ctx context.Context, in *struct {
	ID string `path:"id" maxLength:"100"`
}) (*Body[MessageDetail], error) {
	id, err := parseID("id", in.ID)
	if err != nil {
		return nil, err
	}
	m, err := s.Messages.Message(ctx, id)
	if err != nil {
		return nil, err
	}
	out := MessageDetail{Message: messageView(m), Decisions: []Decision{}}
	if present(s.Decisions) {
		found, err := s.Decisions.Decisions(ctx, DecisionQuery{Message: id, Limit: 100})
		if err != nil {
			return nil, err
		}
		out.Decisions = each(found, DecisionView)
	}
	return body(out), nil
}

func (s *server) listDecisions(ctx context.Context, in *struct {
	Paging
	DecisionFilter
}) (*Body[Page[Decision]], error) {
	return s.decisions(ctx, in.Paging, in.DecisionFilter)
}

func (s *server) listPersonDecisions(ctx context.Context, in *struct {
	PersonPath
	Paging
	Journey string `query:"journey" maxLength:"64"`
	Outcome string `query:"outcome" enum:"send,hold,drop"`
	Reason  string `query:"reason" maxLength:"64" example:"NO_CONSENT"`
	Message string `query:"message" maxLength:"36"`
}) (*Body[Page[Decision]], error) {
	return s.decisions(ctx, in.Paging, DecisionFilter{Person: in.ID, Journey: in.Journey, Outcome: in.Outcome, Reason: in.Reason, Message: in.Message})
}

func (s *server) decisions(ctx context.Context, p Paging, f DecisionFilter) (*Body[Page[Decision]], error) {
	q, err := f.query()
	if err != nil {
		return nil, err
	}
	q.Limit = p.Limit
	if q.Before, err = p.afterID(); err != nil {
		return nil, err
	}
	found, err := s.Decisions.Decisions(ctx, q)
	return page(each(found, DecisionView), nextID(found, q.Limit, func(d LedgerEntry) heed.ID { return d.ID })), err
}

func messageView(m heed.Message) Message {
	return Message{
		ID: ID(m.ID), Person: ID(m.Person), Channel: m.Channel, Purpose: m.Purpose, Class: m.Class, Topic: m.Topic, Template: m.Template, Priority: m.Priority,
		About: m.About, State: m.State, Address: m.Address, Asked: Time(m.Asked), Made: Time(m.Made), Due: Time(m.Due), Expires: Time(m.Expires), SentAt: Time(m.SentAt),
		Provider: m.Provider, Detail: m.Detail, Attempts: m.Attempts, Journey: m.Journey, Version: m.Version, Node: m.Node, Run: ref(m.Run), By: m.By,
	}
}

// DecisionView shows an entry of the ledger.
func DecisionView(d LedgerEntry) Decision {
	in, out := d.Intent, d.Decision
	return Decision{
		ID: ID(d.ID), At: Time(d.At), Person: ID(in.Person), Message: ref(in.ID), Channel: in.Channel, Purpose: in.Purpose, Class: d.Class, Topic: in.Topic,
		Journey: in.Journey, Node: in.Node, By: in.By, Outcome: out.Outcome, Reason: out.Reason, Rule: out.Rule, Text: out.Text, Until: Time(out.Until), Dry: d.Dry, Inputs: JSON(d.Inputs),
	}
}
