package api_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/internal/account"
	"github.com/heedcx/heed/internal/testx"
)

// office is a console behind a real listener, with an identity provider beside it.
type office struct {
	*bench
	provider *testx.OIDCProvider
	url      string
}

func withProvider(t *testing.T, f func(o *office)) {
	t.Helper()
	door := httptest.NewUnstartedServer(nil)
	var o office
	each(t, func(d *api.Deps) {
		o.provider = testx.NewOIDCProvider(t, d.Clock.Now().Std)
		d.PublicURL = "http://" + door.Listener.Addr().String()
		d.OIDC = &api.OIDC{Title: "Staff", Issuer: o.provider.URL, ClientID: o.provider.ClientID, ClientSecret: o.provider.ClientSecret, Claim: "groups",
			Roles: map[string]account.Role{"care": account.Agent, "heed-admins": account.Admin}}
	}, func(b *bench) {
		o.bench = b
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasPrefix(r.URL.Path, "/api/") { // the console itself
				return
			}
			b.handler.ServeHTTP(w, r)
		}))
		b.t.Cleanup(s.Close)
		// The way back is on the address that the API was told.
		o.url = s.URL
		f(&o)
	})
	door.Close()
}

// browser is somebody's browser.
func (o *office) browser() *http.Client {
	jar, _ := cookiejar.New(nil)
	return &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if public, _ := url.Parse(o.deps.PublicURL); r.URL.Host == public.Host { // as if the name led here
			here, _ := url.Parse(o.url)
			r.URL.Host, r.Host = here.Host, here.Host
		}
		return nil
	}}
}

// signIn follows the whole way and returns where it ends and what GET /session says.
func (o *office) signIn(c *http.Client) (end *url.URL, me answer) {
	o.t.Helper()
	res, err := c.Get(o.url + api.Prefix + "/session/oidc?to=/people%3Fq%3Dann")
	if err != nil {
		o.t.Fatal(err)
	}
	_ = res.Body.Close()
	here, _ := url.Parse(o.url)
	cookies := []string{}
	for _, k := range c.Jar.Cookies(here) {
		cookies = append(cookies, k.Name+"="+k.Value)
	}
	return res.Request.URL, o.do(request{method: "GET", path: "/session", noAuth: true, header: map[string]string{"Cookie": strings.Join(cookies, "; ")}})
}

func (o *office) trouble(claims map[string]any, spoil func(map[string]any), want string) {
	o.t.Helper()
	o.provider.SignIn(claims, spoil)
	end, me := o.signIn(o.browser())
	if end.Path != "/login" || !strings.Contains(end.Query().Get("trouble"), want) {
		o.t.Errorf("ended at %s, want trouble with %q", end, want)
	}
	me.is(401)
}

func TestSignInWithAnIdentityProvider(t *testing.T) {
	withProvider(t, func(o *office) {
		ann := map[string]any{"sub": "1", "email": "Ann@lumen.example", "email_verified": true, "name": "Ann", "groups": []string{"all", "care"}}
		o.provider.SignIn(ann, nil)
		end, me := o.signIn(o.browser())
		if end.Path != "/people" || end.RawQuery != "q=ann" {
			o.t.Errorf("ended at %s", end)
		}
		var who api.Me
		me.is(200).into(&who)
		if who.Role != "service" || who.Name != "ann@lumen.example" {
			o.t.Errorf("%+v", who)
		}
		// The role follows the claims; the address may change, the subject stays.
		ann["groups"], ann["email"] = "heed-admins", "ann.new@lumen.example"
		_, me = o.signIn(o.browser())
		me.is(200).into(&who)
		if who.Role != "admin" || who.Name != "ann@lumen.example" {
			o.t.Errorf("%+v", who)
		}
		// They have no password, and none is accepted.
		o.do(request{method: "POST", path: "/session", noAuth: true, body: map[string]string{"email": "ann@lumen.example", "password": ""}}).is(401)

		// A user who was here before is joined by a verified address only, and an owner stays one.
		o.newUser("olga@lumen.example", account.Owner)
		olga := map[string]any{"sub": "2", "email": "olga@lumen.example", "groups": "care"}
		o.trouble(olga, nil, "does not say that the address is yours")
		olga["email_verified"] = "true"
		_, me = o.signIn(o.browser())
		me.is(200).into(&who)
		if who.Role != "owner" {
			o.t.Errorf("%+v", who)
		}

		o.trouble(map[string]any{"sub": "3", "email": "x@lumen.example", "email_verified": true, "groups": "strangers"}, nil, "no role here")
		o.trouble(map[string]any{"sub": "3", "groups": "care"}, nil, "no e-mail address")
		for what, spoil := range map[string]func(map[string]any){
			"another audience": func(c map[string]any) { c["aud"] = "somebody else" },
			"another issuer":   func(c map[string]any) { c["iss"] = "https://evil.example" },
			"an old token":     func(c map[string]any) { c["exp"] = c["iat"].(int64) - 3600 },
		} {
			o.t.Log(what)
			o.trouble(ann, spoil, "cannot be trusted")
		}
		o.trouble(ann, func(c map[string]any) { c["nonce"] = "replayed" }, "not begun in this browser")
	})
}

