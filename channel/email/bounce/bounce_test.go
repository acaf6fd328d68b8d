package bounce_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/channel/email/bounce"
	"github.com/heedcx/heed/channel/token"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/stream"
)

const id = "01890a5d-ac96-774b-bcce-b302099a8057"

func report(action, status, to, diagnostic, original string) string {
	return strings.ReplaceAll(`From: MAILER-DAEMON@mx.example
To: bounces@lumen.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="b1"

--b1
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Sun, 1 Mar 2026 09:00:00 +0000

Final-Recipient: rfc822; `+to+`
Original-Recipient: rfc822;`+to+`
Action: `+action+`
Status: `+status+`
Diagnostic-Code: smtp; `+diagnostic+`

--b1
Content-Type: text/rfc822-headers

`+original+`

--b1--
`, "\n", "\r\n")
}

func TestParse(t *testing.T) {
	r, err := bounce.Parse(strings.NewReader(report("failed", "5.1.1", "ada@example.com", "550 5.1.1 no such\n  user", "Subject: x\nX-Heed-Message: "+id)))
	if err != nil || r.Message.String() != id || len(r.Recipients) != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	if got, want := r.Recipients[0], (bounce.Recipient{Address: "ada@example.com", Action: "failed", Status: "5.1.1", Detail: "550 5.1.1 no such user", Hard: true}); got != want {
		t.Errorf("got %+v", got)
	}
	for _, c := range []struct {
		action, status string
		hard           bool
	}{{"failed", "5.2.2", false}, {"failed", "5.7.1", false}, {"failed", "4.4.7", false}, {"failed", "5.1.10", true}, {"failed", "5.2.1 (disabled)", true}, {"failed", "5.0.0", true}, {"delayed", "4.2.0", false}, {"delivered", "2.0.0", false}} {
		r, err := bounce.Parse(strings.NewReader(report(c.action, c.status, "a@example.com", "x", "Message-ID: <"+id+"@lumen.example>")))
		if err != nil || r.Recipients[0].Hard != c.hard || r.Message.String() != id {
			t.Errorf("%+v: %+v, %v", c, r, err)
		}
	}
	for _, s := range []string{"", "Subject: out of office\r\n\r\nI am away", "Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\n\r\nhello\r\n--x--", "Content-Type: multipart/report\r\n\r\n", "\x00\xff"} {
		if _, err := bounce.Parse(strings.NewReader(s)); !errors.Is(err, bounce.ErrNotReport) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

type world struct {
	in     *bounce.Intake
	keys   *token.Keys
	events []heed.Event
	err    error
}

func (w *world) Message(_ context.Context, m heed.ID) (heed.Message, error) {
	if m.String() != id {
		return heed.Message{}, heed.Errorf(heed.NotFound, "There is no such message.")
	}
	return heed.Message{Intent: heed.Intent{ID: m, Person: heed.ID{7}, Channel: "email", Purpose: "news"}, Address: "Ada@example.com"}, nil
}

func (w *world) Write(_ context.Context, e []heed.Event) (stream.Position, error) {
	if w.err != nil {
		return nil, w.err
	}
	w.events = append(w.events, e...)
	return stream.Position{}, nil
}

func newWorld(t *testing.T) *world {
	t.Helper()
	keys, err := token.New(bytes.Repeat([]byte("s"), 32))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{keys: keys}
	w.in = &bounce.Intake{Keys: keys, Messages: w, Sink: w, Clock: clock.NewVirtual(1e15), Log: slog.New(slog.DiscardHandler)}
	return w
}

func TestIntake(t *testing.T) {
	m, err := heed.ParseID(id)
	if err != nil {
		t.Fatal(err)
	}
	header := "X-Heed-Message: " + id
	complaint := strings.ReplaceAll("Content-Type: multipart/report; report-type=feedback-report; boundary=x\n\n--x\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: z\nVersion: 1\n\n--x\nContent-Type: message/rfc822\n\n"+header+"\nSubject: s\n\nbody\n--x--\n", "\n", "\r\n")
	for _, c := range []struct {
		name, to, raw string
		want          string // the event's name, "" for none
		hard          bool
		notOurs       bool
	}{
		{name: "hard", raw: report("failed", "5.1.1", "ada@example.com", "no", header), want: "bounced", hard: true},
		{name: "soft", raw: report("failed", "5.2.2", "ada@example.com", "full", header), want: "soft_bounced"},
		{name: "delayed", raw: report("delayed", "4.2.0", "ada@example.com", "later", header)},
		{name: "delivered", raw: report("delivered", "2.0.0", "ada@example.com", "ok", header), want: "delivered"},
		{name: "another address", raw: report("failed", "5.1.1", "eve@example.com", "no", header)},
		{name: "forwarded, with our tag", to: "bounces+TAG@lumen.example", raw: report("failed", "5.1.1", "ada@elsewhere.example", "no", ""), want: "bounced", hard: true},
		{name: "a tag that is not ours", to: "bounces+0011-2233@lumen.example", raw: report("failed", "5.1.1", "ada@example.com", "no", ""), notOurs: true},
		{name: "an unknown message", raw: report("failed", "5.1.1", "ada@example.com", "no", "X-Heed-Message: 01890a5d-ac96-774b-bcce-b302099a8058"), notOurs: true},
		{name: "complaint", raw: complaint, want: "complained"},
		{name: "not spam", raw: strings.Replace(complaint, "abuse", "not-spam", 1)},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			to := strings.Replace(c.to, "TAG", w.keys.BounceTag(m), 1)
			err := w.in.Take(context.Background(), to, strings.NewReader(c.raw))
			if c.notOurs != errors.Is(err, bounce.ErrNotReport) || !c.notOurs && err != nil {
				t.Fatal(err)
			}
			if c.want == "" {
				if len(w.events) != 0 {
					t.Errorf("events %+v", w.events)
				}
				return
			}
			if len(w.events) != 1 {
				t.Fatalf("%d events", len(w.events))
			}
			var f channel.Feedback
			if err := json.Unmarshal(w.events[0].Properties, &f); err != nil {
				t.Fatal(err)
			}
			if e := w.events[0]; e.Name != c.want || f.Hard != c.hard || f.Message != m || f.Address != "Ada@example.com" || e.IDs[0].Value != (heed.ID{7}).String() {
				t.Errorf("%+v %+v", e, f)
			}
		})
	}
	w := newWorld(t)
	w.err = errors.New("the stream is down")
	if err := w.in.Take(context.Background(), "", strings.NewReader(complaint)); err == nil || errors.Is(err, bounce.ErrNotReport) {
		t.Errorf("got %v", err)
	}
}

