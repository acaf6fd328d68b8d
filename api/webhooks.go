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

// WebhookSecret signs what Heed posts to other systems.
type WebhookSecret struct {
	Secret string `json:"secret" doc:"whsec_..., as Standard Webhooks has it. It is shown this once."`
}

func (s *server) registerWebhooks() {
	route(s, op{method: http.MethodPost, path: "/webhooks/secret", id: "rotateWebhookSecret", tag: "channels", need: account.ManageData, audit: selfAudited,
		summary: "Make a new secret that signs webhooks", about: "It is in force at once: receivers that still check with the old one refuse what comes. The answer is the only time that it is shown."}, s.rotateWebhookSecret)
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
