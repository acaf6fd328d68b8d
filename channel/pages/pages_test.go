package pages_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/channel/pages"
	"github.com/heedcx/heed/channel/token"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/stream"
)

type world struct {
	keys   *token.Keys
	server *httptest.Server
	person *heed.Person
	clock  *clock.Virtual

	mu      sync.Mutex
	events  []heed.Event
	applied []stream.Position
	sinkErr error
	lag     error
}

func (w *world) Get(context.Context) (*channel.Specs, error) {
	return &channel.Specs{
		Brand: channel.Brand{Title: "Lumen & Loom", Topics: []string{"looms", "wool"}},
		Purposes: map[string]channel.Purpose{
			"news": {Name: "news", Title: "Stories <b>", Class: heed.Marketing, Consent: "opt_in"}, "tips": {Name: "tips", Title: "Tips", Consent: "opt_out"},
			"receipts": {Name: "receipts", Title: "Receipts", Consent: "none"},
		},
		Order:    []string{"news", "receipts", "tips"},
		Channels: map[string]spec.Spec{"email": {}, "webhook": {}},
	}, nil
}

func (w *world) Person(_ context.Context, id heed.ID) (*heed.Person, error) {
	if id != w.person.ID {
		return nil, heed.Errorf(heed.NotFound, "There is no such person.")
	}
	return w.person, nil
}

func (w *world) Write(_ context.Context, events []heed.Event) (stream.Position, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sinkErr != nil {
		return nil, w.sinkErr
	}
	w.events = append(w.events, events...)
	return stream.Position{3: uint64(len(w.events))}, nil
}

