package webhook_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/channel/webhook"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/spec"
)

var now = heed.At(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))

var key = bytes.Repeat([]byte("k"), 32)

type fixed struct{ s *channel.Specs }

func (f fixed) Get(context.Context) (*channel.Specs, error) { return f.s, nil }

func specs(t *testing.T, url string) fixed {
	t.Helper()
	b, err := json.Marshal(map[string]any{"channel": "webhook", "url": url, "body": `{"who":"{{ person.name }}","order":{{ vars.order | json }}}`, "headers": []map[string]string{{"name": "X-Team", "value": "care"}}})
	if err != nil {
		t.Fatal(err)
	}
	return fixed{&channel.Specs{
		Templates: map[string]spec.Spec{
			"hook":   {Kind: spec.Template, Name: "hook", Version: 1, Body: b},
			"broken": {Kind: spec.Template, Name: "broken", Version: 1, Body: heed.RawJSON(`{"channel":"webhook","url":"https://x.example","body":"{\"a\":{{ person.name }}}"}`)},
		},
		Channels: map[string]spec.Spec{"webhook": {Kind: spec.Channel, Name: "webhook", Body: heed.RawJSON(`{"secret":"whsec_` + base64.StdEncoding.EncodeToString(key) + `"}`)}},
	}}
}

func message(n byte) heed.Claimed {
	return heed.Claimed{
		Message: heed.Message{Intent: heed.Intent{ID: heed.MakeID(now, [10]byte{9: n}), Channel: "webhook", Template: "hook", Vars: `{"order":{"id":7}}`}, Made: now},
		Person:  &heed.Person{Traits: map[string]heed.Trait{"name": {Value: `"Ada \"L\""`}}},
	}
}

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

func deliver(t *testing.T, h *webhook.Webhook, batch ...heed.Claimed) map[heed.ID]heed.SendResult {
	t.Helper()
	got, err := h.Deliver(context.Background(), batch)
	if err != nil {
		t.Fatal(err)
	}
	out := map[heed.ID]heed.SendResult{}
	for _, r := range got {
		out[r.ID] = r
	}
	if len(out) != len(batch) {
		t.Fatalf("%d results for %d messages", len(out), len(batch))
	}
	return out
}

func TestSignedPost(t *testing.T) {
	var mu sync.Mutex
	var req *http.Request
	var body []byte
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		req = r
		body, _ = io.ReadAll(r.Body)
		w.Header().Set("X-Request-Id", "abc")
		_, _ = io.WriteString(w, "thanks")
	}))
	t.Cleanup(srv.Close)
	h := webhook.New(webhook.Config{Allow: loopback}, specs(t, srv.URL+"/in"), clock.NewVirtual(now))
	c := message(1)
	if r := deliver(t, h, c)[c.Message.ID]; r.State != heed.MessageSent || r.Provider != "abc" || r.Detail != "200 thanks" {
		t.Fatalf("got %+v", r)
	}
	mu.Lock()
	defer mu.Unlock()
	if string(body) != `{"who":"Ada \"L\"","order":{"id":7}}` || req.Method != "POST" || req.Header.Get("X-Team") != "care" || req.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%s %s %v", req.Method, body, req.Header)
	}
	id, stamp := req.Header.Get("webhook-id"), req.Header.Get("webhook-timestamp")
	m := hmac.New(sha256.New, key)
	_, _ = io.WriteString(m, id+"."+stamp+"."+string(body))
	if id != c.Message.ID.String() || stamp != "1772355600" || req.Header.Get("webhook-signature") != "v1,"+base64.StdEncoding.EncodeToString(m.Sum(nil)) {
		t.Errorf("headers %v", req.Header)
	}
}