func TestMaildir(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	for _, d := range []string{"new", "cur", "tmp"} {
		if err := os.Mkdir(filepath.Join(dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for name, raw := range map[string]string{"1.a": report("failed", "5.1.1", "ada@example.com", "no", "X-Heed-Message: "+id), "2.b": "Subject: spam\r\n\r\nbuy"} {
		if err := os.WriteFile(filepath.Join(dir, "new", name), []byte(raw), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	left := func(sub string) int {
		f, err := os.ReadDir(filepath.Join(dir, sub))
		if err != nil {
			t.Fatal(err)
		}
		return len(f)
	}
	w.err = errors.New("down")
	if err := bounce.Scan(w.in, dir); err == nil || left("new") != 2 {
		t.Errorf("%v, %d left", err, left("new"))
	}
	w.err = nil
	if err := bounce.Scan(w.in, dir); err != nil || left("new") != 0 || left("cur") != 2 || len(w.events) != 1 {
		t.Errorf("%v, %d left, %d done, %d events", err, left("new"), left("cur"), len(w.events))
	}
	if err := w.in.Maildir(context.Background(), t.TempDir(), time.Hour); err == nil {
		t.Error("any folder passes for a maildir")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(report("failed", "5.1.1", "ada@example.com", "no", "X-Heed-Message: "+id))
	f.Add("Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n--x--")
	f.Fuzz(func(t *testing.T, raw string) {
		r, err := bounce.Parse(strings.NewReader(raw))
		if err != nil {
			if !errors.Is(err, bounce.ErrNotReport) {
				t.Error(err)
			}
			return
		}
		for _, x := range r.Recipients {
			if strings.ContainsAny(x.Address+x.Detail+x.Status+x.Action, "\r\n\x00") || len(x.Detail) > 500 {
				t.Errorf("%+v", x)
			}
		}
	})
}
