package api

import (
	"context"
	"net/http"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
)

// Key is an API key or a write key.
type Key struct {
	ID      ID       `json:"id"`
	Kind    string   `json:"kind" enum:"write,api"`
	Name    string   `json:"name"`
	Prefix  string   `json:"prefix,omitempty" doc:"How it begins."`
	Key     string   `json:"key,omitempty" doc:"The key itself: of a write key always, of an API key only in the answer that made it."`
	Source  string   `json:"source,omitempty"`
	Scopes  []string `json:"scopes" nullable:"false"`
	Made    Time     `json:"made"`
	MadeBy  string   `json:"made_by,omitempty"`
	Expires Time     `json:"expires,omitzero"`
	Revoked Time     `json:"revoked,omitzero"`
	Used    Time     `json:"used,omitzero" doc:"Last use, roughly."`
}

func keyView(k account.Key) Key {
	return Key{ID(k.ID), k.Kind, k.Name, k.Prefix, k.Secret, k.Source, append([]string{}, k.Scopes...), Time(k.Made), k.MadeBy, Time(k.Expires), Time(k.Revoked), Time(k.Used)}
}

func (s *server) registerKeys() {
	keys := func(method, path, id, summary, audit string, status int) op {
		return op{method: method, path: path, id: id, tag: "keys", need: account.ManageKeys, summary: summary, audit: audit, status: status, maxBody: 16 << 10}
	}
	route(s, keys(http.MethodGet, "/keys", "listKeys", "Keys", "", 0), s.listKeys)
	route(s, keys(http.MethodPost, "/keys", "createKey", "Make a key", selfAudited, http.StatusCreated), s.createKey)
	route(s, keys(http.MethodDelete, "/keys/{id}", "revokeKey", "Revoke a key", selfAudited, http.StatusNoContent), s.revokeKey)
}

func (s *server) listKeys(ctx context.Context, _ *struct{}) (*Body[Page[Key]], error) {
	list, err := s.Accounts.Keys(ctx)
	return page(each(list, keyView), ""), err
}

func (s *server) createKey(ctx context.Context, in *struct {
	Body struct {
		Kind    string   `json:"kind" enum:"write,api" doc:"write: public, for SDKs in browsers and apps. api: secret."`
		Name    string   `json:"name" minLength:"1" maxLength:"100"`
		Source  string   `json:"source,omitempty" maxLength:"64" pattern:"^[A-Za-z0-9][A-Za-z0-9_.-]*$" doc:"Write keys: the source whose events it carries."`
		Scopes  []string `json:"scopes,omitempty" maxItems:"30" doc:"API keys: roles (admin, marketer, service, analyst, viewer) and permissions (people:read, events:write, ...)."`
		Expires Time     `json:"expires,omitzero"`
	}
}) (*Body[Key], error) {
	b := in.Body
	k, err := s.Accounts.CreateKey(ctx, s.actor(ctx), account.NewKey{Kind: b.Kind, Name: b.Name, Source: b.Source, Scopes: b.Scopes, Expires: heed.Time(b.Expires)})
	return body(keyView(k)), err
}

func (s *server) revokeKey(ctx context.Context, in *IDPath) (*struct{}, error) {
	id, err := parseID("id", in.ID)
	if err != nil {
		return nil, err
	}
	return &struct{}{}, s.Accounts.RevokeKey(ctx, s.actor(ctx), id)
}
