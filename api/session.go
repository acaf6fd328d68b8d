package api

import (
	"context"
	"net/http"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
)

// Me is who asks.
type Me struct {
	Via         string   `json:"via" enum:"user,api_key"`
	ID          ID       `json:"id"`
	Name        string   `json:"name" doc:"E-mail address of a user, name of a key."`
	Called      string   `json:"called,omitempty" doc:"What a user is called."`
	Role        string   `json:"role,omitempty"`
	Department  string   `json:"department,omitempty"`
	Permissions []string `json:"permissions" nullable:"false"`
}

func meView(w *account.Who) Me {
	m := Me{Via: w.Via, ID: ID(w.ID), Name: w.Name, Called: w.Called, Role: string(w.Role), Department: w.Department, Permissions: []string{}}
	for _, p := range account.Permissions() {
		if w.May(p) {
			m.Permissions = append(m.Permissions, string(p))
		}
	}
	return m
}

// signedIn is an answer that sets the session cookie.
type signedIn struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
	Body      Me
}

func (s *server) registerSession() {
	anyone := func(method, path, id, summary, about, audit string, status int) op {
		return op{method: method, path: path, id: id, tag: "session", need: account.Anyone, summary: summary, about: about, audit: audit, status: status, maxBody: 16 << 10}
	}
	route(s, anyone(http.MethodGet, "/setup", "getSetup", "Whether somebody has to set Heed up", "", "", 0), s.getSetup)
	route(s, anyone(http.MethodPost, "/setup", "setup", "Make the first owner", "Takes the one-time token that Heed printed when it started.", selfAudited, http.StatusCreated), s.setup)
	route(s, anyone(http.MethodPost, "/session", "login", "Sign in", "Sets a session cookie. Failed attempts are counted per account and per address.", selfAudited, 0), s.login)
	route(s, anyone(http.MethodDelete, "/session", "logout", "Sign out", "", notAudited, http.StatusNoContent), s.logout)
	route(s, op{method: http.MethodGet, path: "/session", id: "getSession", tag: "session", need: account.SignedIn, summary: "Who am I, and what may I do?"}, s.getSession)
	route(s, op{method: http.MethodPut, path: "/session/password", id: "changePassword", tag: "session", need: account.SignedIn, audit: selfAudited, status: http.StatusNoContent,
		maxBody: 16 << 10, summary: "Change my password", about: "Ends all other sessions."}, s.changePassword)
}

// SetupState says whether somebody has to set Heed up.
type SetupState struct {
	Needed bool `json:"needed"`
	// Provider is the title of the identity provider that people can sign in with besides their password.
	Provider string `json:"provider,omitempty"`
}

func (s *server) getSetup(ctx context.Context, _ *struct{}) (*Body[SetupState], error) {
	needed, err := s.Accounts.NeedsSetup(ctx)
	out := SetupState{Needed: needed}
	if s.oidc != nil {
		out.Provider = s.oidc.Title
	}
	return body(out), err
}

// Browser are the headers that tell which browser it is.
type Browser struct {
	Agent   string `header:"User-Agent" hidden:"true"`
	Session string `cookie:"heed_session" hidden:"true"`
	Host    string `cookie:"__Host-heed_session" hidden:"true"`
}

func (s *server) credentials(ctx context.Context, c Browser) account.Credentials {
	had := c.Session
	if s.https {
		had = c.Host
	}
	return account.Credentials{Address: addressFrom(ctx), Agent: c.Agent, Replaces: had, Request: requestID(ctx)}
}

func (s *server) setup(ctx context.Context, in *struct {
	Browser
	Body struct {
		Token    string `json:"token" minLength:"1" maxLength:"100"`
		Email    string `json:"email" maxLength:"254" format:"email"`
		Name     string `json:"name" minLength:"1" maxLength:"100"`
		Password string `json:"password" minLength:"12" maxLength:"1024"`
	}
}) (*signedIn, error) {
	b := in.Body
	ses, err := s.Accounts.Setup(ctx, b.Token, account.NewUser{Email: b.Email, Name: b.Name, Password: b.Password}, s.credentials(ctx, in.Browser))
	return s.welcome(ses, err)
}

func (s *server) login(ctx context.Context, in *struct {
	Browser
	Body struct {
		Email    string `json:"email" maxLength:"254"`
		Password string `json:"password" maxLength:"1024"`
	}
}) (*signedIn, error) {
	c := s.credentials(ctx, in.Browser)
	c.Email, c.Password = in.Body.Email, in.Body.Password
	ses, err := s.Accounts.Login(ctx, c)
	return s.welcome(ses, err)
}

func (s *server) welcome(ses account.Session, err error) (*signedIn, error) {
	if err != nil {
		return nil, err
	}
	who := ses.User.Who()
	return &signedIn{SetCookie: s.cookie(ses.Token, int(ses.Expires.Sub(ses.Made)/time.Second)), Body: meView(&who)}, nil
}

func (s *server) logout(ctx context.Context, in *Browser) (*struct {
	SetCookie http.Cookie `header:"Set-Cookie"`
}, error) {
	out := &struct {
		SetCookie http.Cookie `header:"Set-Cookie"`
	}{s.cookie("", -1)}
	if token := s.credentials(ctx, *in).Replaces; token != "" {
		return out, s.Accounts.Logout(ctx, token)
	}
	return out, nil
}

func (s *server) getSession(ctx context.Context, _ *struct{}) (*Body[Me], error) {
	return body(meView(WhoFrom(ctx))), nil
}

func (s *server) changePassword(ctx context.Context, in *struct {
	Body struct {
		Old string `json:"old" maxLength:"1024"`
		New string `json:"new" minLength:"12" maxLength:"1024"`
	}
}) (*struct{}, error) {
	token, ok := ctx.Value(sessionKey{}).(string)
	if !ok {
		return nil, heed.Errorf(heed.Forbidden, "A key has no password: sign in as yourself.")
	}
	return &struct{}{}, s.Accounts.ChangePassword(ctx, s.actor(ctx), token, in.Body.Old, in.Body.New)
}
