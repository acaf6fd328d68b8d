package api

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/oauth2"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/account"
)

// OIDC says how people sign in with an identity provider besides their passwords.
type OIDC struct {
	Title        string // of the button: "Lumen staff"
	Issuer       string
	ClientID     string
	ClientSecret string
	// Claim names the claim of the id token that roles come from: a text or a list of texts.
	Claim string
	// Roles maps values of the claim to roles. The mightiest that fits is taken.
	Roles map[string]account.Role
}

// oidcFlow is one way to the provider and back, kept in a cookie of the browser that began it.
type oidcFlow struct {
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	To       string `json:"t"`
}

const (
	oidcLife  = 10 * time.Minute
	oidcAsked = 10 * time.Second // what the provider may take
)

// oidcClient asks the provider what it is when it is first needed, and again until it has answered: a provider that is
// down does not keep Heed from starting.
type oidcClient struct {
	OIDC
	back string

	mu       sync.Mutex
	provider *oidc.Provider
}

func (c *oidcClient) ready(ctx context.Context) (*oidc.Provider, *oauth2.Config, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.provider == nil {
		// The provider keeps its context for fetching keys later on: it must outlive the request.
		p, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), &http.Client{Timeout: oidcAsked}), c.Issuer)
		if err != nil {
			return nil, nil, &heed.Error{Code: heed.Unavailable, Message: "The identity provider does not answer. Sign in with your password, or try again in a moment.", Cause: err}
		}
		c.provider = p
	}
	return c.provider, &oauth2.Config{ClientID: c.ClientID, ClientSecret: c.ClientSecret, Endpoint: c.provider.Endpoint(), RedirectURL: c.back, Scopes: []string{oidc.ScopeOpenID, "profile", "email"}}, nil
}

