// Package sdk_test lets the real client SDKs send to the real door, over a real network stack and in a real browser.
package sdk_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/collect"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/stream"
)

// door is a collector that remembers, and that can be down for a number of writes.
type door struct {
	mu      sync.Mutex
	down    int
	events  []heed.Event
	refused []stream.DeadLetter
	seen    []request
	url     string
	more    chan struct{} // closed when something has come
}

// request is what a test wants to know of one.
type request struct {
	method, path, encoding, content string
	status                          int
}

func (d *door) WriteKey(key string) (collect.Source, bool) {
	return collect.Source{Name: "website", Public: true, Channel: "web"}, key == "web"
}

func (d *door) Write(_ context.Context, events []heed.Event) (stream.Position, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.down > 0 {
		d.down--
		return nil, heed.Errorf(heed.Unavailable, "the stream is down")
	}
	b := []byte{1}
	for i := range events {
		b = stream.AppendEvent(b, &events[i])
	}
	got, err := stream.DecodeEnvelope(b, nil)
	d.events = append(d.events, got...)
	close(d.more)
	d.more = make(chan struct{})
	return nil, err
}

func (d *door) Reject(_ context.Context, letters []stream.DeadLetter) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, l := range letters {
		l.Reason, l.Event = strings.Clone(l.Reason), heed.RawValue(strings.Clone(string(l.Event)))
		d.refused = append(d.refused, l)
	}
	return nil
}

type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) { r.status = status; r.ResponseWriter.WriteHeader(status) }

func newDoor(t *testing.T) *door {
	t.Helper()
	d := &door{more: make(chan struct{})}
	h := collect.New(collect.Options{Keys: d, Sink: d, Rejects: d, Clock: clock.NewSystem(), Log: slog.New(slog.DiscardHandler)})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &recorder{w, 200}
		h.ServeHTTP(rec, r)
		d.mu.Lock()
		d.seen = append(d.seen, request{r.Method, r.URL.Path, r.Header.Get("Content-Encoding"), r.Header.Get("Content-Type"), rec.status})
		d.mu.Unlock()
	}))
	t.Cleanup(s.Close)
	d.url = s.URL
	return d
}

// node runs a script with the SDKs; they are installed by `npm ci`, which `make test` does.
func node(t *testing.T, args ...string) {
	t.Helper()
	if _, err := os.Stat("node_modules"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("the SDKs are not installed: run `make test`, or npm ci in test/sdk")
		}
		t.Skip("SKIPPED, the SDKs are not installed: run `make test`, or npm ci in test/sdk")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "node", args...).CombinedOutput()
	t.Logf("node %s\n%s", strings.Join(args, " "), out)
	if err != nil {
		t.Fatalf("node %s: %v", strings.Join(args, " "), err)
	}
}

// find returns the one event of a type and name; SDKs may not send one twice either.
func (d *door) find(t *testing.T, kind heed.Type, name string) heed.Event {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	ids := map[string]heed.Event{}
	for _, e := range d.events {
		if e.Type == kind && e.Name == name {
			ids[e.MessageID] = e
		}
	}
	if len(ids) != 1 {
		t.Errorf("%d events %s %q among %d; refused %+v", len(ids), kind, name, len(d.events), d.refused)
		return heed.Event{}
	}
	for _, e := range ids {
		return e
	}
	return heed.Event{}
}

func (d *door) has(f func(request) bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range d.seen {
		if f(r) {
			return true
		}
	}
	return false
}

// await returns when there are n different events, or when nobody waits any more.
func (d *door) await(ctx context.Context, n int) {
	for {
		d.mu.Lock()
		ids := map[string]bool{}
		for _, e := range d.events {
			ids[e.MessageID] = true
		}
		more := d.more
		d.mu.Unlock()
		if len(ids) >= n {
			return
		}
		select {
		case <-more:
		case <-ctx.Done():
			return
		}
	}
}

func properties(t *testing.T, e heed.Event) map[string]any {
	t.Helper()
	var p map[string]any
	if err := json.Unmarshal(e.Properties, &p); err != nil {
		t.Errorf("%s: %v", e.Name, err)
	}
	return p
}

