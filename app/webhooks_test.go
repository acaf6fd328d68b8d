package app_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/heedcx/heed/app"
)

// hookSpecs is a brand whose journey tells another system of every order.
func hookSpecs(url string) string {
	return `
kind: purpose
name: operations
title: Operations
class: service
consent: none
---
kind: channel
name: webhook
url: ` + url + `
---
kind: template
name: tell
channel: webhook
body: '{"who": {{ person.first_name | json }}}'
---
kind: journey
name: tell
trigger: {event: Ordered}
nodes:
  - {id: tell, webhook: {template: tell, purpose: operations}}
  - {id: done, end: true}
`
}

func TestAWebhookLeavesSignedAndWhereItMay(t *testing.T) {
	for name, allowed := range map[string]bool{"allowed": true, "private addresses are not allowed": false} {
		t.Run(name, func(t *testing.T) {
			each(t, func(c *app.Config) { c.AllowPrivate = allowed }, func(t *testing.T, w *world) {
				got := make(chan string, 10)
				erp := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
					body, _ := io.ReadAll(r.Body)
					got <- r.Header.Get("webhook-id") + " " + r.Header.Get("webhook-signature") + " " + string(body)
				}))
				t.Cleanup(erp.Close)
				w.apply(hookSpecs(erp.URL))
				w.events(person("ann", map[string]any{"first_name": "Ann"}), track("ann", "Ordered"))
				var m message
				w.until("the webhook is done with", func() bool {
					list := w.messages("channel=webhook")
					if len(list) == 1 {
						m = list[0]
					}
					return m.State == "sent" || m.State == "failed"
				})
				if !allowed {
					if m.State != "failed" || !strings.Contains(m.Detail, "public internet") || len(got) != 0 {
						t.Errorf("a private address was reached, or the reason is not told: %+v, %d requests", m, len(got))
					}
					return
				}
				if m.State != "sent" || len(got) != 1 {
					t.Fatalf("message %+v, %d requests", m, len(got))
				}
				if one := <-got; !strings.HasPrefix(one, m.ID+" v1,") || !strings.HasSuffix(one, `{"who": "Ann"}`) {
					t.Errorf("the receiver got %s", one)
				}
			})
		})
	}
}

func TestOnlyChannelsThatThereAreCanBeSetUp(t *testing.T) {
	w := boot(t, config(t, "", nil))
	for text, want := range map[string]string{
		"kind: channel\nname: pigeon\n":                                                          "no such channel",
		"kind: channel\nname: webhook\nurl: ftp://x.example/\n":                                  "https://host/path",
		"kind: channel\nname: webhook\nsecret: whsec_c2hvcnQ=\n":                                 "24 random bytes",
		"kind: template\nname: t\nchannel: webhook\nbody: '{}'\nurl: 'https://u:p@x.example/'\n": "must not carry a password",
	} {
		status, body := w.do(http.MethodPost, "/api/v1/specs/apply", map[string]any{"files": map[string]string{"a.yaml": text}})
		if status != http.StatusUnprocessableEntity && status != http.StatusBadRequest || !strings.Contains(string(body), want) {
			t.Errorf("%q was answered with %d %s", text, status, body)
		}
	}
}
