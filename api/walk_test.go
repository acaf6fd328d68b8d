package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/internal/account"
	"github.com/heedcx/heed/internal/spec"
)

func specQueries() string { return spec.Queries }

// operation is an operation as the document describes it.
type operation struct {
	Method, Path string
	ID           string         `json:"operationId"`
	Permission   string         `json:"x-heed-permission"`
	Summary      string         `json:"summary"`
	Security     []any          `json:"security"`
	Responses    map[string]any `json:"responses"`
	Parameters   []struct{ In, Name string }
}

func operations(t *testing.T) (out []operation, raw []byte) {
	t.Helper()
	raw, err := api.Document("test")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("OpenAPI %s", doc.OpenAPI)
	}
	for path, methods := range doc.Paths {
		for method, text := range methods {
			o := operation{Method: strings.ToUpper(method), Path: path}
			if err := json.Unmarshal(text, &o); err != nil {
				t.Fatal(err)
			}
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b operation) int { return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method) })
	return out, raw
}

func TestDocument(t *testing.T) {
	all, raw := operations(t)
	ids := map[string]bool{}
	for _, o := range all {
		if o.Permission == "" || o.Summary == "" || o.ID == "" || o.Responses["default"] == nil {
			t.Errorf("%s %s lacks a permission, a summary, an id or its errors: %+v", o.Method, o.Path, o)
		}
		if ids[o.ID] {
			t.Errorf("the id %s is used twice", o.ID)
		}
		ids[o.ID] = true
		if (len(o.Security) == 0) != (o.Permission == string(account.Anyone)) {
			t.Errorf("%s %s: the document's security %v contradicts permission %s", o.Method, o.Path, o.Security, o.Permission)
		}
	}
	if len(all) < 60 {
		t.Errorf("only %d operations", len(all))
	}
	var doc struct {
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	for rest := string(raw); ; {
		_, after, found := strings.Cut(rest, `"$ref": "#/components/schemas/`)
		if !found {
			break
		}
		name, _, _ := strings.Cut(after, `"`)
		if doc.Components.Schemas[name] == nil {
			t.Errorf("a reference to %s leads nowhere", name)
		}
		rest = after
	}
	for name := range doc.Components.Schemas {
		if strings.ContainsAny(name, " {}\"") {
			t.Errorf("a schema is called %q", name)
		}
	}
}

// TestStoredDocument keeps api/openapi.json, from which the console's types are generated, in step with the code.
func TestStoredDocument(t *testing.T) {
	const file = "openapi.json"
	raw, err := api.Document("v1")
	if err != nil {
		t.Fatal(err)
	}
	raw = append(raw, '\n')
	if os.Getenv("HEED_UPDATE") != "" {
		if err := os.WriteFile(file, raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	stored, err := os.ReadFile(file)
	if err != nil || string(stored) != string(raw) {
		t.Errorf("%s is not what the code says (%v): run HEED_UPDATE=1 go test ./api, then npm run types in web", file, err)
	}
}

// TestEveryOperationAsEverybody walks the document and tries each operation without credentials, with a write key, as
// each role, and with an API key of each role. What may be done by whom is in testdata/permissions.txt: a change shows
// in its diff. Write it anew with HEED_UPDATE=1.
func TestEveryOperationAsEverybody(t *testing.T) {
	b := one(t, nil)
	all, _ := operations(t)
	write := b.newKey(account.NewKey{Kind: account.WriteKind, Name: "web", Source: "web"})
	cookies, keys := map[account.Role]string{}, map[account.Role]string{}
	for _, role := range account.Roles {
		b.newUser(string(role)+"@x.example", role)
		cookies[role] = b.login(string(role) + "@x.example")
		if role != account.Owner {
			keys[role] = b.newKey(account.NewKey{Kind: account.APIKind, Name: string(role), Scopes: []string{string(role)}})
		}
	}
	stranger := heed.NewID(start).String()
	try := func(o operation, header map[string]string) int {
		path := strings.NewReplacer("{id}", stranger, "{name}", "nothing", "{kind}", "segment").Replace(o.Path)
		if strings.HasSuffix(path, "/dead-letters/"+stranger+"/retry") || o.ID == "countEvents" {
			path += "?by=day"
		}
		var body any
		if o.Method != http.MethodGet && o.Method != http.MethodDelete {
			body = "[]" // no operation takes this, so nothing happens
		}
		return b.do(request{method: o.Method, path: path, body: body, header: header, noAuth: true}).StatusCode
	}
	refused := func(code int) bool { return code == http.StatusUnauthorized || code == http.StatusForbidden }
	var golden strings.Builder
	for _, o := range all {
		anyone := o.Permission == string(account.Anyone)
		if code := try(o, nil); (code == http.StatusUnauthorized) == anyone {
			t.Errorf("%s without credentials: %d", o.ID, code)
		}
		if code := try(o, map[string]string{"Authorization": "Bearer nonsense"}); code != http.StatusUnauthorized {
			t.Errorf("%s with a wrong key: %d", o.ID, code)
		}
		sends := o.Permission == string(account.SendEvents)
		if code := try(o, map[string]string{"Authorization": "Bearer " + write}); refused(code) == (anyone || sends) {
			t.Errorf("%s with a write key: %d", o.ID, code)
		}
		var may []string
		for _, role := range account.Roles {
			if o.ID == "logout" { // would end the session; needs none
				may = append(may, string(role))
				continue
			}
			code := try(o, map[string]string{"Cookie": cookies[role], "X-Heed-Console": "1"})
			if !refused(code) {
				may = append(may, string(role))
			}
			if code == http.StatusInternalServerError {
				t.Errorf("%s as %s: 500\n%s", o.ID, role, b.log.String())
			}
			if role == account.Owner {
				continue
			}
			ok := !refused(code)
			if o.ID == "changePassword" { // a key has no password, but the body is looked at first
				ok = true
			}
			if byKey := try(o, map[string]string{"Authorization": "Bearer " + keys[role]}); refused(byKey) == ok {
				t.Errorf("%s as %s: %d in the console, %d by key", o.ID, role, code, byKey)
			}
		}
		if anyone {
			may = []string{"anyone"}
		}
		if sends {
			may = append(may, "write_key")
		}
		fmt.Fprintf(&golden, "%-6s %-42s %-14s %s\n", o.Method, strings.TrimPrefix(o.Path, api.Prefix), o.Permission, strings.Join(may, " "))
	}
	const file = "testdata/permissions.txt"
	if os.Getenv("HEED_UPDATE") != "" {
		if err := os.WriteFile(file, []byte(golden.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != golden.String() {
		t.Errorf("who may do what has changed. If it is meant, run HEED_UPDATE=1 go test ./api. Got:\n%s", golden.String())
	}
}

// TestMissingPartsSay503 asks everything of a process that has no parts at all.
func TestMissingPartsSay503(t *testing.T) {
	b := one(t, nil)
	id := heed.NewID(start).String()
	for _, r := range []request{
		{method: "GET", path: "/people"}, {method: "GET", path: "/people/" + id}, {method: "GET", path: "/people/" + id + "/brief"},
		{method: "GET", path: "/people/" + id + "/interactions"}, {method: "GET", path: "/people/" + id + "/decisions"},
		{method: "GET", path: "/messages"}, {method: "GET", path: "/segments"}, {method: "GET", path: "/journeys"}, {method: "GET", path: "/overview"},
		{method: "GET", path: "/live"}, {method: "GET", path: "/mails"}, {method: "GET", path: "/dead-letters"}, {method: "GET", path: "/imports"},
		{method: "GET", path: "/reviews"}, {method: "GET", path: "/catalogue"}, {method: "POST", path: "/events", body: "{}"},
		{method: "DELETE", path: "/people/" + id}, {method: "POST", path: "/decide", body: `{"person":"` + id + `","channel":"email","purpose":"x"}`},
	} {
		a := b.do(r).is(http.StatusServiceUnavailable).says("runs without")
		if a.Header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", r.path)
		}
	}
}
