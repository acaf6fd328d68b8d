package email_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/channel/email"
	"github.com/heedcx/heed/channel/token"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/spec"
)

const base = "https://news.lumen.example"

var now = heed.At(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))

// fixed is a Specs that stands still.
type fixed struct{ s *channel.Specs }

func (f fixed) Get(context.Context) (*channel.Specs, error) { return f.s, nil }

func body(t testing.TB, v any) heed.RawJSON {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func brand(t testing.TB, setup email.Setup) *channel.Specs {
	return &channel.Specs{
		Brand: channel.Brand{
			Name: "lumen", Title: "Lümen & Loom", Address: "Rua 1, Lisboa", Locale: "en",
			Sender: channel.From{Name: "Lümen & Loom", Email: "hello@lumen.example", ReplyTo: "care@lumen.example"},
		},
		Purposes: map[string]channel.Purpose{"newsletter": {Name: "newsletter", Class: heed.Marketing, Consent: "opt_in"}, "receipt": {Name: "receipt", Class: heed.Critical, Consent: "none"}},
		Channels: map[string]spec.Spec{"email": {Kind: spec.Channel, Name: "email", Version: 1, Body: body(t, setup)}},
		Templates: map[string]spec.Spec{
			"welcome": {Kind: spec.Template, Name: "welcome", Version: 1, Body: body(t, map[string]any{
				"channel": "email", "subject": "Grüße, {{ person.first_name | default: 'friend' }}", "preheader": "Glad you came",
				"html": "<p>Hi {{ person.first_name }}, <a href=\"https://lumen.example/shop?a=1&amp;b=2\">look</a>.\n.dot</p><p><a href=\"{{ unsubscribe_url }}\">Leave</a></p>",
			})},
			"plain":  {Kind: spec.Template, Name: "plain", Version: 1, Body: body(t, map[string]any{"channel": "email", "subject": "S", "text": "Dear {{ person.first_name }}\n.\n..\nBye"})},
			"broken": {Kind: spec.Template, Name: "broken", Version: 1, Body: body(t, map[string]any{"channel": "email", "subject": "S", "text": "{{ x }}"})},
		},
	}
}

func keys(t testing.TB) *token.Keys {
	t.Helper()
	k, err := token.New(bytes.Repeat([]byte("k"), 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func connect(t testing.TB, url string, s *channel.Specs, change func(*email.Config)) *email.Email {
	t.Helper()
	cfg, err := email.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&cfg)
	}
	e, err := email.New(cfg, base, fixed{s}, keys(t), clock.NewVirtual(now))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return e
}

func message(n int, to string) heed.Claimed {
	return heed.Claimed{
		Message: heed.Message{
			Intent: heed.Intent{ID: heed.MakeID(now, [10]byte{byte(n >> 8), byte(n), 1, 2, 3, 4, 5, 6, 7, byte(n)}), Person: heed.ID{9}, Channel: "email", Purpose: "newsletter", Template: "welcome"},
			Class:  heed.Marketing, Address: to, Made: now,
		},
		Person: &heed.Person{ID: heed.ID{9}, Traits: map[string]heed.Trait{"first_name": {Value: `"Ada"`}}},
	}
}

// parts reads a mail as a mail program does: headers, text, html.
func parts(t testing.TB, data []byte) (netmail.Header, string, string) {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if kind == "text/plain" {
		b, err := io.ReadAll(quotedprintable.NewReader(m.Body))
		if err != nil {
			t.Fatal(err)
		}
		return m.Header, string(b), ""
	}
	var out []string
	r := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := r.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(p) // the reader undoes quoted-printable
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(b))
	}
	if kind != "multipart/alternative" || len(out) != 2 {
		t.Fatalf("%s with %d parts", kind, len(out))
	}
	return m.Header, out[0], out[1]
}