func TestAnswers(t *testing.T) {
	status := make(chan int, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s := <-status
		if s == 429 {
			w.Header().Set("Retry-After", "120")
		}
		if s == 302 {
			w.Header().Set("Location", "http://169.254.169.254/latest/meta-data/")
		}
		w.WriteHeader(s)
		_, _ = w.Write(bytes.Repeat([]byte("x"), 1<<20)) // more than anybody reads
	}))
	t.Cleanup(srv.Close)
	h := webhook.New(webhook.Config{Allow: loopback}, specs(t, srv.URL), clock.NewVirtual(now))
	for s, want := range map[int]heed.MessageState{204: heed.MessageSent, 201: heed.MessageSent, 302: heed.MessageFailed, 400: heed.MessageFailed, 404: heed.MessageFailed, 410: heed.MessageFailed, 429: heed.MessageReserved, 500: heed.MessageReserved, 503: heed.MessageReserved} {
		status <- s
		c := message(byte(s))
		r := deliver(t, h, c)[c.Message.ID]
		if r.State != want || len(r.Detail) > 500 {
			t.Errorf("%d: %s %.80s", s, r.State, r.Detail)
		}
		if s == 429 && r.RetryAt != now.Add(2*time.Minute) {
			t.Errorf("Retry-After: %s", r.RetryAt)
		}
	}
}

func TestPrivateAddressesAreRefused(t *testing.T) {
	hit := false
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hit = true }))
	t.Cleanup(srv.Close)
	_, port, _ := net.SplitHostPort(srv.Listener.Addr().String())
	for _, u := range []string{"http://127.0.0.1:" + port, "http://localhost:" + port, "http://[::ffff:127.0.0.1]:" + port, "http://0.0.0.0:" + port, "http://[::]:" + port, "http://2130706433:" + port, "http://169.254.169.254/latest", "http://[fd00:ec2::254]/"} {
		h := webhook.New(webhook.Config{}, specs(t, u), clock.NewVirtual(now))
		c := message(1)
		r := deliver(t, h, c)[c.Message.ID]
		if r.State == heed.MessageSent || hit {
			t.Errorf("%s: %+v", u, r)
		}
		if !strings.Contains(u, "2130706433") && (r.State != heed.MessageFailed || !strings.Contains(r.Detail, "public internet")) {
			t.Errorf("%s: %+v", u, r)
		}
	}
}

func TestReceiverThatIsDown(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_ = l.Close()
	clk := clock.NewVirtual(now)
	h := webhook.New(webhook.Config{Allow: loopback}, specs(t, "http://"+addr), clk)
	for i := range 5 {
		c := message(byte(i))
		if r := deliver(t, h, c)[c.Message.ID]; r.State != heed.MessageReserved || r.RetryAt < now.Add(time.Minute) {
			t.Errorf("%d: %+v", i, r)
		}
	}
	c := message(9)
	if r := deliver(t, h, c)[c.Message.ID]; r.State != heed.MessageReserved || r.RetryAt != now.Add(30*time.Second) {
		t.Errorf("not left alone: %+v", r)
	}
	clk.Advance(time.Minute)
	if r := deliver(t, h, c)[c.Message.ID]; r.State != heed.MessageReserved || !strings.Contains(r.Detail, "refused") {
		t.Errorf("not tried again: %+v", r)
	}
}

func TestBodiesThatAreNotJSON(t *testing.T) {
	h := webhook.New(webhook.Config{}, specs(t, "https://x.example"), clock.NewVirtual(now))
	c := message(1)
	c.Message.Template = "broken"
	if r := deliver(t, h, c)[c.Message.ID]; r.State != heed.MessageFailed || !strings.Contains(r.Detail, "not JSON") {
		t.Errorf("%+v", r)
	}
}

func TestCheckSpec(t *testing.T) {
	for body, want := range map[string]string{
		`{}`: "", `{"url":"ftp://x"}`: "https://", `{"url":"https://u:p@x.example"}`: "password", `{"secret":"short"}`: "whsec_", `{"uri":"x"}`: "uri",
	} {
		errs := webhook.CheckSpec(spec.Spec{Kind: spec.Channel, Name: "webhook", Body: heed.RawJSON(body)})
		if want == "" && len(errs) > 0 || want != "" && (len(errs) != 1 || !strings.Contains(errs[0].Error(), want)) {
			t.Errorf("%s: %v", body, errs)
		}
	}
	errs := webhook.CheckSpec(spec.Spec{Kind: spec.Template, Name: "t", Body: heed.RawJSON(`{"channel":"webhook","body":"{}","url":"x","headers":[{"name":"Host","value":"a"},{"name":"A b","value":"c"},{"name":"X","value":"a\r\nB: c"},{"name":"Webhook-Id","value":"1"},{"name":"Authorization","value":"Bearer x"}]}`)})
	if len(errs) != 5 {
		t.Errorf("%v", errs)
	}
}
