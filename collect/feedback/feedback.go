package feedback

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/collect"
	"github.com/heedcx/heed/internal/clock"
)

// Where a message carries its id.
const (
	Header   = "X-Heed-Message" // of the mail
	Argument = "heed_message"   // SendGrid: custom argument; SES: tag; Postmark: metadata
)

// Names of the events.
const (
	Delivered    = "delivered"
	Bounced      = "bounced" // Properties: hard tells whether for good
	Complained   = "complained"
	Opened       = "opened"
	Clicked      = "clicked"
	Unsubscribed = "unsubscribed"
	Failed       = "failed"
)

// Sent is what we know of a message that we sent.
type Sent struct {
	ID, Person                         heed.ID
	Channel, Purpose, Journey, Address string
}

// Messages finds our messages; the ledger satisfies it.
type Messages interface {
	// Find returns the message of that id; false when there is none.
	Find(ctx context.Context, id heed.ID) (Sent, bool, error)
	// FindByProvider returns the message to which the next hop gave that id.
	FindByProvider(ctx context.Context, id string) (Sent, bool, error)
	// Untracked says whether the person refuses that opens and clicks are recorded, or is gone.
	Untracked(ctx context.Context, person heed.ID) (bool, error)
}

// Config is one webhook.
type Config struct {
	Kind      string   `json:"kind"`                 // ses, sendgrid, postmark, signed
	Topics    []string `json:"topics,omitempty"`     // ses: the ARNs of the SNS topics that may report; anyone can sign with his own
	PublicKey string   `json:"public_key,omitempty"` // sendgrid: the verification key, base64
	User      string   `json:"user,omitempty"`       // postmark: Basic authentication of the webhook's URL
	Password  string   `json:"password,omitempty"`
	Secret    string   `json:"secret,omitempty"`  // signed: at least 16 bytes
	Channel   string   `json:"channel,omitempty"` // of messages that are not found; "" is email
}

// Options of a [Handler]. All but Fetch are needed.
type Options struct {
	Sink     collect.Sink
	Messages Messages
	Clock    clock.Clock
	Log      *slog.Logger
	// Webhooks by the last part of their path: /webhooks/{name}.
	Webhooks map[string]Config
	// Fetch gets a certificate or confirms a subscription at Amazon. nil takes a client that follows no redirects and
	// opens no connection to a private address.
	Fetch func(ctx context.Context, url string) ([]byte, error)
}

// Windows outside of which a signed report is taken for a replay. Within 72 h a repeated report counts once because its
// message id is the same.
const (
	retried = 48 * time.Hour  // providers that try again for a day, with the old signature
	strict  = 5 * time.Minute // the neutral form, which is signed anew for each attempt
	ahead   = 5 * time.Minute // how far a sender's clock may be ahead
)

// report is one thing that a provider tells of a message.
type report struct {
	name     string
	message  heed.ID // zero: not said
	provider string  // the id that the next hop gave the message
	address  string
	at       heed.Time
	key      string // of the report, stable when it comes again
	hard     bool
	detail   string
	url      string
}

// properties is what a Feedback event says: the same keys as channel.Feedback.
type properties struct {
	Message  heed.ID `json:"message,omitzero"`
	Person   heed.ID `json:"person,omitzero"`
	Channel  string  `json:"channel,omitempty"`
	Purpose  string  `json:"purpose,omitempty"`
	Journey  string  `json:"journey,omitempty"`
	Address  string  `json:"address,omitempty"`
	Hard     bool    `json:"hard,omitempty"`
	Detail   string  `json:"detail,omitempty"`
	Provider string  `json:"provider,omitempty"`
	URL      string  `json:"url,omitempty"`
}

// Counts are a reading of a handler's counters.
type Counts struct {
	Accepted int64 // reports that became events
	Unknown  int64 // reports of messages that are not ours
	Ignored  int64 // kinds of reports that say nothing new (processed, deferred), opens and clicks of who refuses that
	Refused  int64 // requests with a wrong signature, an old one, or none
}

type counters struct{ accepted, unknown, ignored, refused atomic.Int64 }

