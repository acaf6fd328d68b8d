package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
)

const commandsDep = "the stream"

// personNamespace is how a trusted event names its person by id; identity resolves it through merges.
const personNamespace = "person_id"

// eventSource is the source of events that the API writes.
const eventSource = "heed"

// Command is what operations that change people take besides their body.
type Command struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"100" doc:"The same key within 72 h does it once."`
}

// Done says that a change has been applied: whoever asks next sees it.
type Done struct {
	Person ID `json:"person"`
}

func (s *server) registerChanges() {
	write := func(path, id, summary, about, audit string) op {
		return op{method: http.MethodPost, path: "/people/{id}" + path, id: id, tag: "people", need: account.WritePeople, needs: s.Commands, what: commandsDep,
			audit: audit, summary: summary, about: about}
	}
	route(s, write("/consents", "putConsent", "Record what a person said to a purpose", "With the evidence: when, where, by what act, and the words they were shown.", "person.consent"), s.putConsent)
	route(s, write("/preferences", "putPreferences", "Record what a person prefers", "What is not named stays as it is.", "person.preferences"), s.putPreferences)
	traits := write("/traits", "putTraits", "Correct what we know of a person", "What is not named stays; null takes a trait away.", "person.traits")
	traits.method = http.MethodPatch
	route(s, traits, s.putTraits)
	route(s, write("/interactions", "addInteraction", "Note a call, a visit, a letter", "Becomes part of the timeline, and may start journeys as any event.", "person.interaction"), s.addInteraction)
	route(s, write("/cases", "putCase", "Open or close a case", "While a case is open, and for a while after, nobody sells to this person.", "person.case"), s.putCase)
	route(s, write("/promises", "putPromise", "Note a promise, or that it was kept", "", "person.promise"), s.putPromise)
}

// event makes a trusted event about a person.
func (s *server) event(ctx context.Context, c Command, person heed.ID, t heed.Type, name string, properties any) (heed.Event, error) {
	now := s.Clock.Now()
	raw, err := json.Marshal(properties)
	if err != nil {
		return heed.Event{}, err
	}
	e := heed.Event{Type: t, Name: name, Source: eventSource, Timestamp: now, ReceivedAt: now, Properties: raw, Direction: heed.Inbound,
		MessageID: "api:" + heed.NewID(now).String()}
	if !person.IsZero() {
		e.IDs = []heed.Identifier{{Namespace: personNamespace, Value: person.String()}}
	}
	by := s.actor(ctx)
	if c.IdempotencyKey != "" { // of this caller: two callers may use the same key
		e.MessageID = fmt.Sprintf("api:%s:%s:%s:%s", by.ID, t, name, c.IdempotencyKey)
	}
	e.Department = by.Department
	e.Context, err = json.Marshal(map[string]any{"by": map[string]string{"via": by.Via, "name": by.Name}})
	return e, err
}

// change applies one event about a person who is there, and answers with who that is now.
func (s *server) change(ctx context.Context, c Command, path PersonPath, t heed.Type, name string, properties any, finish func(e *heed.Event)) (*Body[Done], error) {
	id, err := path.id()
	if err != nil {
		return nil, err
	}
	if present(s.People) { // a wrong id is a 404, not an event of nobody
		p, err := s.People.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		id = p.ID
	}
	e, err := s.event(ctx, c, id, t, name, properties)
	if err != nil {
		return nil, err
	}
	if finish != nil {
		finish(&e)
	}
	note(ctx, "person "+id.String(), nil, properties)
	if err := s.Commands.Do(ctx, []heed.Event{e}); err != nil {
		return nil, err
	}
	return body(Done{Person: ID(id)}), nil
}

// ConsentSaid is what a person said, with the evidence.
type ConsentSaid struct {
	Purpose string            `json:"purpose" minLength:"1" maxLength:"100" doc:"A purpose that the brand has declared; * is all of them." example:"newsletter"`
	Channel string            `json:"channel,omitempty" maxLength:"40" doc:"Empty: every channel." example:"email"`
	State   heed.ConsentState `json:"state" enum:"granted,denied,pending"`
	Where   string            `json:"where,omitempty" maxLength:"300" doc:"Page, till or call." example:"call centre"`
	Act     string            `json:"act" minLength:"1" maxLength:"300" doc:"What they did." example:"told the agent"`
	Text    string            `json:"text,omitempty" maxLength:"2000" doc:"The words that they were shown or told."`
	At      Time              `json:"at,omitzero" doc:"When, if not now."`
}

func (s *server) putConsent(ctx context.Context, in *struct {
	PersonPath
	Command
	Body ConsentSaid
}) (*Body[Done], error) {
	c := in.Body
	name := map[heed.ConsentState]string{heed.Granted: "Consent Granted", heed.Denied: "Consent Denied", heed.Awaited: "Consent Requested"}[c.State]
	if c.Purpose != "*" {
		if err := s.known(ctx, "purpose", c.Purpose); err != nil {
			return nil, err
		}
	}
	at, err := s.past("at", c.At)
	if err != nil {
		return nil, err
	}
	properties := map[string]string{"purpose": c.Purpose, "channel": c.Channel, "where": c.Where, "act": c.Act, "text": c.Text}
	return s.change(ctx, in.Command, in.PersonPath, heed.Track, name, properties, at)
}

// past checks a time that somebody names and returns what puts it into an event.
func (s *server) past(field string, t Time) (func(e *heed.Event), error) {
	if t == 0 {
		return nil, nil
	}
	if heed.Time(t) > s.Clock.Now() {
		return nil, heed.FieldErrorf(field, "lies in the future")
	}
	return func(e *heed.Event) { e.Timestamp = heed.Time(t) }, nil
}

// PreferencesSaid replaces the preferences that it names.
type PreferencesSaid struct {
	Channel *string   `json:"channel,omitempty" maxLength:"40"`
	Topics  *[]string `json:"topics,omitempty" maxItems:"100"`
	Muted   *[]string `json:"muted,omitempty" maxItems:"100"`
	Zone    *string   `json:"zone,omitempty" maxLength:"64" example:"Europe/Lisbon"`
	Locale  *string   `json:"locale,omitempty" maxLength:"35" example:"pt-PT"`
	NoTrack *bool     `json:"no_track,omitempty" doc:"True: no open and click tracking."`
}

func (s *server) putPreferences(ctx context.Context, in *struct {
	PersonPath
	Command
	Body PreferencesSaid
}) (*Body[Done], error) {
	return s.change(ctx, in.Command, in.PersonPath, heed.Track, "Preferences Updated", in.Body, nil)
}

// maxTraits bounds one request.
const maxTraits = 100

func (s *server) putTraits(ctx context.Context, in *struct {
	PersonPath
	Command
	Body map[string]JSON `doc:"The traits by name." maxProperties:"100"`
}) (*Body[Done], error) {
	if len(in.Body) == 0 || len(in.Body) > maxTraits {
		return nil, heed.FieldErrorf("body", "want an object with 1 to %d traits", maxTraits)
	}
	for name := range in.Body {
		if name == "" || len(name) > 200 {
			return nil, heed.FieldErrorf("body", "the name of a trait has 1 to 200 bytes, %q does not", short(name))
		}
	}
	return s.change(ctx, in.Command, in.PersonPath, heed.Identify, "", in.Body, nil)
}

// Note is an interaction that somebody writes down.
type Note struct {
	Name       string          `json:"name" minLength:"1" maxLength:"200" example:"Call" doc:"What happened, as an event is named."`
	Text       string          `json:"text,omitempty" maxLength:"8000" doc:"What was said."`
	Channel    string          `json:"channel" enum:"web,app,email,phone,shop,community,product,billing"`
	Direction  heed.Direction  `json:"direction,omitempty" enum:"inbound,outbound" default:"inbound"`
	Touchpoint string          `json:"touchpoint,omitempty" maxLength:"200" example:"Call centre"`
	Department string          `json:"department,omitempty" enum:"marketing,service,product,sales,billing" doc:"Default: the author's."`
	Properties map[string]JSON `json:"properties,omitempty" maxProperties:"100"`
	At         Time            `json:"at,omitzero" doc:"When, if not now."`
}

func (s *server) addInteraction(ctx context.Context, in *struct {
	PersonPath
	Command
	Body Note
}) (*Body[Done], error) {
	n := in.Body
	at, err := s.past("at", n.At)
	if err != nil {
		return nil, err
	}
	properties := map[string]any{}
	for k, v := range n.Properties {
		properties[k] = v
	}
	properties["text"], properties["by"] = n.Text, s.actor(ctx).Name
	return s.change(ctx, in.Command, in.PersonPath, heed.Track, n.Name, properties, func(e *heed.Event) {
		e.Channel, e.Direction, e.Touchpoint = n.Channel, n.Direction, n.Touchpoint
		if n.Department != "" {
			e.Department = n.Department
		}
		if at != nil {
			at(e)
		}
	})
}

// CaseSaid opens or closes a case.
type CaseSaid struct {
	ID     string `json:"id" minLength:"1" maxLength:"100" doc:"The case's id in the help desk, or any other."`
	Title  string `json:"title,omitempty" maxLength:"200"`
	Closed bool   `json:"closed,omitempty" doc:"True: it has been put right."`
}

func (s *server) putCase(ctx context.Context, in *struct {
	PersonPath
	Command
	Body CaseSaid
}) (*Body[Done], error) {
	name := "Case Opened"
	if in.Body.Closed {
		name = "Case Closed"
	}
	return s.change(ctx, in.Command, in.PersonPath, heed.Track, name, map[string]string{"case_id": in.Body.ID, "title": in.Body.Title}, nil)
}

// PromiseSaid notes a promise, or that it was kept.
type PromiseSaid struct {
	ID   string `json:"id,omitempty" maxLength:"100" doc:"Needed to say that it was kept; otherwise one is made."`
	Text string `json:"text,omitempty" maxLength:"300"`
	Due  Time   `json:"due,omitzero"`
	Kept bool   `json:"kept,omitempty"`
}

func (s *server) putPromise(ctx context.Context, in *struct {
	PersonPath
	Command
	Body PromiseSaid
}) (*Body[Done], error) {
	p, name := in.Body, "Promise Made"
	switch {
	case p.Kept && p.ID == "":
		return nil, heed.FieldErrorf("id", "say which promise was kept")
	case p.Kept:
		name = "Promise Kept"
	case p.Text == "":
		return nil, heed.FieldErrorf("text", "say what was promised")
	case p.ID == "":
		p.ID = heed.NewID(s.Clock.Now()).String()
	}
	return s.change(ctx, in.Command, in.PersonPath, heed.Track, name,
		map[string]any{"promise_id": p.ID, "text": p.Text, "due": p.Due, "by": s.actor(ctx).Name}, nil)
}

// SendIn asks for a message.
type SendIn struct {
	Channel  string          `json:"channel" minLength:"1" maxLength:"64" example:"email"`
	Purpose  string          `json:"purpose" minLength:"1" maxLength:"64" example:"newsletter"`
	Template string          `json:"template" minLength:"1" maxLength:"64"`
	Topic    string          `json:"topic,omitempty" maxLength:"100"`
	About    string          `json:"about,omitempty" maxLength:"100"`
	Priority int             `json:"priority,omitempty" minimum:"-1000" maximum:"1000"`
	Vars     map[string]JSON `json:"vars,omitempty" maxProperties:"100" doc:"For the template."`
}

// Asked names the message that was asked for.
type Asked struct {
	Person  ID `json:"person"`
	Message ID `json:"message" doc:"See /messages/{id} for what came of it."`
}

func (s *server) sendMessage(ctx context.Context, in *struct {
	PersonPath
	Command
	Body SendIn
}) (*Body[Asked], error) {
	b := in.Body
	if err := s.known(ctx, "template", b.Template); err != nil {
		return nil, err
	}
	now := s.Clock.Now()
	message := heed.NewID(now)
	if in.IdempotencyKey != "" { // the same request is the same message
		h := heed.Identifier{Namespace: "message:" + s.actor(ctx).ID.String(), Value: in.IdempotencyKey}.Hash()
		message = heed.MakeID(0, [10]byte(h[:10]))
	}
	intent := heed.Intent{ID: message, Channel: b.Channel, Purpose: b.Purpose, Template: b.Template, Topic: b.Topic, About: b.About, Priority: b.Priority, Asked: now, By: s.actor(ctx).Name}
	if b.Vars != nil {
		vars, err := json.Marshal(b.Vars)
		if err != nil {
			return nil, err
		}
		intent.Vars = heed.RawValue(vars)
	}
	done, err := s.change(ctx, in.Command, in.PersonPath, heed.SendMessage, "", intent, func(e *heed.Event) { e.Direction = heed.Outbound })
	if err != nil {
		return nil, err
	}
	return body(Asked{Person: done.Body.Person, Message: ID(message)}), nil
}
