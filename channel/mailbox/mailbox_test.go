package mailbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/smtp"
	"net/url"
	"strings"
	"testing"

	"github.com/heedcx/heed/channel/mailbox"
	"github.com/heedcx/heed/internal/clock"
)

const raw = "From: =?utf-8?q?L=C3=BCmen?= <hello@lumen.example>\r\nTo: ada@example.com\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nX-Heed-Message: 01890a5d-ac96-774b-bcce-b302099a8057\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nHello=20Ada\r\n--x\r\nContent-Type: text/html\r\n\r\n<html><head><script>alert(1)</script></head><body>Hi</body></html>\r\n--x--\r\n"

func send(t *testing.T, s *mailbox.Server, from, to, data string) error {
	t.Helper()
	u, err := url.Parse(s.URL())
	if err != nil {
		t.Fatal(err)
	}
	return smtp.SendMail(u.Host, nil, from, []string{to}, []byte(data))
}

func get(t *testing.T, h http.Handler, path string, into any) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	if into != nil {
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
			t.Fatalf("%s: %v %s", path, err, w.Body)
		}
	}
	return w
}

func TestCatchAndRead(t *testing.T) {
	box := mailbox.New(clock.NewVirtual(1e15), 0, 0)
	var seen []string
	refuse := false
	s, err := mailbox.Listen("127.0.0.1:0", box, func(_ context.Context, from, to string, _ []byte) error {
		if refuse {
			return errors.New("not now")
		}
		seen = append(seen, from+">"+to)
		return nil
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for _, to := range []string{"ada@example.com", "Bob@example.com", "ada@example.com"} {
		if err := send(t, s, "b@lumen.example", to, raw); err != nil {
			t.Fatal(err)
		}
	}
	refuse = true
	if err := send(t, s, "b@lumen.example", "ada@example.com", raw); err == nil || !strings.Contains(err.Error(), "Try again later") {
		t.Errorf("a handler that fails: %v", err)
	}
	refuse = false
	if err := send(t, s, "b@lumen.example", "ada@example.com", raw+strings.Repeat("x", mailbox.MaxMail)); err == nil {
		t.Error("a huge mail passes")
	}
	if len(seen) != 3 {
		t.Errorf("handler saw %v", seen)
	}
	h := box.Handler()
	var l struct {
		Mails  []mailbox.Summary
		Caught int
	}
	get(t, h, "/", &l)
	if len(l.Mails) != 3 || l.Caught != 3 || l.Mails[0].ID != "3" || l.Mails[0].Subject != "Grüße" || l.Mails[0].From != "Lümen <hello@lumen.example>" || l.Mails[0].Message != "01890a5d-ac96-774b-bcce-b302099a8057" {
		t.Errorf("list %+v", l)
	}
	get(t, h, "/?to=bob@example.com", &l)
	if len(l.Mails) != 1 || l.Mails[0].To != "Bob@example.com" {
		t.Errorf("of one recipient: %+v", l.Mails)
	}
	get(t, h, "/?before=3&limit=1", &l)
	if len(l.Mails) != 1 || l.Mails[0].ID != "2" {
		t.Errorf("a page: %+v", l.Mails)
	}
	var o mailbox.Opened
	get(t, h, "/1", &o)
	if o.Text != "Hello Ada" || !o.HasHTML || len(o.Headers) < 5 {
		t.Errorf("one: %+v", o)
	}
	w := get(t, h, "/1/html", nil)
	csp := w.Header().Get("Content-Security-Policy")
	if !strings.HasPrefix(csp, "sandbox ") || strings.Contains(csp, "allow-scripts") || strings.Contains(csp, "allow-same-origin") || !strings.Contains(csp, "default-src 'none'") || !strings.Contains(w.Body.String(), "Hi") {
		t.Errorf("%q %s", csp, w.Body)
	}
	if w := get(t, h, "/1/raw", nil); !strings.Contains(w.Header().Get("Content-Disposition"), "attachment") || !strings.HasPrefix(w.Body.String(), "From:") {
		t.Errorf("raw: %v", w.Header())
	}
	for path, want := range map[string]int{"/99": 404, "/x": 404, "/?limit=0": 400, "/?limit=9999": 400, "/?before=x": 400, "/1/nothing": 404} {
		if w := get(t, h, path, nil); w.Code != want {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	w = httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("DELETE", "/", nil))
	if get(t, h, "/", &l); len(l.Mails) != 0 || w.Code != 204 {
		t.Error("not cleared")
	}
}

func TestMailboxIsBounded(t *testing.T) {
	box := mailbox.New(clock.NewVirtual(1), 10, 1000)
	for i := range 100 {
		box.Put("a", fmt.Sprint(i), make([]byte, 90))
	}
	if l := box.List("", 0, 1000); len(l) != 10 || l[0].To != "99" || l[9].To != "90" {
		t.Errorf("%d mails", len(l))
	}
	box.Put("a", "big", make([]byte, 950))
	if l := box.List("", 0, 1000); len(l) != 1 {
		t.Errorf("%d mails beside a big one", len(l))
	}
	if _, ok := box.Get(50); ok {
		t.Error("an old mail is still there")
	}
}

func TestListensOnThisMachineOnly(t *testing.T) {
	if s, err := mailbox.Listen("0.0.0.0:0", mailbox.New(clock.NewVirtual(1), 0, 0), nil, slog.New(slog.DiscardHandler)); err == nil {
		_ = s.Close()
		t.Error("it can be reached from other machines")
	}
}
