package app_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/app"
)

// receiver is another system: it answers what it is told to and remembers what came.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	answer int
	ids    []string
}

func newReceiver(t *testing.T, answer int) *receiver {
	r := &receiver{answer: answer}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		_, _ = io.Copy(io.Discard, q.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.ids = append(r.ids, q.Header.Get("webhook-id"))
		w.WriteHeader(r.answer)
		_, _ = fmt.Fprintf(w, "answer %d", len(r.ids))
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) says(answer int) { r.mu.Lock(); r.answer = answer; r.mu.Unlock() }

func (r *receiver) got() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.ids...)
}

func (w *world) tries(id string) []api.Try {
	w.t.Helper()
	var out struct{ Items []api.Try }
	w.call(http.MethodGet, "/api/v1/messages/"+id+"/tries", nil, &out)
	return out.Items
}

func (w *world) hook(state string, tries int) (m message) {
	w.t.Helper()
	w.until("the webhook is "+state, func() bool {
		list := w.messages("channel=webhook")
		if len(list) == 1 {
			m = list[0]
		}
		return m.State == state && len(w.tries(m.ID)) == tries
	})
	return m
}

// What failed is sent again by hand, and what went well too: each time under the id that the receiver knows, with every
// attempt on record, until the person has opted out.
func TestAWebhookIsSentAgainByHand(t *testing.T) {
	each(t, func(c *app.Config) { c.AllowPrivate = true }, func(t *testing.T, w *world) {
		erp := newReceiver(t, http.StatusGone)
		w.apply(strings.Replace(hookSpecs(erp.URL), "consent: none", "consent: opt_out", 1))
		w.events(person("ann", map[string]any{"first_name": "Ann"}), track("ann", "Ordered"))
		m := w.hook("failed", 1)
		if one := w.tries(m.ID)[0]; one.Status != http.StatusGone || one.Millis <= 0 || one.Detail != "410 answer 1" {
			t.Errorf("the first attempt is on record as %+v", one)
		}
		w.settled() // the news of the failure is folded
		erp.says(http.StatusOK)
		path := "/api/v1/messages/" + m.ID + "/resend"
		w.call(http.MethodPost, path, nil, nil)
		w.hook("sent", 3)
		w.call(http.MethodPost, path, nil, nil)
		w.hook("sent", 5)
		if got := fmt.Sprint(erp.got()); got != fmt.Sprint([]string{m.ID, m.ID, m.ID}) {
			t.Errorf("the receiver got %s, want %s three times", got, m.ID)
		}
		tries := w.tries(m.ID)
		if tries[1].By == "" || tries[1].Millis != 0 || tries[2].Status != http.StatusOK || tries[2].By != "" {
			t.Errorf("tries %+v", tries)
		}
		var audit struct {
			Items []struct{ Action, Target string }
		}
		w.call(http.MethodGet, "/api/v1/audit?limit=10", nil, &audit)
		if n := strings.Count(fmt.Sprint(audit.Items), "{message.resend message "+m.ID+"}"); n != 2 {
			t.Errorf("%d resends in the audit log: %+v", n, audit.Items)
		}

		w.call(http.MethodPost, "/api/v1/people/"+m.Person+"/consents", map[string]any{"purpose": "operations", "channel": "webhook", "state": "denied", "act": "said so", "where": "phone"}, nil)
		w.call(http.MethodPost, path, nil, nil)
		if m := w.hook("dropped", 6); len(erp.got()) != 3 {
			t.Errorf("after the opt-out the receiver got %v, the message is %+v", erp.got(), m)
		}
		if status, body := w.do(http.MethodPost, path, nil); status != http.StatusConflict || !strings.Contains(string(body), "nothing to send again") {
			t.Errorf("what was dropped is sent again: %d %s", status, body)
		}
	})
}

func TestAPrivateAddressIsNoneForASecondAttemptEither(t *testing.T) {
	w := boot(t, config(t, "", nil))
	erp := newReceiver(t, http.StatusOK)
	w.apply(hookSpecs(erp.URL))
	w.events(person("ann", nil), track("ann", "Ordered"))
	m := w.hook("failed", 1)
	w.settled()
	w.call(http.MethodPost, "/api/v1/messages/"+m.ID+"/resend", nil, nil)
	w.hook("failed", 3)
	if tries := w.tries(m.ID); len(erp.got()) != 0 || tries[2].Status != 0 || !strings.Contains(tries[2].Detail, "public internet") {
		t.Errorf("the receiver got %v, tries %+v", erp.got(), tries)
	}
}

func TestAMailIsNotSentAgainByHand(t *testing.T) {
	w := boot(t, config(t, "", nil))
	w.apply(`
kind: brand
name: lumen
title: Lumen
sender: {name: Lumen, email: hello@lumen.example}
---
kind: purpose
name: orders
title: Orders
class: service
consent: none
---
kind: template
name: thanks
channel: email
subject: Thanks
html: <p>Thanks</p>
---
kind: journey
name: thanks
trigger: {event: Ordered}
nodes:
  - {id: mail, message: {template: thanks, channel: email, purpose: orders}}
  - {id: done, end: true}
`)
	w.events(person("ann", map[string]any{"email": "ann@example.org"}), track("ann", "Ordered"))
	var id string
	w.until("the mail has gone", func() bool {
		for _, m := range w.messages("channel=email&state=sent") {
			id = m.ID
		}
		return id != ""
	})
	if status, body := w.do(http.MethodPost, "/api/v1/messages/"+id+"/resend", nil); status != http.StatusConflict || !strings.Contains(string(body), "Only webhooks") {
		t.Errorf("%d %s", status, body)
	}
	if status, _ := w.do(http.MethodPost, "/api/v1/messages/00000000-0000-7000-8000-000000000000/resend", nil); status != http.StatusNotFound {
		t.Errorf("a message that there is not: %d", status)
	}
}