func TestTheWayBackTakesOnlyWhatThisBrowserBegan(t *testing.T) {
	withProvider(t, func(o *office) {
		for _, path := range []string{"?code=x&state=y", "", "?error=access_denied&state=z"} {
			res := o.do(request{method: "GET", path: "/session/oidc/back" + path, noAuth: true}).is(303)
			if to := res.Header.Get("Location"); !strings.HasPrefix(to, "/login?trouble=") {
				o.t.Errorf("%s leads to %s", path, to)
			}
		}
		begun := o.do(request{method: "GET", path: "/session/oidc?to=https://evil.example", noAuth: true}).is(303)
		cookie := begun.Header.Get("Set-Cookie")
		if !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") || !strings.Contains(begun.Header.Get("Location"), "code_challenge=") {
			o.t.Errorf("%s %s", cookie, begun.Header.Get("Location"))
		}
		value, _, _ := strings.Cut(cookie, ";")
		res := o.do(request{method: "GET", path: "/session/oidc/back?code=x&state=of-another", noAuth: true, header: map[string]string{"Cookie": value}}).is(303)
		if to := res.Header.Get("Location"); !strings.Contains(to, "trouble=") {
			o.t.Errorf("it leads to %s", to)
		}
	})
	b := one(t, nil)
	b.do(request{method: "GET", path: "/session/oidc", noAuth: true}).is(404)
}

func TestInvitations(t *testing.T) {
	each(t, func(d *api.Deps) { d.PublicURL = "https://heed.example" }, func(b *bench) {
		var u api.User
		b.post("/users", map[string]any{"email": "vera@x.example", "name": "Vera", "role": "viewer"}).is(201).into(&u)
		if u.Password {
			b.t.Error("she has a password")
		}
		link := func() string {
			var i api.Invitation
			b.post("/users/"+heed.ID(u.ID).String()+"/invite", nil).is(201).into(&i)
			token, ok := strings.CutPrefix(i.URL, "https://heed.example/invite#")
			if !ok {
				b.t.Fatal(i.URL)
			}
			return token
		}
		accept := func(token, password string) answer {
			return b.do(request{method: "POST", path: "/invite", noAuth: true, body: map[string]string{"token": token, "password": password}})
		}
		old := link()
		token := link()
		accept(old, "four words in a row").is(401) // the newer one ended it
		accept(token, "aaaaaaaaaaaaaaa").is(422)
		in := accept(token, "four words in a row").is(200)
		if in.Header.Get("Set-Cookie") == "" {
			b.t.Error("she is not signed in")
		}
		accept(token, "another four words").is(401)
		b.do(request{method: "POST", path: "/session", noAuth: true, body: map[string]string{"email": "vera@x.example", "password": "four words in a row"}}).is(200)

		late := link()
		b.clock.Advance(8 * 24 * 3600e9)
		accept(late, "four words in a row").is(401)
		gone := link()
		b.do(request{method: "DELETE", path: "/users/" + heed.ID(u.ID).String()}).is(204)
		accept(gone, "four words in a row").is(401)
		b.get("/audit?q=USER+vera").says("user.join", "user.invite")
		for _, nothing := range []string{"ver_", "%25", "somebody+else"} {
			if text := b.get("/audit?q=" + nothing).text; strings.Contains(text, "user.join") {
				b.t.Errorf("%s finds %s", nothing, text)
			}
		}
		if strings.Contains(b.get("/audit").text, token) {
			b.t.Error("the audit log holds the link")
		}
	})
}
