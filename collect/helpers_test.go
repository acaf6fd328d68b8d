package collect

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/stream"
)

const now = heed.Time(1772100002000000) // 2026-02-26T10:00:02Z

// door is a handler with a sink that remembers.
type door struct {
	*Handler
	clock *clock.Virtual

	mu      sync.Mutex
	events  []heed.Event
	letters []stream.DeadLetter
	fail    error
	before  map[string]bool
	log     bytes.Buffer
}

func newDoor(t testing.TB, change ...func(*Options)) *door {
	t.Helper()
	d := &door{clock: clock.NewVirtual(now), before: map[string]bool{}}
	o := Options{Keys: d, Sink: d, Rejects: d, Duplicates: d, Clock: d.clock, Log: slog.New(slog.NewTextHandler(&d.log, nil))}
	for _, f := range change {
		f(&o)
	}
	d.Handler = New(o)
	return d
}

// The keys of the tests.
func (d *door) WriteKey(key string) (Source, bool) {
	switch key {
	case "web":
		return Source{Name: "website", Public: true, Channel: "web", Department: "marketing"}, true
	case "till":
		return Source{Name: "shop", Touchpoint: "Store till", Channel: "shop", Direction: heed.Inbound, Department: "sales"}, true
	}
	return Source{}, false
}

func (d *door) Write(_ context.Context, events []heed.Event) (stream.Position, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail != nil {
		return nil, d.fail
	}
	// Copied by the stream's own codec: what the sink keeps must not point into the request.
	var b []byte
	for i := range events {
		b = stream.AppendEvent(b, &events[i])
	}
	got, err := stream.DecodeEnvelope(append([]byte{1}, b...), nil)
	if err != nil {
		return nil, err
	}
	d.events = append(d.events, got...)
	return stream.Position{0: uint64(len(d.events))}, nil
}

func (d *door) Reject(_ context.Context, letters []stream.DeadLetter) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, l := range letters {
		l.Reason, l.Event = strings.Clone(l.Reason), heed.RawValue(strings.Clone(string(l.Event)))
		d.letters = append(d.letters, l)
	}
	return nil
}

func (d *door) Seen(_ context.Context, _ string, ids []string) ([]bool, error) {
	out := make([]bool, len(ids))
	for i, id := range ids {
		out[i] = d.before[id]
	}
	return out, nil
}

// send posts a body with a key in the header ("" for none) and returns status and answer.
func (d *door) send(t testing.TB, key, path, body string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	if key != "" {
		r.SetBasicAuth(key, "")
	}
	for _, f := range change {
		f(r)
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

// one sends one event that must be taken and returns it.
func (d *door) one(t testing.TB, key, path, body string) heed.Event {
	t.Helper()
	d.events = nil
	w := d.send(t, key, path, body)
	if w.Code != http.StatusOK || len(d.events) != 1 {
		t.Fatalf("%s %s: status %d, %d events: %s", path, body, w.Code, len(d.events), w.Body)
	}
	return d.events[0]
}

func gzipped(t testing.TB, s string) func(*http.Request) {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, s); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return func(r *http.Request) {
		r.Body, r.ContentLength = io.NopCloser(&b), int64(b.Len())
		r.Header.Set("Content-Encoding", "gzip")
	}
}
