package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/alexedwards/argon2id"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/account"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/testx"
)

const (
	start    = heed.Time(1_760_000_000_000_000) // 2025-10-09T08:53:20Z
	password = "correct horse battery"
)

// bench is the API on a real store, with one API key that may do everything.
type bench struct {
	t        *testing.T
	deps     api.Deps
	clock    *clock.Virtual
	accounts *account.Service
	key      string
	log      bytes.Buffer
	handler  http.Handler
}

// each runs f on both engines. change, if any, completes the dependencies.
func each(t *testing.T, change func(d *api.Deps), f func(b *bench)) {
	t.Helper()
	testx.Each(t, []string{account.Queries}, func(t *testing.T, d db.DB) { f(open(t, d, change)) })
}

// one runs on SQLite only, for what touches no store of ours.
func one(t *testing.T, change func(d *api.Deps)) *bench {
	t.Helper()
	return open(t, testx.SQLite(t, specQueries(), account.Queries), change)
}

func open(t *testing.T, d db.DB, change func(d *api.Deps)) *bench {
	t.Helper()
	b := &bench{t: t, clock: clock.NewVirtual(start)}
	var err error
	b.accounts, err = account.New(account.Options{DB: d, Clock: b.clock, Hash: &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}})
	if err != nil {
		t.Fatal(err)
	}
	b.deps = api.Deps{DB: d, Clock: b.clock, Accounts: b.accounts, Log: slog.New(slog.NewTextHandler(&b.log, nil)), PerMinute: -1}
	if change != nil {
		change(&b.deps)
	}
	b.handler = api.New(b.deps)
	b.key = b.newKey(account.NewKey{Kind: account.APIKind, Name: "all", Scopes: []string{"admin"}})
	return b
}

func (b *bench) newKey(n account.NewKey) string {
	b.t.Helper()
	k, err := b.accounts.CreateKey(context.Background(), account.System("test"), n)
	if err != nil {
		b.t.Fatal(err)
	}
	return k.Secret
}

func (b *bench) newUser(email string, role account.Role) account.User {
	b.t.Helper()
	u, err := b.accounts.CreateUser(context.Background(), account.System("test"), account.NewUser{Email: email, Name: "Ann", Role: role, Department: "service", Password: password})
	if err != nil {
		b.t.Fatal(err)
	}
	return u
}

// request is one request; the zero value of auth uses the bench's key.
type request struct {
	method, path string
	body         any // a string as it is, nil none, anything else as JSON
	header       map[string]string
	noAuth       bool
}

type answer struct {
	*http.Response
	t    *testing.T
	text string
}

func (b *bench) do(r request) answer {
	b.t.Helper()
	var body io.Reader
	switch v := r.body.(type) {
	case nil:
	case string:
		body = strings.NewReader(v)
	default:
		raw, err := json.Marshal(v)
		if err != nil {
			b.t.Fatal(err)
		}
		body = bytes.NewReader(raw)
	}
	path := r.path
	if !strings.HasPrefix(path, "/api/") {
		path = api.Prefix + path
	}
	req := httptest.NewRequestWithContext(b.t.Context(), r.method, path, body)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if !r.noAuth {
		req.Header.Set("Authorization", "Bearer "+b.key)
	}
	for k, v := range r.header {
		req.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, req)
	res := w.Result()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{Response: res, t: b.t, text: string(text)}
}

func (b *bench) get(path string) answer {
	b.t.Helper()
	return b.do(request{method: "GET", path: path})
}
func (b *bench) post(path string, body any) answer {
	b.t.Helper()
	return b.do(request{method: "POST", path: path, body: body})
}

// is checks the status and, for an error, that it is a problem that helps.
func (a answer) is(status int) answer {
	a.t.Helper()
	if a.StatusCode != status {
		a.t.Fatalf("%d, want %d: %s", a.StatusCode, status, a.text)
	}
	if status >= 400 {
		var p api.Problem
		a.into(&p)
		if a.Header.Get("Content-Type") != "application/problem+json" || p.Status != status || p.Code == "" || p.Title == "" || len(p.Detail) < 10 || p.Request == "" {
			a.t.Errorf("not a problem that helps (%s): %s", a.Header.Get("Content-Type"), a.text)
		}
	}
	return a
}

// says checks that the answer contains each text.
func (a answer) says(texts ...string) answer {
	a.t.Helper()
	for _, s := range texts {
		if !strings.Contains(a.text, s) {
			a.t.Errorf("%q is missing in %s", s, a.text)
		}
	}
	return a
}

func (a answer) into(v any) {
	a.t.Helper()
	if err := json.Unmarshal([]byte(a.text), v); err != nil {
		a.t.Fatalf("%v: %s", err, a.text)
	}
}

// ptr is a person for tests.
func person(n byte) *heed.Person {
	return &heed.Person{ID: heed.MakeID(start, [10]byte{n}), Rev: 1, FirstSeen: start, LastSeen: start + 1e6}
}