func start(t *testing.T) *world {
	t.Helper()
	keys, err := token.New(bytes.Repeat([]byte("s"), 32))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{keys: keys, person: &heed.Person{ID: heed.ID{7}, Consents: map[string]heed.Consent{"news/email": {State: heed.Granted, At: 5}}}, clock: clock.NewVirtual(heed.At(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)))}
	h, err := pages.New(pages.Config{
		Keys: keys, Specs: w, People: w, Sink: w, Clock: w.clock, Log: slog.New(slog.DiscardHandler),
		Applied: func(_ context.Context, at stream.Position) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.applied = append(w.applied, at)
			return w.lag
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.server = httptest.NewServer(h)
	t.Cleanup(w.server.Close)
	return w
}

var claims = token.Claims{Message: heed.ID{1}, Person: heed.ID{7}, Purpose: "news", Channel: "email"}

func (w *world) do(t *testing.T, method, path, kind string, body io.Reader) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(method, w.server.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(b)
}

func (w *world) post(t *testing.T, path string, form url.Values) (*http.Response, string) {
	return w.do(t, "POST", path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

func feedback(t *testing.T, e heed.Event) (f channel.Feedback) {
	t.Helper()
	if err := json.Unmarshal(e.Properties, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// check looks at what every page must have.
func check(t *testing.T, res *http.Response, body string) {
	t.Helper()
	csp := res.Header.Get("Content-Security-Policy")
	_, rest, _ := strings.Cut(body, "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(style))
	if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") || strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q", csp)
	}
	if strings.Contains(body, "<script") || res.Header.Get("Referrer-Policy") != "no-referrer" || res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", res.Header)
	}
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	// Accessible: a language, one h1, a title, every control inside a label or with its own words.
	h1 := 0
	var walk func(n *html.Node, labelled bool)
	walk = func(n *html.Node, labelled bool) {
		if n.Type == html.ElementNode {
			attr := map[string]string{}
			for _, a := range n.Attr {
				attr[a.Key] = a.Val
			}
			switch n.Data {
			case "html":
				if attr["lang"] == "" {
					t.Error("no language")
				}
			case "h1":
				h1++
			case "label":
				labelled = true
			case "input":
				if attr["type"] != "hidden" && !labelled {
					t.Error("an input without a label")
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, labelled)
		}
	}
	walk(doc, false)
	if h1 != 1 {
		t.Errorf("%d h1", h1)
	}
}

func TestUnsubscribe(t *testing.T) {
	w := start(t)
	path := "/u/" + w.keys.Make(token.Unsubscribe, claims)
	for range 3 { // mail scanners follow links
		for _, m := range []string{"GET", "HEAD"} {
			res, body := w.do(t, m, path, "", nil)
			if res.StatusCode != 200 {
				t.Errorf("%s: %d", m, res.StatusCode)
			}
			if m == "GET" {
				check(t, res, body)
				if strings.Count(body, "<button") != 1 || !strings.Contains(body, "Stories &lt;b&gt;") {
					t.Errorf("page %s", body)
				}
			}
		}
	}
	if len(w.events) != 0 {
		t.Fatal("a GET acted")
	}
	res, body := w.post(t, path, url.Values{})
	check(t, res, body)
	if res.StatusCode != 200 || len(w.events) != 1 || len(w.applied) != 1 || !reflect.DeepEqual(w.applied[0], stream.Position{3: 1}) {
		t.Fatalf("%d, events %v, waited for %v", res.StatusCode, w.events, w.applied)
	}
	e := w.events[0]
	f := feedback(t, e)
	if e.Type != heed.Feedback || e.Name != "unsubscribed" || e.IDs[0].String() != "person_id:"+claims.Person.String() || f.Message != claims.Message ||
		len(f.Consents) != 1 || f.Consents[0].State != heed.Denied || f.Consents[0].Purpose != "news" || f.Consents[0].Channel != "email" || f.Consents[0].Text == "" {
		t.Errorf("event %+v, %+v", e, f)
	}
	// Leaving, coming back and leaving again must not look like a duplicate.
	w.clock.Advance(time.Hour)
	w.post(t, path, url.Values{})
	if w.events[1].MessageID == w.events[0].MessageID {
		t.Error("the second opt-out would be dropped as a duplicate")
	}
}

func TestOneClick(t *testing.T) {
	w := start(t)
	path := "/u/" + w.keys.Make(token.Unsubscribe, claims)
	if res, _ := w.post(t, path, url.Values{"List-Unsubscribe": {"One-Click"}}); res.StatusCode != 200 {
		t.Errorf("%d", res.StatusCode)
	}
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	_ = m.WriteField("List-Unsubscribe", "One-Click")
	_ = m.Close()
	if res, _ := w.do(t, "POST", path, m.FormDataContentType(), &b); res.StatusCode != 200 {
		t.Errorf("multipart: %d", res.StatusCode)
	}
	if len(w.events) != 2 {
		t.Fatalf("%d events", len(w.events))
	}
	for _, e := range w.events {
		if act := feedback(t, e).Consents[0].Act; !strings.HasPrefix(act, "one-click") {
			t.Errorf("act %q", act)
		}
	}
}

func TestTroubleIsNotCalledDone(t *testing.T) {
	w := start(t)
	path := "/u/" + w.keys.Make(token.Unsubscribe, claims)
	w.sinkErr = errors.New("the disk is full")
	if res, body := w.post(t, path, url.Values{}); res.StatusCode != 503 || res.Header.Get("Retry-After") == "" || strings.Contains(body, "You are unsubscribed") {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	w.sinkErr, w.lag = nil, context.DeadlineExceeded
	if res, body := w.post(t, path, url.Values{}); res.StatusCode != 202 || !strings.Contains(body, "within moments") {
		t.Errorf("%d %s", res.StatusCode, body)
	}
}

func TestStrangeLinks(t *testing.T) {
	w := start(t)
	for _, path := range []string{
		"/u/", "/u/x", "/u/" + w.keys.Make(token.Preferences, claims), "/p/" + w.keys.Make(token.Unsubscribe, claims), "/c/" + w.keys.Make(token.Open, claims),
		"/c/aHR0cHM6Ly9ldmlsLmV4YW1wbGU", "/c/https:%2F%2Fevil.example", "/o/" + w.keys.Make(token.Open, claims), "/o/x.gif", "/u/" + strings.Repeat("A", 9000),
		"/c/" + w.keys.Make(token.Click, token.Claims{URL: "javascript:alert(1)"}), "/c/" + w.keys.Make(token.Click, token.Claims{URL: "//evil.example"}), "/nothing",
	} {
		for _, m := range []string{"GET", "POST"} {
			res, _ := w.do(t, m, path, "", nil)
			if res.StatusCode != 404 && res.StatusCode != 405 || res.Header.Get("Location") != "" {
				t.Errorf("%s %.40s: %d to %q", m, path, res.StatusCode, res.Header.Get("Location"))
			}
		}
	}
	if len(w.events) != 0 {
		t.Errorf("%d events", len(w.events))
	}
}

func TestPreferences(t *testing.T) {
	w := start(t)
	w.person.Preferences = heed.Preferences{Topics: []string{"other"}, Muted: []string{"wool"}}
	path := "/p/" + w.keys.Make(token.Preferences, claims)
	res, body := w.do(t, "GET", path, "", nil)
	check(t, res, body)
	for _, want := range []string{`value="news/email" checked`, `value="tips/email" checked`, `value="looms" checked`, `value="wool">`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(body, "Receipts") || strings.Contains(body, "webhook") {
		t.Error("the page offers what nobody can choose")
	}
	// Tips go, news stay; wool comes, looms go; no measuring.
	res, body = w.post(t, path, url.Values{"shown": {"news/email", "tips/email"}, "yes": {"news/email"}, "topic": {"wool"}, "no_track": {"yes"}, "save": {"yes"}})
	check(t, res, body)
	f := feedback(t, w.events[0])
	if res.StatusCode != 200 || len(w.applied) != 1 || len(f.Consents) != 1 || f.Consents[0].Purpose != "tips" || f.Consents[0].State != heed.Denied || f.Consents[0].Act != "unticked the box" {
		t.Errorf("%d %+v", res.StatusCode, f)
	}
	if p := f.Preferences; !*p.NoTrack || !reflect.DeepEqual(*p.Topics, []string{"other", "wool"}) || !reflect.DeepEqual(*p.Muted, []string{"looms"}) || p.Channel != nil {
		t.Errorf("%+v", p)
	}
	// What the page did not show is not answered, and who opted out of everything can opt in again.
	w.person.Consents = map[string]heed.Consent{"news/email": {State: heed.Granted, At: 5}, "*/": {State: heed.Denied, At: 9}}
	w.post(t, path, url.Values{"shown": {"news/email"}, "yes": {"news/email"}})
	if f := feedback(t, w.events[1]); len(f.Consents) != 1 || f.Consents[0].Purpose != "news" || f.Consents[0].State != heed.Granted {
		t.Errorf("%+v", f.Consents)
	}
	w.post(t, path, url.Values{"nothing": {"yes"}, "shown": {"news/email"}, "yes": {"news/email"}})
	if f := feedback(t, w.events[2]); len(f.Consents) != 1 || f.Consents[0].Purpose != "*" || f.Consents[0].Channel != "" || f.Consents[0].State != heed.Denied {
		t.Errorf("%+v", f.Consents)
	}
	if res, _ := w.do(t, "GET", "/p/"+w.keys.Make(token.Preferences, token.Claims{Person: heed.ID{99}}), "", nil); res.StatusCode != 404 {
		t.Errorf("a person who was erased: %d", res.StatusCode)
	}
	if res, _ := w.do(t, "POST", path, "application/x-www-form-urlencoded", strings.NewReader("shown="+strings.Repeat("x", 100<<10))); res.StatusCode != 400 {
		t.Errorf("a huge form: %d", res.StatusCode)
	}
}

func TestOpensAndClicks(t *testing.T) {
	w := start(t)
	open := "/o/" + w.keys.Make(token.Open, claims) + ".gif"
	click := "/c/" + w.keys.Make(token.Click, token.Claims{Message: heed.ID{1}, Person: heed.ID{7}, URL: "https://lumen.example/a?b=1&c=2#d"})
	res, body := w.do(t, "GET", open, "", nil)
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "image/gif" || len(body) != 43 {
		t.Errorf("%d %s %d", res.StatusCode, res.Header.Get("Content-Type"), len(body))
	}
	res, _ = w.do(t, "GET", click, "", nil)
	if res.StatusCode != 302 || res.Header.Get("Location") != "https://lumen.example/a?b=1&c=2#d" {
		t.Errorf("%d %s", res.StatusCode, res.Header.Get("Location"))
	}
	if len(w.events) != 2 || w.events[0].Name != "opened" || w.events[1].Name != "clicked" || feedback(t, w.events[1]).URL == "" || w.events[0].Direction != heed.Inbound {
		t.Errorf("%+v", w.events)
	}
	w.do(t, "HEAD", click, "", nil)
	w.sinkErr = errors.New("down")
	if res, _ := w.do(t, "GET", click, "", nil); res.StatusCode != 302 {
		t.Errorf("a stream that is down stops a click: %d", res.StatusCode)
	}
	w.sinkErr = nil
	w.person.Preferences.NoTrack = true
	w.do(t, "GET", open, "", nil)
	w.do(t, "GET", click, "", nil)
	if len(w.events) != 2 {
		t.Error("recorded for someone who refuses it")
	}
}
