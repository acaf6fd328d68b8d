package api_test

import (
	"strings"
	"testing"

	"github.com/heedcx/heed/internal/account"
)

func TestUsersOverHTTP(t *testing.T) {
	each(t, nil, func(b *bench) {
		owner := b.newUser("owner@x.example", account.Owner)
		a := b.post("/users", map[string]string{"email": "Ann@x.example", "name": "Ann", "role": "analyst", "department": "sales", "password": password}).is(201).
			says(`"email":"ann@x.example"`)
		if strings.Contains(a.text, "argon2") || a.Header.Get("ETag") != `"r1"` {
			b.t.Error(a.text, a.Header)
		}
		var u struct{ ID string }
		a.into(&u)
		b.do(request{method: "PATCH", path: "/users/" + u.ID, body: `{"role":"viewer"}`, header: map[string]string{"If-Match": `"r1"`}}).is(200).says(`"role":"viewer"`)
		b.do(request{method: "PATCH", path: "/users/" + u.ID, body: `{"role":"admin"}`, header: map[string]string{"If-Match": `"r1"`}}).is(409)
		b.do(request{method: "PATCH", path: "/users/" + u.ID, body: `{"role":"owner"}`}).is(403) // a key is no owner
		b.do(request{method: "PATCH", path: "/users/" + owner.ID.String(), body: `{"disabled":true}`}).is(403)
		b.do(request{method: "PATCH", path: "/users/" + u.ID, body: `{"role":"king"}`}).is(422)
		b.get("/users").is(200).says("ann@x.example", "owner@x.example")
		b.get("/users/" + u.ID).is(200)
		b.do(request{method: "DELETE", path: "/users/" + u.ID}).is(204)
		b.get("/users/" + u.ID).is(404)

		secret := "a wrong password that is far too long for its own good"
		a = b.post("/users", map[string]string{"email": "x", "name": "", "role": "king", "password": secret[:5]}).is(422)
		if strings.Contains(a.text, secret[:5]) {
			b.t.Errorf("a password comes back: %s", a.text)
		}
		b.get("/audit?action=user.update").is(200).says(`role: \"analyst\"`, `"actor":"all"`, `"via":"api_key"`)
		b.get("/audit?limit=1").is(200).says(`"next":"`)
	})
}

func TestKeysOverHTTP(t *testing.T) {
	each(t, nil, func(b *bench) {
		var made struct{ ID, Key string }
		b.post("/keys", map[string]any{"kind": "api", "name": "till", "scopes": []string{"people:read"}}).is(201).says(`"key":"heed_sk_`).into(&made)
		if a := b.get("/keys").is(200).says(`"name":"till"`); strings.Contains(a.text, made.Key) {
			b.t.Error("a secret key is shown again")
		}
		with := map[string]string{"Authorization": "Bearer " + made.Key}
		b.do(request{method: "GET", path: "/session", header: with}).is(200).says(`"permissions":["people:read"]`)
		b.do(request{method: "GET", path: "/users", header: with}).is(403).says("users:manage")
		b.do(request{method: "DELETE", path: "/keys/" + made.ID}).is(204)
		b.do(request{method: "GET", path: "/session", header: with}).is(401)
		b.do(request{method: "DELETE", path: "/keys/" + made.ID}).is(404)

		var web struct{ Key string }
		b.post("/keys", map[string]any{"kind": "write", "name": "web", "source": "web"}).is(201).into(&web)
		b.get("/keys").is(200).says(web.Key) // public: may be shown again
		b.get("/sources").is(200).says(`"name":"web"`, `"keys":1`, `"configured":false`)
		b.do(request{method: "PUT", path: "/specs/source/web", body: `{"title":"Web shop","channel":"web"}`}).is(200)
		b.get("/sources").is(200).says(`"title":"Web shop"`, `"configured":true`)
		for _, bad := range []map[string]any{
			{"kind": "api", "name": "x"}, {"kind": "api", "name": "x", "scopes": []string{"owner"}}, {"kind": "write", "name": "x"},
			{"kind": "api", "name": "x", "scopes": []string{"admin"}, "expires": "2001-01-01T00:00:00Z"}, {"kind": "api", "name": "x", "scopes": []string{"admin"}, "expires": "soon"},
		} {
			if code := b.post("/keys", bad).StatusCode; code != 422 && code != 400 {
				b.t.Errorf("%v: %d", bad, code)
			}
		}
		if a := b.get("/audit?action=key.create").is(200); strings.Contains(a.text, made.Key) || strings.Contains(b.log.String(), made.Key) {
			b.t.Error("a secret key is in a log")
		}
	})
}