func deliver(t testing.TB, e *email.Email, batch ...heed.Claimed) map[heed.ID]heed.SendResult {
	t.Helper()
	got, err := e.Deliver(context.Background(), batch)
	if err != nil {
		t.Fatal(err)
	}
	m := map[heed.ID]heed.SendResult{}
	for _, r := range got {
		if _, twice := m[r.ID]; twice {
			t.Errorf("two results for %s", r.ID)
		}
		m[r.ID] = r
	}
	if len(m) != len(batch) {
		t.Fatalf("%d results for %d messages", len(m), len(batch))
	}
	return m
}

func TestMailAsReceived(t *testing.T) {
	var s sink
	s.start(t, "", nil, false)
	e := connect(t, "smtp://"+s.addr+"?tls=none", brand(t, email.Setup{BounceAddress: "bounces@lumen.example"}), nil)
	c := message(1, "ada@example.com")
	if r := deliver(t, e, c)[c.Message.ID]; r.State != heed.MessageSent || r.At != now {
		t.Fatalf("got %+v", r)
	}
	got := s.taken()
	if len(got) != 1 || got[0].to != "ada@example.com" {
		t.Fatalf("got %+v", got)
	}
	tag := strings.TrimSuffix(strings.TrimPrefix(got[0].from, "bounces+"), "@lumen.example")
	if id, err := keys(t).ReadBounceTag(tag); err != nil || id != c.Message.ID {
		t.Errorf("return address %q: %v", got[0].from, err)
	}
	h, text, html := parts(t, got[0].data)
	subject, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject"))
	if err != nil || subject != "Grüße, Ada" {
		t.Errorf("subject %q, %v", subject, err)
	}
	from, err := h.AddressList("From")
	if err != nil || from[0].Name != "Lümen & Loom" || from[0].Address != "hello@lumen.example" {
		t.Errorf("from %v, %v", from, err)
	}
	id := c.Message.ID.String()
	for k, want := range map[string]string{"Message-Id": "<" + id + "@lumen.example>", "X-Heed-Message": id, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Reply-To": "<care@lumen.example>"} {
		if h.Get(k) != want {
			t.Errorf("%s: got %q, want %q", k, h.Get(k), want)
		}
	}
	link := strings.Trim(h.Get("List-Unsubscribe"), "<>")
	claims, err := keys(t).Read(token.Unsubscribe, strings.TrimPrefix(link, base+"/u/"))
	if err != nil || claims.Message != c.Message.ID || claims.Person != c.Message.Person || claims.Purpose != "newsletter" || claims.Channel != "email" {
		t.Errorf("List-Unsubscribe %q: %+v, %v", link, claims, err)
	}
	if strings.Contains(link, "ada") {
		t.Error("personal data in a link")
	}
	if !strings.Contains(html, "Hi Ada") || !strings.Contains(html, "Glad you came") || !strings.Contains(html, "<html lang=\"en\">") || !strings.Contains(html, `href="https://lumen.example/shop?a=1&amp;b=2"`) {
		t.Errorf("html: %s", html)
	}
	if strings.Contains(html, "/o/") || strings.Contains(html, "/c/") {
		t.Error("tracked without being told to")
	}
	if !strings.HasPrefix(text, "Hi Ada, look (https://lumen.example/shop?a=1&b=2). .dot\n") && !strings.HasPrefix(text, "Hi Ada, look (https://lumen.example/shop?a=1&b=2). .dot\r\n") {
		t.Errorf("text: %q", text)
	}
	for _, line := range bytes.Split(got[0].data, []byte("\r\n")) {
		if len(line) > 998 {
			t.Errorf("a line of %d bytes", len(line))
		}
	}
}