// check looks at what every SDK was told to send.
func (d *door) check(t *testing.T) {
	t.Helper()
	if len(d.refused) > 0 {
		t.Errorf("refused %+v", d.refused)
	}
	e := d.find(t, heed.Identify, "")
	if e.UserID != "u1" || len(e.IDs) == 0 || e.IDs[0] != (heed.Identifier{Namespace: heed.Email, Value: "ana@lumen.example"}) || properties(t, e)["plan"] != "plus" {
		t.Errorf("identify: %+v %s", e, e.Properties)
	}
	e = d.find(t, heed.Track, "Order Completed")
	if p := properties(t, e); e.UserID != "u1" || p["revenue"] != 12.5 || p["name"] != "Chá verde ☕" || !e.Public || e.Source != "website" {
		t.Errorf("track: %+v %s", e, e.Properties)
	}
	if late := e.ReceivedAt.Sub(e.Timestamp); late < 0 || late > time.Minute {
		t.Errorf("track: happened %v before it was received", late)
	}
	if e = d.find(t, heed.Page, "Basket"); properties(t, e)["path"] != "/basket" || e.Touchpoint != "Basket" {
		t.Errorf("page: %+v %s", e, e.Properties)
	}
	if e = d.find(t, heed.Group, ""); e.GroupID != "g1" || properties(t, e)["name"] != "Lumen" {
		t.Errorf("group: %+v %s", e, e.Properties)
	}
	if e = d.find(t, heed.Alias, ""); e.PreviousID == "" || e.UserID == "" {
		t.Errorf("alias: %+v", e)
	}
}

func TestServerSDKs(t *testing.T) {
	for name, gzip := range map[string]bool{"segment": false, "rudder": true} {
		t.Run(name, func(t *testing.T) {
			d := newDoor(t)
			d.down = 1 // the first request meets a 503 and must come again
			node(t, "node.js", name, d.url, "web")
			d.check(t)
			d.find(t, heed.Screen, "Home")
			old := d.find(t, heed.Track, "Long ago")
			if want := time.Date(2020, 5, 1, 12, 0, 0, 0, time.UTC); old.Timestamp.Std().Sub(want).Abs() > time.Minute {
				t.Errorf("an event of 2020 happened at %s", old.Timestamp)
			}
			if e := d.find(t, heed.Track, "Order Completed"); !strings.Contains(string(e.Context), "203.0.113.7") {
				t.Errorf("context %s", e.Context)
			}
			if !d.has(func(r request) bool { return r.status == 503 }) || d.has(func(r request) bool { return (r.encoding == "gzip") != gzip }) {
				t.Errorf("requests %+v", d.seen)
			}
		})
	}
}

// chromium says whether there is a browser.
func chromium(t *testing.T) {
	t.Helper()
	path := os.Getenv("CHROMIUM")
	if path == "" {
		path = "/usr/bin/chromium"
	}
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no Chromium at %s: set CHROMIUM", path)
		}
		t.Skipf("SKIPPED, no Chromium at %s: set CHROMIUM", path)
	}
}

// pages serves the test pages from another origin than the collector's.
func pages(t *testing.T, d *door) string {
	t.Helper()
	mux := http.NewServeMux()
	for path, file := range map[string]string{"/segment.js": "node_modules/@segment/analytics-next/dist/umd/index.js", "/rudder.js": "node_modules/@rudderstack/analytics-js/dist/npm/modern/bundled/umd/index.js"} {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			f, err := os.Open(file)
			if err != nil {
				http.Error(w, err.Error(), http.StatusNotFound)
				return
			}
			defer f.Close()
			w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
			_, _ = io.Copy(w, f)
		})
	}
	mux.HandleFunc("/done", func(_ http.ResponseWriter, r *http.Request) { d.await(r.Context(), 6) })
	mux.Handle("/", http.FileServer(http.Dir("pages")))
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
}

func TestBrowserSDKs(t *testing.T) {
	chromium(t)
	for _, c := range []struct {
		name, page, strategy string
		down                 int
		want                 request
	}{
		{"analytics-next, a request per call", "next.html", "standard", 0, request{"POST", "/v1/t", "", "text/plain", 200}},
		{"analytics-next, batches", "next.html", "batching", 0, request{"POST", "/v1/b", "", "text/plain", 200}},
		{"analytics-next while we are down", "next.html", "standard", 1, request{"POST", "/v1/p", "", "text/plain", 503}},
		{"RudderStack", "rudder.html", "", 0, request{"POST", "/v1/track", "", "application/json", 200}},
		{"RudderStack by beacon", "rudder.html", "beacon", 0, request{"POST", "/beacon/v1/batch", "", "text/plain", 200}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDoor(t)
			d.down = c.down
			node(t, "browser.js", pages(t, d)+"/"+c.page+"?strategy="+c.strategy+"&collector="+url.QueryEscape(d.url))
			d.check(t)
			if e := d.find(t, heed.Track, "Last"); e.AnonymousID == "" || e.Channel != "web" || c.page == "next.html" && e.Touchpoint != "Checkout" {
				t.Errorf("last: %+v", e)
			}
			if !d.has(func(r request) bool {
				return r.method == c.want.method && r.path == c.want.path && strings.HasPrefix(r.content, c.want.content) && r.status == c.want.status
			}) {
				t.Errorf("no request %+v among %+v", c.want, d.seen)
			}
			if !d.has(func(r request) bool {
				return r.method == "GET" && r.status == 200 && (r.path == "/v1/projects/web/settings" || strings.HasPrefix(r.path, "/sourceConfig"))
			}) {
				t.Errorf("the settings were not fetched: %+v", d.seen)
			}
		})
	}
}