func random() string {
	var b [32]byte
	_, _ = rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// oidcCookie goes only to the way back, and comes along when the provider sends the browser there.
func (s *server) oidcCookie(value string, maxAge int) http.Cookie {
	return http.Cookie{Name: "heed_oidc", Value: value, Path: Prefix + "/session/oidc", MaxAge: maxAge, HttpOnly: true, Secure: s.https, SameSite: http.SameSiteLaxMode}
}

type redirect struct {
	Status    int
	Location  string        `header:"Location"`
	SetCookie []http.Cookie `header:"Set-Cookie"`
}

func (s *server) registerOIDC() {
	anyone := op{method: http.MethodGet, tag: "session", need: account.Anyone, status: http.StatusSeeOther}
	begin := anyone
	begin.path, begin.id, begin.summary = "/session/oidc", "beginOIDC", "Sign in with the identity provider"
	begin.about = "For browsers: leads to the provider, which leads back."
	route(s, begin, s.beginOIDC)
	back := anyone
	back.path, back.id, back.summary = "/session/oidc/back", "endOIDC", "Where the identity provider leads back to"
	h := s.operation(back)
	h.SkipValidateParams = true // providers add what they like
	huma.Register(s.api, h, s.endOIDC)
}

func (s *server) beginOIDC(ctx context.Context, in *struct {
	To string `query:"to" maxLength:"500" doc:"Page of the console to go to afterwards."`
}) (*redirect, error) {
	if s.oidc == nil {
		return nil, heed.Errorf(heed.NotFound, "No identity provider is set up: start Heed with --oidc-issuer.")
	}
	_, cfg, err := s.oidc.ready(ctx)
	if err != nil {
		return nil, err
	}
	flow := oidcFlow{State: random(), Nonce: random(), Verifier: oauth2.GenerateVerifier(), To: inside(in.To)}
	text, err := json.Marshal(flow)
	if err != nil {
		return nil, err
	}
	to := cfg.AuthCodeURL(flow.State, oidc.Nonce(flow.Nonce), oauth2.S256ChallengeOption(flow.Verifier))
	return &redirect{Status: http.StatusSeeOther, Location: to, SetCookie: []http.Cookie{s.oidcCookie(base64.RawURLEncoding.EncodeToString(text), int(oidcLife/time.Second))}}, nil
}

// inside is an address of the console; anything else is its home.
func inside(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.Contains(to, `\`) {
		return "/"
	}
	return to
}

// endOIDC never answers with a problem: a person looks at it. What went wrong is shown on the sign-in page.
func (s *server) endOIDC(ctx context.Context, in *struct {
	Browser
	Flow  string `cookie:"heed_oidc" hidden:"true"`
	State string `query:"state" maxLength:"1000"`
	Code  string `query:"code" maxLength:"5000"`
	Error string `query:"error" maxLength:"1000"`
	About string `query:"error_description" maxLength:"2000"`
}) (*redirect, error) {
	over := s.oidcCookie("", -1)
	ses, to, err := s.finishOIDC(ctx, in.Flow, in.State, in.Code, in.Error, s.credentials(ctx, in.Browser))
	if err != nil {
		p := problem(ctx, err)
		s.Log.WarnContext(ctx, "sign-in with the identity provider failed", "err", err, "provider", in.Error+" "+in.About)
		return &redirect{Status: http.StatusSeeOther, Location: "/login?trouble=" + url.QueryEscape(p.Detail), SetCookie: []http.Cookie{over}}, nil
	}
	return &redirect{Status: http.StatusSeeOther, Location: to, SetCookie: []http.Cookie{over, s.cookie(ses.Token, int(ses.Expires.Sub(ses.Made)/time.Second))}}, nil
}

func (s *server) finishOIDC(ctx context.Context, kept, state, code, refused string, c account.Credentials) (ses account.Session, to string, err error) {
	again := heed.Errorf(heed.Unauthorized, "This sign-in was not begun in this browser, or took too long. Try again.")
	var flow oidcFlow
	text, err := base64.RawURLEncoding.DecodeString(kept)
	if s.oidc == nil || err != nil || json.Unmarshal(text, &flow) != nil || flow.State == "" || subtle.ConstantTimeCompare([]byte(flow.State), []byte(state)) != 1 {
		return ses, "", again
	}
	if refused != "" || code == "" {
		return ses, "", heed.Errorf(heed.Unauthorized, "The identity provider did not sign you in.")
	}
	provider, cfg, err := s.oidc.ready(ctx)
	if err != nil {
		return ses, "", err
	}
	ctx = oidc.ClientContext(ctx, &http.Client{Timeout: oidcAsked})
	token, err := cfg.Exchange(ctx, code, oauth2.VerifierOption(flow.Verifier))
	if err != nil {
		return ses, "", &heed.Error{Code: heed.Unauthorized, Message: "The identity provider did not confirm the sign-in. Try again.", Cause: err}
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := provider.Verifier(&oidc.Config{ClientID: s.oidc.ClientID, Now: s.Clock.Now().Std}).Verify(ctx, raw)
	if err != nil {
		return ses, "", &heed.Error{Code: heed.Unauthorized, Message: "What the identity provider says cannot be trusted. Tell an administrator.", Cause: err}
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(flow.Nonce)) != 1 {
		return ses, "", again
	}
	who, err := s.oidc.external(id)
	if err != nil {
		return ses, "", err
	}
	ses, err = s.Accounts.SignInExternal(ctx, who, c)
	return ses, flow.To, err
}

// external reads the claims.
func (c *oidcClient) external(id *oidc.IDToken) (account.External, error) {
	var known struct {
		Email    string `json:"email"`
		Verified any    `json:"email_verified"` // some providers send a text
		Name     string `json:"name"`
	}
	var all map[string]any
	if err := id.Claims(&known); err != nil {
		return account.External{}, err
	}
	if err := id.Claims(&all); err != nil {
		return account.External{}, err
	}
	out := account.External{Issuer: id.Issuer, Subject: id.Subject, Email: known.Email, Name: known.Name, Verified: known.Verified == true || known.Verified == "true"}
	var values []string
	switch v := all[c.Claim].(type) {
	case string:
		values = []string{v}
	case []any:
		for _, one := range v {
			if text, ok := one.(string); ok {
				values = append(values, text)
			}
		}
	}
	for _, role := range account.Roles { // the mightiest first
		for _, value := range values {
			if c.Roles[value] == role {
				out.Role = role
				return out, nil
			}
		}
	}
	return out, nil
}

// RolesOf reads a mapping "staff=service" for OIDC.Roles.
func RolesOf(pairs []string) (map[string]account.Role, error) {
	out := map[string]account.Role{}
	for _, pair := range pairs {
		value, name, ok := strings.Cut(pair, "=")
		role, err := account.ParseRole(name)
		if !ok || value == "" || err != nil || role == account.Owner {
			return nil, heed.FieldErrorf("oidc-roles", "want VALUE=ROLE with a role besides owner, such as heed-service=service, got %q", pair)
		}
		out[value] = role
	}
	return out, nil
}
