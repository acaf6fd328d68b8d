package api_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/internal/account"
)

func TestEventsSeeWhoAsks(t *testing.T) {
	var who *account.Who
	b := one(t, func(d *api.Deps) {
		d.Events = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			who = api.WhoFrom(r.Context())
			body, _ := io.ReadAll(r.Body)
			_, _ = w.Write(body)
		})
	})
	web := b.newKey(account.NewKey{Kind: account.WriteKind, Name: "web", Source: "web"})
	till := b.newKey(account.NewKey{Kind: account.APIKind, Name: "till", Source: "tills", Scopes: []string{"events:write"}})
	reader := b.newKey(account.NewKey{Kind: account.APIKind, Name: "r", Scopes: []string{"people:read"}})
	send := func(auth string) answer {
		who = nil
		return b.do(request{method: "POST", path: "/events", body: `{"type":"track"}`, header: map[string]string{"Authorization": auth}})
	}
	basic := func(key string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(key+":")) }
	for auth, source := range map[string]string{basic(web): "web", "Bearer " + web: "web", basic(till): "tills", "Bearer " + till: "tills"} {
		send(auth).is(200).says(`{"type":"track"}`)
		if who == nil || who.Source != source || (who.Via == account.ByWriteKey) != (source == "web") {
			t.Errorf("%s: %+v", auth, who)
		}
	}
	for auth, want := range map[string]int{"Bearer " + reader: 403, "Bearer x": 401, basic("x"): 401, "Digest x": 401} {
		send(auth).is(want)
		if who != nil {
			t.Errorf("%s reached the collector", auth)
		}
	}
	b.do(request{method: "GET", path: "/session", header: map[string]string{"Authorization": basic(web)}}).is(403)
}

func TestLiveStream(t *testing.T) {
	happenings := make(chan api.Happening)
	gone := make(chan struct{})
	b := one(t, func(d *api.Deps) {
		d.Live = live(func(ctx context.Context) (<-chan api.Happening, error) {
			go func() { <-ctx.Done(); close(gone) }()
			return happenings, nil
		})
	})
	srv := httptest.NewServer(b.handler)
	defer srv.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+api.Prefix+"/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+b.key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("%d %v", res.StatusCode, res.Header)
	}
	lines := bufio.NewScanner(res.Body)
	next := func() string {
		for lines.Scan() {
			if s := lines.Text(); s != "" {
				return s
			}
		}
		return ""
	}
	if s := next(); s != "retry: 2000" {
		t.Errorf("got %q", s)
	}
	happenings <- api.Happening{Kind: "interaction", At: api.Time(start), Text: "line\nbreak"} // it must stay one event
	var h api.Happening
	if err := json.Unmarshal([]byte(strings.TrimPrefix(next(), "data: ")), &h); err != nil || h.Text != "line\nbreak" || h.At != api.Time(start) {
		t.Errorf("got %+v, %v", h, err)
	}
	cancel()
	<-gone // the subscription ends with the reader
}

func TestHeadersIDsAndUnknownPaths(t *testing.T) {
	b := one(t, nil)
	a := b.do(request{method: "GET", path: "/session", header: map[string]string{"X-Request-Id": "abc-1"}}).is(200)
	for k, v := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cache-Control": "no-store", "X-Request-Id": "abc-1",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "Referrer-Policy": "no-referrer"} {
		if a.Header.Get(k) != v {
			t.Errorf("%s is %q", k, a.Header.Get(k))
		}
	}
	if id := b.do(request{method: "GET", path: "/session", header: map[string]string{"X-Request-Id": "a b\"c"}}).Header.Get("X-Request-Id"); len(id) != 36 {
		t.Errorf("a request id %q", id)
	}
	b.get("/nothing").is(404).says("openapi.json")
	b.get("/api/v2/people").is(404)
	b.do(request{method: "PUT", path: "/segments", body: "{}"}).is(405)
	doc := b.do(request{method: "GET", path: "/api/openapi.json", noAuth: true})
	if doc.StatusCode != 200 || doc.Header.Get("Content-Type") != "application/openapi+json" || !json.Valid([]byte(doc.text)) {
		t.Errorf("%d %v", doc.StatusCode, doc.Header)
	}
}

