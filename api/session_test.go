package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/internal/account"
)

// login returns the cookie of a new session.
func (b *bench) login(email string) string {
	b.t.Helper()
	a := b.do(request{method: "POST", path: "/session", body: map[string]string{"email": email, "password": password}, noAuth: true}).is(200)
	c := a.Cookies()
	if len(c) != 1 || !c[0].HttpOnly || c[0].SameSite != http.SameSiteLaxMode || c[0].Path != "/" || c[0].MaxAge != 14*24*3600 {
		b.t.Fatalf("the cookie is %v", c)
	}
	return c[0].Name + "=" + c[0].Value
}

func TestSetupSignInSignOut(t *testing.T) {
	each(t, nil, func(b *bench) {
		b.do(request{method: "GET", path: "/setup", noAuth: true}).is(200).says(`"needed":true`)
		token, err := b.accounts.SetupToken(context.Background())
		if err != nil {
			b.t.Fatal(err)
		}
		who := map[string]string{"token": "wrong", "email": "o@x.example", "name": "O", "password": password}
		b.do(request{method: "POST", path: "/setup", body: who, noAuth: true}).is(401)
		who["token"] = token
		b.do(request{method: "POST", path: "/setup", body: who, noAuth: true}).is(201).says(`"role":"owner"`, `"users:manage"`)
		b.do(request{method: "GET", path: "/setup", noAuth: true}).is(200).says(`"needed":false`)
		b.do(request{method: "POST", path: "/setup", body: who, noAuth: true}).is(409)

		cookie := b.login("o@x.example")
		with := map[string]string{"Cookie": cookie, "X-Heed-Console": "1"}
		b.do(request{method: "GET", path: "/session", header: with, noAuth: true}).is(200).says(`"name":"o@x.example"`)
		b.do(request{method: "PUT", path: "/session/password", header: with, noAuth: true, body: map[string]string{"old": "wrong wrong wrong", "new": "another password"}}).is(422)
		b.do(request{method: "PUT", path: "/session/password", header: with, noAuth: true, body: map[string]string{"old": password, "new": "another password"}}).is(204)
		out := b.do(request{method: "DELETE", path: "/session", header: with, noAuth: true}).is(204)
		if c := out.Cookies(); len(c) != 1 || c[0].MaxAge >= 0 {
			b.t.Errorf("signing out leaves the cookie: %v", c)
		}
		b.do(request{method: "GET", path: "/session", header: with, noAuth: true}).is(401)
		b.do(request{method: "GET", path: "/session"}).is(200).says(`"via":"api_key"`)
		b.do(request{method: "PUT", path: "/session/password", body: map[string]string{"old": password, "new": "another password"}}).is(403)
	})
}

func TestForgeryIsRefused(t *testing.T) {
	b := one(t, nil)
	b.newUser("o@x.example", account.Owner)
	cookie := b.login("o@x.example")
	user := map[string]string{"email": "n@x.example", "name": "N", "role": "viewer", "password": password}
	for name, c := range map[string]struct {
		header map[string]string
		want   int
	}{
		"the console":             {map[string]string{"X-Heed-Console": "1", "Sec-Fetch-Site": "same-origin"}, 201},
		"without our header":      {map[string]string{"Sec-Fetch-Site": "same-origin"}, 403},
		"another site":            {map[string]string{"X-Heed-Console": "1", "Sec-Fetch-Site": "cross-site"}, 403},
		"a sister domain":         {map[string]string{"X-Heed-Console": "1", "Sec-Fetch-Site": "same-site"}, 403},
		"an old browser, foreign": {map[string]string{"X-Heed-Console": "1", "Origin": "https://evil.example"}, 403},
		"an old browser, ours":    {map[string]string{"X-Heed-Console": "1", "Origin": "http://example.com"}, 201},
	} {
		c.header["Cookie"] = cookie
		user["email"] = strings.ReplaceAll(strings.ReplaceAll(name, " ", ""), ",", "") + "@x.example"
		a := b.do(request{method: "POST", path: "/users", body: user, header: c.header, noAuth: true})
		if a.StatusCode != c.want {
			t.Errorf("%s: %d, want %d: %s", name, a.StatusCode, c.want, a.text)
		}
	}
	// Signing somebody in from another site is refused too.
	b.do(request{method: "POST", path: "/session", noAuth: true, header: map[string]string{"Sec-Fetch-Site": "cross-site"},
		body: map[string]string{"email": "o@x.example", "password": password}}).is(403)
	// A key in the request cannot be forged.
	user["email"] = "key@x.example"
	b.do(request{method: "POST", path: "/users", body: user, header: map[string]string{"Sec-Fetch-Site": "cross-site"}}).is(201)
}

func TestSecureCookieWithHTTPS(t *testing.T) {
	b := one(t, func(d *api.Deps) { d.PublicURL = "https://heed.example" })
	b.newUser("o@x.example", account.Owner)
	a := b.do(request{method: "POST", path: "/session", body: map[string]string{"email": "o@x.example", "password": password}, noAuth: true,
		header: map[string]string{"Origin": "https://heed.example"}}).is(200)
	c := a.Cookies()[0]
	if !c.Secure || c.Name != "__Host-heed_session" || c.Domain != "" {
		t.Errorf("the cookie is %v", c)
	}
	if a.Header.Get("Strict-Transport-Security") == "" {
		t.Error("no HSTS")
	}
	b.do(request{method: "GET", path: "/session", header: map[string]string{"Cookie": c.Name + "=" + c.Value}, noAuth: true}).is(200)
	b.do(request{method: "GET", path: "/session", header: map[string]string{"Cookie": "heed_session=" + c.Value}, noAuth: true}).is(401)
}

func TestLoginThrottleSaysWhen(t *testing.T) {
	b := one(t, nil)
	b.newUser("o@x.example", account.Owner)
	wrong := request{method: "POST", path: "/session", body: map[string]string{"email": "o@x.example", "password": "wrong wrong wrong"}, noAuth: true}
	for range 5 {
		b.do(wrong).is(401)
	}
	a := b.do(wrong).is(429)
	if s := a.Header.Get("Retry-After"); s != "3" {
		t.Errorf("Retry-After %q", s)
	}
	b.clock.Advance(3 * time.Second)
	b.do(wrong).is(401)
	if strings.Contains(b.log.String(), "wrong wrong") {
		t.Error("a password is in the log")
	}
}