func TestDotsAndCriticalMails(t *testing.T) {
	var s sink
	s.start(t, "", nil, false)
	e := connect(t, "smtp://"+s.addr+"?tls=none", brand(t, email.Setup{}), nil)
	c := message(1, "ada@example.com")
	c.Message.Template, c.Message.Purpose, c.Message.Class = "plain", "receipt", heed.Critical
	deliver(t, e, c)
	h, text, _ := parts(t, s.taken()[0].data)
	if strings.ReplaceAll(text, "\r\n", "\n") != "Dear Ada\n.\n..\nBye\n" {
		t.Errorf("text %q", text)
	}
	if h.Get("List-Unsubscribe") != "" {
		t.Error("a critical mail offers to unsubscribe")
	}
	// The same text for a purpose that one can leave gets the way out that its author forgot.
	c = message(2, "ada@example.com")
	c.Message.Template = "plain"
	deliver(t, e, c)
	if _, text, _ := parts(t, s.taken()[1].data); !strings.Contains(text, base+"/u/") || !strings.Contains(text, "Rua 1, Lisboa") {
		t.Errorf("no way out: %q", text)
	}
}

func TestTracking(t *testing.T) {
	var s sink
	s.start(t, "", nil, false)
	e := connect(t, "smtp://"+s.addr+"?tls=none", brand(t, email.Setup{Tracking: email.Tracking{Opens: true, Clicks: true}}), nil)
	yes, no := message(1, "a@example.com"), message(2, "b@example.com")
	no.Person.Preferences.NoTrack = true
	deliver(t, e, yes, no)
	_, text, html := parts(t, s.taken()[0].data)
	_, rest, ok := strings.Cut(html, base+"/c/")
	tok, _, _ := strings.Cut(rest, `"`)
	c, err := keys(t).Read(token.Click, tok)
	if !ok || err != nil || c.URL != "https://lumen.example/shop?a=1&b=2" || c.Message != yes.Message.ID {
		t.Errorf("click %+v, %v", c, err)
	}
	if !strings.Contains(html, base+"/o/") || strings.Count(html, "/u/") != 1 || strings.Contains(text, "/c/") {
		t.Errorf("html %s\ntext %s", html, text)
	}
	if _, _, html := parts(t, s.taken()[1].data); strings.Contains(html, "/c/") || strings.Contains(html, "/o/") {
		t.Error("tracked someone who refuses it")
	}
}

func TestServerAnswers(t *testing.T) {
	refuse := func(code int, e smtp.EnhancedCode, m string) error {
		return &smtp.SMTPError{Code: code, EnhancedCode: e, Message: m}
	}
	s := sink{
		onRcpt: func(to string) error {
			switch {
			case strings.HasPrefix(to, "nobody"):
				return refuse(550, smtp.EnhancedCode{5, 1, 1}, "no such user")
			case strings.HasPrefix(to, "full"):
				return refuse(552, smtp.EnhancedCode{5, 2, 2}, "mailbox full")
			case strings.HasPrefix(to, "grey"):
				return refuse(450, smtp.EnhancedCode{4, 7, 1}, "come back later")
			case strings.HasPrefix(to, "policy"):
				return refuse(550, smtp.EnhancedCode{5, 7, 1}, "we do not like you")
			}
			return nil
		},
		onData: func(to string, _ []byte) error {
			switch {
			case strings.HasPrefix(to, "spam"):
				return refuse(554, smtp.EnhancedCode{5, 7, 0}, "spam")
			case strings.HasPrefix(to, "busy"):
				return refuse(451, smtp.EnhancedCode{4, 3, 0}, "try again")
			}
			return nil
		},
	}
	s.start(t, "", nil, false)
	e := connect(t, "smtp://"+s.addr+"?tls=none&pool=1", brand(t, email.Setup{}), nil)
	want := map[string]heed.MessageState{
		"ok1": heed.MessageSent, "nobody": heed.MessageBounced, "ok2": heed.MessageSent, "full": heed.MessageFailed, "grey": heed.MessageReserved,
		"policy": heed.MessageFailed, "spam": heed.MessageFailed, "busy": heed.MessageReserved, "ok3": heed.MessageSent, "nobody2": heed.MessageBounced,
	}
	names := []string{"ok1", "nobody", "ok2", "full", "grey", "policy", "spam", "busy", "ok3", "nobody2"}
	var batch []heed.Claimed
	for i, n := range names {
		batch = append(batch, message(i, n+"@example.com"))
	}
	for range 2 { // the connection is as good as new afterwards
		got := deliver(t, e, batch...)
		for i, n := range names {
			r := got[batch[i].Message.ID]
			if r.State != want[n] {
				t.Errorf("%s: %+v", n, r)
			}
			if r.State == heed.MessageReserved && (r.RetryAt < now.Add(time.Minute) || r.RetryAt > now.Add(67*time.Second)) {
				t.Errorf("%s: again at %s", n, r.RetryAt)
			}
		}
	}
	if len(s.taken()) != 6 || s.conns != 1 {
		t.Errorf("%d mails over %d connections", len(s.taken()), s.conns)
	}
}