// Counts reads the counters.
func (h *Handler) Counts() Counts {
	return Counts{h.n.accepted.Load(), h.n.unknown.Load(), h.n.ignored.Load(), h.n.refused.Load()}
}

// take turns reports into events and stores them.
func (h *Handler) take(ctx context.Context, webhook string, c Config, reports []report) error {
	now := h.o.Clock.Now()
	events := make([]heed.Event, 0, len(reports))
	for _, r := range reports {
		sent, found, err := h.find(ctx, r)
		if err != nil {
			return err
		}
		if found && (r.name == Opened || r.name == Clicked) {
			no, err := h.o.Messages.Untracked(ctx, sent.Person)
			if err != nil {
				return err
			}
			if no {
				h.n.ignored.Add(1)
				continue
			}
		}
		e, ok := event(webhook, c, r, sent, found, now)
		if !ok {
			h.n.unknown.Add(1)
			continue
		}
		events = append(events, e)
	}
	if len(events) == 0 {
		return nil
	}
	if _, err := h.o.Sink.Write(ctx, events); err != nil {
		return err
	}
	h.n.accepted.Add(int64(len(events)))
	return nil
}

func (h *Handler) find(ctx context.Context, r report) (Sent, bool, error) {
	if !r.message.IsZero() {
		if s, ok, err := h.o.Messages.Find(ctx, r.message); ok || err != nil {
			return s, ok, err
		}
	}
	if r.provider != "" {
		return h.o.Messages.FindByProvider(ctx, r.provider)
	}
	return Sent{}, false, nil
}

// event makes the Feedback event. A report of a message that is not ours is worth something only when it says that an
// address does not want or does not get mail.
func event(webhook string, c Config, r report, s Sent, found bool, now heed.Time) (heed.Event, bool) {
	if !found {
		s = Sent{}
	}
	p := properties{Message: s.ID, Person: s.Person, Channel: s.Channel, Purpose: s.Purpose, Journey: s.Journey, Address: s.Address,
		Hard: r.hard, Detail: cut(r.detail), Provider: cut(r.provider), URL: cut(r.url)}
	if p.Address == "" {
		p.Address = strings.ToLower(cut(r.address))
	}
	e := heed.Event{Type: heed.Feedback, Name: r.name, Source: "heed", ReceivedAt: now, Timestamp: r.at,
		Touchpoint: "Message", Direction: heed.Outbound}
	switch {
	case found:
		e.IDs = []heed.Identifier{{Namespace: "person_id", Value: s.Person.String()}}
	case p.Address != "" && (r.name == Complained || r.name == Unsubscribed || r.name == Bounced && r.hard):
		if p.Channel = c.Channel; p.Channel == "" {
			p.Channel = heed.Email
		}
		namespace := heed.Email
		if p.Channel != heed.Email {
			namespace = heed.Phone
		}
		e.IDs = []heed.Identifier{{Namespace: namespace, Value: p.Address}}
	default:
		return e, false
	}
	switch r.name {
	case Opened, Clicked, Unsubscribed, Complained:
		e.Direction = heed.Inbound
	}
	if e.Timestamp == 0 || e.Timestamp > now {
		e.Timestamp = now
	}
	e.Channel = p.Channel
	e.MessageID = "feedback:" + p.Message.String() + ":" + r.name + ":" + webhook + ":" + cut(r.key)
	body, err := json.Marshal(p)
	if err != nil { // strings, booleans and ids always encode
		return e, false
	}
	if e.Properties, err = collect.CheckJSON(body); err != nil {
		return e, false
	}
	return e, true
}

// cut bounds what a report says.
func cut(s string) string {
	if len(s) > 1000 {
		return strings.ToValidUTF8(s[:1000], "")
	}
	return s
}

// messageOf reads our message's id: an id, or a Message-Id header (<id@domain>).
func messageOf(candidates ...string) heed.ID {
	for _, s := range candidates {
		s, _, _ = strings.Cut(strings.Trim(strings.TrimSpace(s), "<>"), "@")
		if id, err := heed.ParseID(strings.ToLower(s)); err == nil {
			return id
		}
	}
	return heed.ID{}
}
