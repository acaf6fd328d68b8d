package api

import (
	"maps"
	"slices"
	"strings"

	"github.com/heedcx/heed"
)

// Person is the memory of one customer as the API shows it.
type Person struct {
	ID          ID                     `json:"id"`
	Name        string                 `json:"name,omitempty" doc:"What to call them: from their traits, else their best identifier."`
	FirstSeen   Time                   `json:"first_seen"`
	LastSeen    Time                   `json:"last_seen"`
	Stage       string                 `json:"stage,omitempty" doc:"Lifecycle stage."`
	StageSince  Time                   `json:"stage_since,omitzero"`
	StagePath   []StageEntry           `json:"stage_path" nullable:"false" doc:"Earlier stages, oldest first."`
	Identifiers []heed.Identifier      `json:"identifiers" nullable:"false" doc:"The best first."`
	Traits      map[string]JSON        `json:"traits"`
	TraitsFrom  map[string]TraitOrigin `json:"traits_from" doc:"Where and when each trait came from."`
	Consents    []Consent              `json:"consents" nullable:"false"`
	Blocked     []Blocked              `json:"blocked" nullable:"false" doc:"Channels and addresses to which nothing goes, whatever consent says."`
	Preferences Preferences            `json:"preferences"`
	Orders      Orders                 `json:"orders"`
	Segments    []Membership           `json:"segments" nullable:"false"`
	Journeys    []ActiveRun            `json:"journeys" nullable:"false"`
	Recent      []Interaction          `json:"recent" nullable:"false" doc:"The last interactions, newest first."`
	Held        []HeldMessage          `json:"held" nullable:"false" doc:"Messages that wait for a better moment."`
	Cases       []Case                 `json:"cases" nullable:"false"`
	Moments     []Moment               `json:"moments" nullable:"false" doc:"Good and bad experiences, newest first."`
	Promises    []Promise              `json:"promises" nullable:"false" doc:"What we promised and have not kept yet."`
	MergedFrom  *ID                    `json:"merged_from,omitempty" doc:"The id that was asked for, if it has become this person."`
}

// PersonSummary is a customer in a list.
type PersonSummary struct {
	ID       ID       `json:"id"`
	Name     string   `json:"name,omitempty"`
	Email    string   `json:"email,omitempty"`
	Phone    string   `json:"phone,omitempty"`
	Stage    string   `json:"stage,omitempty"`
	LastSeen Time     `json:"last_seen"`
	Orders   int64    `json:"orders"`
	Revenue  float64  `json:"revenue"`
	Segments []string `json:"segments" nullable:"false"`
}

// StageEntry is a lifecycle stage and since when.
type StageEntry struct {
	Stage string `json:"stage"`
	Since Time   `json:"since"`
}

// TraitOrigin says where a trait came from.
type TraitOrigin struct {
	At     Time   `json:"at"`
	Source string `json:"source,omitempty"`
}

// Consent is a permission with its evidence.
type Consent struct {
	Purpose string            `json:"purpose"`
	Channel string            `json:"channel" doc:"Empty: every channel."`
	State   heed.ConsentState `json:"state" enum:"granted,denied,pending"`
	At      Time              `json:"at"`
	Source  string            `json:"source,omitempty"`
	Where   string            `json:"where,omitempty" doc:"Page, till or call where they said so."`
	Act     string            `json:"act,omitempty" doc:"What they did."`
	Text    string            `json:"text,omitempty" doc:"The words that they were shown."`
}

// Blocked is a suppression.
type Blocked struct {
	Channel string `json:"channel"`
	Address string `json:"address,omitempty"`
	Reason  string `json:"reason"`
	At      Time   `json:"at"`
}

// Preferences are what the person asked for.
type Preferences struct {
	Channel string   `json:"channel,omitempty"`
	Topics  []string `json:"topics,omitempty" nullable:"false"`
	Muted   []string `json:"muted,omitempty" nullable:"false"`
	Zone    string   `json:"zone,omitempty"`
	Locale  string   `json:"locale,omitempty"`
	NoTrack bool     `json:"no_track,omitempty"`
}

