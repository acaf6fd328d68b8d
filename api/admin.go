package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/heedcx/heed/internal/account"
)

// registerAdmin adds what an administrator needs to set Heed up.
func (s *server) registerAdmin() {
	s.registerInvites()
	s.registerOIDC()
	s.registerBackup()
	route(s, op{method: http.MethodPost, path: "/mails/test", id: "sendTestMail", tag: "setup", need: account.WriteSpecs, needs: s.MailTester, what: "a mail channel", audit: "mail.test",
		maxBody: 4 << 10, summary: "Send a test mail", about: "From the brand's sender, through the mail server that all mails take. An error says what the server said."}, s.testMail)
	s.stream(op{method: http.MethodGet, path: "/arrivals", id: "watchArrivals", tag: "setup", need: account.ManageData, slow: true,
		summary: "Events as they come in, taken or refused", about: "Server-sent events, each with an Arrival as data. Ends every five minutes: connect again. A slow reader misses some."},
		typeOf[Arrival](), []*huma.Param{{Name: "source", In: "query", Description: "Only this source.", Schema: &huma.Schema{Type: huma.TypeString}}},
		func(ctx context.Context, r *http.Request) (<-chan any, error) {
			if !present(s.Arrivals) {
				return nil, missing("the doors that events come in at")
			}
			from, err := s.Arrivals.Watch(ctx, r.URL.Query().Get("source"))
			return relay(ctx, from), err
		})
	s.stream(op{method: http.MethodGet, path: "/overview/live", id: "watchOverview", tag: "overview", need: account.ReadStats, slow: true,
		summary: "How things stand, whenever that changes", about: "Server-sent events, each with an Overview as data; at most one in two seconds. Ends every five minutes: connect again."},
		typeOf[Overview](), nil, s.watchOverview)
}

func (s *server) testMail(ctx context.Context, in *struct {
	Body struct {
		To string `json:"to" format:"email" maxLength:"254"`
	}
}) (*Body[TestMail], error) {
	sent, err := s.MailTester.TestMail(ctx, in.Body.To)
	note(ctx, "mail to "+in.Body.To, nil, nil)
	return body(TestMail{From: sent.From, Server: sent.Server, Mailbox: sent.Server == ""}), err
}

// TestMail says where a test mail went.
type TestMail struct {
	From    string `json:"from"`
	Server  string `json:"server,omitempty" doc:"The mail server that has taken it."`
	Mailbox bool   `json:"mailbox" doc:"It lies in the built-in mailbox: no mail server is set."`
}

const overviewEvery = 2 * time.Second

// watchOverview sends how things stand at first and whenever something has changed.
func (s *server) watchOverview(ctx context.Context, _ *http.Request) (<-chan any, error) {
	if !present(s.Overview) {
		return nil, missing("an overview")
	}
	first, err := s.overviewNow(ctx)
	if err != nil {
		return nil, err
	}
	out := make(chan any, 1)
	go func() {
		defer close(out)
		tick := time.NewTicker(overviewEvery)
		defer tick.Stop()
		var last string
		for now := first; ; {
			stamped := now
			stamped.At = first.At // the time of asking is no news
			if text, err := json.Marshal(stamped); err == nil && string(text) != last {
				last = string(text)
				select {
				case out <- now:
				case <-ctx.Done():
					return
				}
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			if next, err := s.overviewNow(ctx); err == nil { // else the page keeps what it has
				now = next
			}
		}
	}()
	return out, nil
}

// relay turns a channel of one thing into one of anything, until ctx ends.
func relay[T any](ctx context.Context, from <-chan T) <-chan any {
	out := make(chan any)
	go func() {
		defer close(out)
		for one := range from {
			select {
			case out <- one:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}
