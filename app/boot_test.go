package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed/app"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/testx"
)

// Keys of a booted App.
const (
	apiKey   = "test-api-key-0001"
	writeKey = "test-write-key-01"
)

// world is an App that a test has booted, as `heed serve` does it.
type world struct {
	t testing.TB
	*app.App
}

// each boots an App per state engine, everything else embedded, and runs f on it.
func each(t *testing.T, configure func(*app.Config), f func(t *testing.T, w *world)) {
	t.Run("sqlite", func(t *testing.T) { f(t, boot(t, config(t, "", configure))) })
	t.Run("postgres", func(t *testing.T) { f(t, boot(t, config(t, testx.NewPostgres(t), configure))) })
}

// eachHistory is each, and once more with ClickHouse as history.
func eachHistory(t *testing.T, f func(t *testing.T, w *world)) {
	each(t, nil, f)
	t.Run("clickhouse", func(t *testing.T) {
		url := testx.NewClickHouse(t)
		f(t, boot(t, config(t, "", func(c *app.Config) { c.HistoryURL = url })))
	})
}

// config is that of a test; database "" is SQLite in the data folder.
func config(t testing.TB, database string, configure func(*app.Config)) app.Config {
	t.Helper()
	c := app.Config{
		Data: filepath.Join(t.TempDir(), "data"), Addr: "127.0.0.1:0", DatabaseURL: database, PublicURL: "http://heed.test",
		Roles: []string{"collect", "work", "send", "history", "api"}, CacheMB: 16, HistoryMB: 128,
		BootstrapAPIKey: apiKey, BootstrapWriteKey: writeKey, LogLevel: "warn",
	}
	if configure != nil {
		configure(&c)
	}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	return c
}

func boot(t testing.TB, c app.Config) *world {
	t.Helper()
	a, err := app.Open(context.Background(), c, "test", slog.New(slog.NewTextHandler(output{t}, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, App: a}
	t.Cleanup(func() { w.stop() })
	return w
}

// stop closes the App; a second time it does nothing.
func (w *world) stop() {
	w.t.Helper()
	if w.App == nil {
		return
	}
	if err := w.Close(); err != nil {
		w.t.Error(err)
	}
	w.App = nil
}

// output is the test's log.
type output struct{ t testing.TB }

func (o output) Write(b []byte) (int, error) {
	o.t.Log(strings.TrimSpace(string(b)))
	return len(b), nil
}

// do sends a request with the API key and returns status and body.
func (w *world) do(method, path string, body any) (int, []byte) {
	w.t.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case io.Reader:
		in = b
	case string:
		in = strings.NewReader(b)
	default:
		text, err := json.Marshal(b)
		if err != nil {
			w.t.Fatal(err)
		}
		in = bytes.NewReader(text)
	}
	req, err := http.NewRequest(method, w.URL()+path, in)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+apiKey)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return res.StatusCode, text
}

// call is do that must answer 2xx; the body goes into out, if any.
func (w *world) call(method, path string, body, out any) {
	w.t.Helper()
	status, text := w.do(method, path, body)
	if status/100 != 2 {
		w.t.Fatalf("%s %s: %d %s", method, path, status, text)
	}
	if out == nil {
		return
	}
	if err := json.Unmarshal(text, out); err != nil {
		w.t.Fatalf("%s %s: %v in %s", method, path, err, text)
	}
}

// apply puts YAML documents in force.
func (w *world) apply(text string) {
	w.t.Helper()
	w.call(http.MethodPost, "/api/v1/specs/apply", map[string]any{"files": map[string]string{"test.yaml": text}}, nil)
}

// settled returns when everything that was sent is folded and in history.
func (w *world) settled() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := w.Settle(ctx); err != nil {
		w.t.Fatal(err)
	}
	if w.DB.Dialect() != db.Postgres || !w.Config.Has("history") {
		return
	}
	testx.AwaitKeys(w.t, w.Config.DatabaseURL)
	if err := w.Settle(ctx); err != nil {
		w.t.Fatal(err)
	}
}

// events brings events in and returns when they are folded.
func (w *world) events(list ...map[string]any) {
	w.t.Helper()
	w.call(http.MethodPost, "/api/v1/events", map[string]any{"events": list}, nil)
	w.settled()
}

// until asks again and again, for as long as half a minute, until f says that it is so.
func (w *world) until(what string, f func() bool) {
	w.t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); {
		if f() {
			return
		}
		wait := time.NewTimer(20 * time.Millisecond)
		<-wait.C
	}
	w.t.Fatalf("it never came to this: %s", what)
}

// message is what the API says of a message.
type message struct {
	ID, Person, Channel, State, Address, Detail string
}

func (w *world) messages(query string) []message {
	w.t.Helper()
	var out struct{ Items []message }
	w.call(http.MethodGet, "/api/v1/messages?"+query, nil, &out)
	return out.Items
}

func person(id string, traits map[string]any) map[string]any {
	return map[string]any{"type": "identify", "userId": id, "traits": traits}
}

func track(id, name string) map[string]any {
	return map[string]any{"type": "track", "userId": id, "event": name}
}

func mail(i int) string { return fmt.Sprintf("p%d@example.org", i) }

func decode(t testing.TB, text []byte, out any) {
	t.Helper()
	if err := json.Unmarshal(text, out); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}