// Orders are the raw numbers of RFM.
type Orders struct {
	Count   int64   `json:"count"`
	Revenue float64 `json:"revenue" doc:"In the brand's currency."`
	First   Time    `json:"first,omitzero"`
	Last    Time    `json:"last,omitzero"`
}

// Membership is a segment and since when.
type Membership struct {
	Segment string `json:"segment"`
	Since   Time   `json:"since"`
}

// ActiveRun is a journey that the person is in.
type ActiveRun struct {
	ID      ID     `json:"id"`
	Journey string `json:"journey"`
	Version int    `json:"version"`
	Key     string `json:"key,omitempty"`
	Node    string `json:"node"`
	Since   Time   `json:"since"`
	Due     Time   `json:"due,omitzero"`
	Entered Time   `json:"entered"`
	Paused  bool   `json:"paused,omitempty"`
}

// Interaction is an event placed in the customer's experience.
type Interaction struct {
	At         Time           `json:"at"`
	Type       string         `json:"type"`
	Name       string         `json:"name,omitempty"`
	Touchpoint string         `json:"touchpoint,omitempty"`
	Channel    string         `json:"channel,omitempty"`
	Direction  heed.Direction `json:"direction,omitempty"`
	Department string         `json:"department,omitempty"`
	Source     string         `json:"source,omitempty"`
	Summary    string         `json:"summary,omitempty" say:"sentence"`
	Text       string         `json:"text,omitempty" say:"sentence" doc:"Of a decision: why."`
	Properties JSON           `json:"properties,omitempty"`
	MessageID  string         `json:"message_id,omitempty" doc:"Of the event."`
	Ref        *ID            `json:"ref,omitempty" doc:"The message or journey run that it is about."`
}