func TestRetriesEnd(t *testing.T) {
	s := sink{onRcpt: func(string) error { return &smtp.SMTPError{Code: 450, Message: "later"} }}
	s.start(t, "", nil, false)
	e := connect(t, "smtp://"+s.addr+"?tls=none", brand(t, email.Setup{}), nil)
	c := message(1, "a@example.com")
	c.Message.Expires = now.Add(30 * time.Second)
	if r := deliver(t, e, c)[c.Message.ID]; r.State != heed.MessageFailed || !strings.HasPrefix(r.Detail, "given up: 450") {
		t.Errorf("got %+v", r)
	}
	c.Message.Expires, c.Message.Attempts = 0, 40
	if r := deliver(t, e, c)[c.Message.ID]; r.State != heed.MessageReserved || r.RetryAt < now.Add(time.Hour) {
		t.Errorf("got %+v", r)
	}
	c.Message.Made = now.Add(-48 * time.Hour)
	if r := deliver(t, e, c)[c.Message.ID]; r.State != heed.MessageFailed {
		t.Errorf("got %+v", r)
	}
}

func TestWhatCannotBeSent(t *testing.T) {
	var s sink
	s.start(t, "", nil, false)
	e := connect(t, "smtp://"+s.addr+"?tls=none", brand(t, email.Setup{}), nil)
	for i, c := range []struct {
		to, template string
		want         heed.MessageState
	}{
		{"", "welcome", heed.MessageBounced}, {"nonsense", "welcome", heed.MessageBounced}, {"a@b@c", "welcome", heed.MessageBounced},
		{"a@example.com\r\nRCPT TO:<b@example.com>", "welcome", heed.MessageBounced}, {"\"a b\"@example.com", "welcome", heed.MessageBounced},
		{"a@example.com", "missing", heed.MessageFailed}, {"a@example.com", "broken", heed.MessageFailed},
		{"jörg@example.com", "welcome", heed.MessageSent}, {"a@bücher.example", "welcome", heed.MessageSent},
	} {
		m := message(i, c.to)
		m.Message.Template = c.template
		if r := deliver(t, e, m)[m.Message.ID]; r.State != c.want {
			t.Errorf("%q %s: got %+v", c.to, c.template, r)
		}
	}
	if got := s.taken(); len(got) != 2 || got[1].to != "a@xn--bcher-kva.example" {
		t.Errorf("got %v", got)
	}
}

func TestThrottle(t *testing.T) {
	var s sink
	s.start(t, "", nil, false)
	e := connect(t, "smtp://"+s.addr+"?tls=none", brand(t, email.Setup{Throttle: map[string]string{"slow.example": "2/s"}}), nil)
	var batch []heed.Claimed
	for i := range 6 {
		batch = append(batch, message(i, fmt.Sprintf("p%d@slow.example", i)))
	}
	batch = append(batch, message(99, "p@fast.example"))
	var at []heed.Time
	for _, r := range deliver(t, e, batch...) {
		if r.State == heed.MessageReserved {
			at = append(at, r.RetryAt)
		}
	}
	if len(at) != 4 || len(s.taken()) != 3 {
		t.Fatalf("%d put off, %d sent", len(at), len(s.taken()))
	}
	for _, a := range at {
		if a <= now || a > now.Add(2*time.Second) {
			t.Errorf("put off to %s", a)
		}
	}
}
