package api

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/heedcx/heed/internal/account"
)

// Invitation is a link with which somebody sets their password.
type Invitation struct {
	URL     string `json:"url" doc:"Shown once. Give it to them: it works once, for a week."`
	Expires Time   `json:"expires"`
}

func (s *server) registerInvites() {
	route(s, op{method: http.MethodPost, path: "/users/{id}/invite", id: "inviteUser", tag: "users", need: account.ManageUsers, audit: selfAudited, status: http.StatusCreated,
		summary: "Make a link with which a user sets their password", about: "For a new user, and for one who has forgotten it. A link from before ends."}, s.inviteUser)
	route(s, op{method: http.MethodPost, path: "/invite", id: "acceptInvite", tag: "session", need: account.Anyone, audit: selfAudited, maxBody: 16 << 10,
		summary: "Set a password with an invitation, and sign in", about: "Sets a session cookie. The link works once."}, s.acceptInvite)
}

func (s *server) inviteUser(ctx context.Context, in *IDPath) (*Body[Invitation], error) {
	id, err := parseID("id", in.ID)
	if err != nil {
		return nil, err
	}
	i, err := s.Accounts.InviteUser(ctx, s.actor(ctx), id)
	// Behind the #: it stays in the browser, out of the logs of every proxy on the way.
	return body(Invitation{URL: strings.TrimRight(s.PublicURL, "/") + "/invite#" + url.QueryEscape(i.Token), Expires: Time(i.Expires)}), err
}

func (s *server) acceptInvite(ctx context.Context, in *struct {
	Browser
	Body struct {
		Token    string `json:"token" minLength:"1" maxLength:"100"`
		Password string `json:"password" minLength:"12" maxLength:"1024"`
	}
}) (*signedIn, error) {
	ses, err := s.Accounts.AcceptInvite(ctx, in.Body.Token, in.Body.Password, s.credentials(ctx, in.Browser))
	return s.welcome(ses, err)
}