// HeldMessage is a message that waits.
type HeldMessage struct {
	Message ID     `json:"message"`
	Channel string `json:"channel"`
	Purpose string `json:"purpose"`
	Since   Time   `json:"since"`
	Until   Time   `json:"until" doc:"It is decided again then."`
	Expires Time   `json:"expires,omitzero"`
	Rule    string `json:"rule,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Journey string `json:"journey,omitempty"`
}

// Case is an unhappy moment that someone must put right.
type Case struct {
	ID     string `json:"id"`
	Title  string `json:"title,omitempty"`
	Opened Time   `json:"opened"`
	Closed Time   `json:"closed,omitzero"`
}

// Moment is a good or bad experience.
type Moment struct {
	At    Time   `json:"at"`
	Good  bool   `json:"good"`
	Name  string `json:"name"`
	Topic string `json:"topic,omitempty"`
}

// Promise is something we said we would do.
type Promise struct {
	ID   string `json:"id"`
	Text string `json:"text"`
	Made Time   `json:"made"`
	Due  Time   `json:"due,omitzero"`
	By   string `json:"by,omitempty"`
}

func personView(p *heed.Person, ids []heed.Identifier) Person {
	v := Person{
		ID: ID(p.ID), Name: nameOf(p, ids), FirstSeen: Time(p.FirstSeen), LastSeen: Time(p.LastSeen), Stage: p.Stage, StageSince: Time(p.StageSince),
		StagePath:   each(p.StagePath, func(s heed.StageEntry) StageEntry { return StageEntry{s.Stage, Time(s.At)} }),
		Identifiers: append([]heed.Identifier{}, ids...),
		Traits:      make(map[string]JSON, len(p.Traits)), TraitsFrom: make(map[string]TraitOrigin, len(p.Traits)),
		Consents: consentViews(p.Consents), Blocked: blockedViews(p.Blocked),
		Preferences: Preferences{p.Preferences.Channel, p.Preferences.Topics, p.Preferences.Muted, p.Preferences.Zone, p.Preferences.Locale, p.Preferences.NoTrack},
		Orders:      Orders{p.Orders.Count, p.Orders.Revenue, Time(p.Orders.First), Time(p.Orders.Last)},
		Segments:    []Membership{}, Cases: []Case{}, Moments: []Moment{}, Promises: []Promise{},
		Journeys: each(p.Runs, func(r heed.Run) ActiveRun {
			return ActiveRun{ID(r.ID), r.Journey, r.Version, r.Key, r.Node, Time(r.Since), Time(r.Due), Time(r.Entered), r.Paused}
		}),
		Recent: each(p.Head, interactionView),
		Held: each(p.Pending, func(m heed.Pending) HeldMessage {
			return HeldMessage{ID(m.Message), m.Channel, m.Purpose, Time(m.Since), Time(m.Until), Time(m.Expires), m.Rule, m.Reason, m.Journey}
		}),
	}
	slices.Reverse(v.Recent)
	for name, t := range p.Traits {
		v.Traits[name], v.TraitsFrom[name] = JSON(t.Value), TraitOrigin{Time(t.At), t.Source}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Segments)) {
		v.Segments = append(v.Segments, Membership{name, Time(p.Segments[name].Since)})
	}
	for _, c := range p.Cases {
		v.Cases = append(v.Cases, Case{c.ID, c.Title, Time(c.Opened), Time(c.Closed)})
	}
	for _, m := range slices.Backward(p.Moments) {
		v.Moments = append(v.Moments, Moment{Time(m.At), m.Good, m.Name, m.Topic})
	}
	for _, x := range p.Promises {
		v.Promises = append(v.Promises, Promise{x.ID, x.Text, Time(x.Made), Time(x.Due), x.By})
	}
	return v
}

func summaryView(p *heed.Person) PersonSummary {
	return PersonSummary{
		ID: ID(p.ID), Name: nameOf(p, nil), Email: textTrait(p, "email"), Phone: textTrait(p, "phone"), Stage: p.Stage, LastSeen: Time(p.LastSeen),
		Orders: p.Orders.Count, Revenue: p.Orders.Revenue, Segments: append([]string{}, slices.Sorted(maps.Keys(p.Segments))...),
	}
}

func interactionView(i heed.Interaction) Interaction {
	return Interaction{At: Time(i.At), Type: i.Type, Name: i.Name, Touchpoint: i.Touchpoint, Channel: i.Channel, Direction: i.Direction,
		Department: i.Department, Source: i.Source, Summary: i.Summary}
}

func consentViews(m map[string]heed.Consent) []Consent {
	out := make([]Consent, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		purpose, channel, _ := strings.Cut(k, "/")
		c := m[k]
		out = append(out, Consent{purpose, channel, c.State, Time(c.At), c.Source, c.Where, c.Act, c.Text})
	}
	return out
}

func blockedViews(m map[string]heed.Blocked) []Blocked {
	out := make([]Blocked, 0, len(m))
	for _, k := range slices.Sorted(maps.Keys(m)) {
		channel, address, _ := strings.Cut(k, ":")
		out = append(out, Blocked{channel, address, m[k].Reason, Time(m[k].At)})
	}
	return out
}

// nameOf is what to call somebody in a list.
func nameOf(p *heed.Person, ids []heed.Identifier) string {
	for _, t := range []string{"name", "full_name", "fullName"} {
		if s := textTrait(p, t); s != "" {
			return s
		}
	}
	for _, t := range [][2]string{{"first_name", "last_name"}, {"firstName", "lastName"}} {
		if s := strings.TrimSpace(textTrait(p, t[0]) + " " + textTrait(p, t[1])); s != "" {
			return s
		}
	}
	if s := textTrait(p, "email"); s != "" {
		return s
	}
	for _, i := range ids {
		if i.Namespace != heed.AnonymousID && i.Namespace != heed.Device {
			return i.Value
		}
	}
	return ""
}
