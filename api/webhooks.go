package api

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
	"github.com/heedcx/heed/internal/spec"
)

// Try is one attempt to hand a message over, or somebody's wish for another one.
type Try struct {
	At     Time    `json:"at"`
	Millis float64 `json:"millis,omitempty" doc:"How long the request took."`
	Status int     `json:"status,omitempty" doc:"The HTTP status of the answer; absent when there was none."`
	Detail string  `json:"detail,omitempty" say:"sentence" doc:"The first words of the answer, or why there was none."`
	By     string  `json:"by,omitempty" doc:"Who wanted it sent again."`
}

// WebhookSecret signs what Heed posts to other systems.
type WebhookSecret struct {
	Secret string `json:"secret" doc:"whsec_..., as Standard Webhooks has it. It is shown this once."`
}

func (s *server) registerWebhooks() {
	route(s, op{method: http.MethodPost, path: "/webhooks/secret", id: "rotateWebhookSecret", tag: "channels", need: account.ManageData, audit: selfAudited,
		summary: "Make a new secret that signs webhooks", about: "It is in force at once: receivers that still check with the old one refuse what comes. The answer is the only time that it is shown."}, s.rotateWebhookSecret)
	route(s, op{method: http.MethodGet, path: "/messages/{id}/tries", id: "listTries", tag: "messages", need: account.ReadPeople, needs: s.Deliveries, what: messagesDep,
		summary: "What each attempt to hand a message over came to, the oldest first", about: "Webhooks tell; mail servers answer many mails at a time."}, s.listTries)
	route(s, op{method: http.MethodPost, path: "/messages/{id}/resend", id: "resendMessage", tag: "messages", need: account.ManageData, needs: s.Deliveries, what: messagesDep,
		audit: "message.resend", status: http.StatusAccepted, summary: "Send a webhook once more",
		about: "Under the same webhook-id, so that the receiver can tell that it has it already. It passes the gate again: nothing goes about somebody who has opted out meanwhile."}, s.resendMessage)
}

func (s *server) listTries(ctx context.Context, in *IDPath) (*Body[Page[Try]], error) {
	id, err := parseID("id", in.ID)
	if err != nil {
		return nil, err
	}
	list, err := s.Deliveries.Tries(ctx, id)
	return page(list, ""), err
}

func (s *server) resendMessage(ctx context.Context, in *IDPath) (*Body[Message], error) {
	id, err := parseID("id", in.ID)
	if err != nil {
		return nil, err
	}
	m, err := s.Messages.Message(ctx, id)
	if err != nil {
		return nil, err
	}
	if m.Channel != "webhook" {
		return nil, heed.Errorf(heed.Conflict, "Only webhooks are sent again by hand: they carry an id by which the receiver can tell. A person would get this %s message twice.", m.Channel)
	}
	note(ctx, "message "+in.ID, nil, nil)
	m, err = s.Deliveries.Resend(ctx, id, s.actor(ctx).Name)
	return body(messageView(m)), err
}

func (s *server) rotateWebhookSecret(ctx context.Context, _ *struct{}) (*Body[WebhookSecret], error) {
	set, err := s.current(ctx)
	if err != nil {
		return nil, err
	}
	fields := map[string]any{}
	had, _ := set.Get(spec.Channel, "webhook")
	if len(had.Body) > 0 {
		if err := json.Unmarshal(had.Body, &fields); err != nil {
			return nil, heed.Errorf(heed.Conflict, "The spec of channel webhook cannot be read: %v", err)
		}
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // it does not fail
	secret := "whsec_" + base64.StdEncoding.EncodeToString(key)
	delete(fields, "secret_env")
	delete(fields, "secret_file")
	fields["secret"] = secret
	text, err := json.Marshal(fields)
	if err != nil {
		return nil, err
	}
	x, err := spec.ReadJSON(spec.Channel, "webhook", text)
	if err != nil {
		return nil, err
	}
	if err := s.Checks.Check(set.With(x), func(k spec.Key) bool { return k == spec.Key{Kind: x.Kind, Name: x.Name} }); err != nil {
		return nil, err
	}
	if _, err := s.apply(ctx, set, spec.Plan(set, spec.SetOf(x), false)); err != nil {
		return nil, err
	}
	return body(WebhookSecret{Secret: secret}), nil
}