func TestBadBodies(t *testing.T) {
	b := one(t, nil)
	b.post("/keys", `{"kind":`).is(400)
	b.post("/keys", `{"kind":"api","name":"x","surprise":1}`).is(422).says("surprise")
	b.post("/keys", `{"kind":"api","name":5}`).is(422).says("name")
	b.post("/keys", `{"kind":"api","name":"`+strings.Repeat("x", 1<<20)+`"}`).is(413)
	b.post("/keys", strings.Repeat("[", 1<<13)).is(400)
	b.do(request{method: "POST", path: "/keys", body: `<xml/>`, header: map[string]string{"Content-Type": "application/xml"}}).is(415)
	b.post("/keys", nil).is(400)
	b.get("/session").is(200) // unharmed
}

func TestRateLimitIsPerKey(t *testing.T) {
	b := one(t, func(d *api.Deps) { d.PerMinute = 3 })
	other := b.newKey(account.NewKey{Kind: account.APIKind, Name: "other", Scopes: []string{"viewer"}})
	limited := 0
	for range 10 {
		a := b.get("/session")
		if a.StatusCode == 429 {
			a.is(429)
			limited++
			if a.Header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
		}
	}
	if limited < 4 || limited > 7 { // a minute may end in between
		t.Errorf("%d of 10 were refused", limited)
	}
	b.do(request{method: "GET", path: "/session", header: map[string]string{"Authorization": "Bearer " + other}}).is(200)
}

func TestAccessLogNamesNoCustomer(t *testing.T) {
	b := one(t, func(d *api.Deps) { d.People = known(nil) })
	b.get("/people?identifier=email:ann@x.example").is(404)
	log := b.log.String()
	if strings.Contains(log, "ann@") || !strings.Contains(log, "route=/api/v1/people ") || !strings.Contains(log, "status=404") || !strings.Contains(log, `who="api_key all"`) {
		t.Errorf("the log says %s", log)
	}
}

func TestClientBehindProxies(t *testing.T) {
	for name, c := range map[string]struct{ proxies, forwarded, want string }{
		"nobody is trusted":  {"", "203.0.113.9", "192.0.2.1"},
		"one proxy":          {"192.0.2.0/24", "203.0.113.9", "203.0.113.9"},
		"a forged first hop": {"192.0.2.0/24", "6.6.6.6, 203.0.113.9", "203.0.113.9"},
		"two proxies":        {"192.0.2.0/24 10.0.0.0/8", "203.0.113.9, 10.1.1.1", "203.0.113.9"},
		"rubbish":            {"192.0.2.0/24", "rubbish", "192.0.2.1"},
		"a zone":             {"192.0.2.0/24", "fe80::1%anything", "fe80::1"},
	} {
		t.Run(name, func(t *testing.T) {
			b := one(t, func(d *api.Deps) {
				for _, p := range strings.Fields(c.proxies) {
					d.TrustedProxies = append(d.TrustedProxies, netip.MustParsePrefix(p))
				}
			})
			b.do(request{method: "GET", path: "/session", header: map[string]string{"X-Forwarded-For": c.forwarded}}).is(200)
			if want := "address=" + c.want + "\n"; !strings.Contains(b.log.String(), want) {
				t.Errorf("want %q in %s", want, b.log.String())
			}
		})
	}
}

func TestTimeOnTheWire(t *testing.T) {
	for in, want := range map[string]heed.Time{`"2025-10-09T08:53:20Z"`: start, `"2025-10-09T10:53:20.000001+02:00"`: start + 1, `null`: 0} {
		var at api.Time
		if err := json.Unmarshal([]byte(in), &at); err != nil || heed.Time(at) != want {
			t.Errorf("%s: %v, %v", in, at, err)
		}
		out, err := json.Marshal(at)
		var back api.Time
		if err != nil || json.Unmarshal(out, &back) != nil || back != at {
			t.Errorf("%s came back as %s", in, out)
		}
	}
	var at api.Time
	for _, bad := range []string{`"yesterday"`, `5`, `"2025-13-01T00:00:00Z"`, `"0001-01-01T00:00:00Z"`} {
		if json.Unmarshal([]byte(bad), &at) == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}
