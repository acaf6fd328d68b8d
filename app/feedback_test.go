package app_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed/app"
)

const reportSecret = "a-secret-for-reports-of-16"

// mailSpecs is a brand that confirms every order by mail.
const mailSpecs = `
kind: brand
name: lumen
title: Lumen
zone: Europe/Lisbon
sender: {name: Lumen, email: hello@lumen.example}
---
kind: purpose
name: orders
title: Your orders
class: service
consent: none
---
kind: template
name: thanks
channel: email
subject: Thank you
text: Thank you, {{ person.first_name }}
---
kind: journey
name: thanks
trigger: {event: Ordered}
nodes:
  - {id: mail, message: {channel: email, purpose: orders, template: thanks}}
  - {id: done, end: true}
`

// report posts a report signed with the secret.
func (w *world) report(channel, secret, body string) int {
	w.t.Helper()
	stamp := fmt.Sprint(time.Now().Unix())
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(stamp + "." + body))
	req, err := http.NewRequest(http.MethodPost, w.URL()+"/webhooks/"+channel, bytes.NewReader([]byte(body)))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("X-Heed-Timestamp", stamp)
	req.Header.Set("X-Heed-Signature", "v1="+hex.EncodeToString(mac.Sum(nil)))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}

// sentMail waits for the one mail to that address to be out.
func (w *world) sentMail(address string) (m message) {
	w.t.Helper()
	w.until("a mail to "+address+" is out", func() bool {
		for _, one := range w.messages("channel=email") {
			if one.Address == address && one.State == "sent" {
				m = one
				return true
			}
		}
		return false
	})
	return m
}

func TestReportsOfDeliveryReachTheMessageAndThePerson(t *testing.T) {
	each(t, nil, func(t *testing.T, w *world) {
		w.apply(mailSpecs)
		w.events(person("ann", map[string]any{"first_name": "Ann", "email": mail(1)}), track("ann", "Ordered"))
		m := w.sentMail(mail(1))
		body := `{"reports":[{"id":"r1","message":"` + m.ID + `","name":"bounced","hard":true,"detail":"550 no such user"}]}`
		if got := w.report("email", reportSecret, body); got != http.StatusNotFound {
			t.Errorf("a channel without feedback answered %d", got)
		}
		w.apply("kind: channel\nname: email\nfeedback: {provider: signed, secret: " + reportSecret + "}\n")
		if got := w.report("email", "another-secret-of-16-bytes", body); got != http.StatusUnauthorized {
			t.Errorf("a wrong signature was answered with %d", got)
		}
		for range 2 { // the provider sends it again
			if got := w.report("email", reportSecret, body); got != http.StatusNoContent {
				t.Fatalf("answered with %d", got)
			}
		}
		w.settled()
		if got := w.messages("channel=email")[0]; got.State != "bounced" || !strings.Contains(got.Detail, "no such user") {
			t.Errorf("the message is %+v", got)
		}
		_, text := w.do(http.MethodGet, "/api/v1/people/"+m.Person, nil)
		if !strings.Contains(string(text), "hard_bounce") {
			t.Errorf("the address is not suppressed: %s", text)
		}
		for _, path := range []string{"/api/v1/specs/channel/email", "/api/v1/specs", "/api/v1/specs/export", "/api/v1/specs/channel/email/versions", "/api/v1/audit"} {
			if _, text := w.do(http.MethodGet, path, nil); strings.Contains(string(text), reportSecret) {
				t.Errorf("%s tells the secret", path)
			}
		}
		// What was shown can be written back and still works.
		var shown struct{ Body any }
		w.call(http.MethodGet, "/api/v1/specs/channel/email", nil, &shown)
		shown.Body.(map[string]any)["bounce_address"] = "bounces@lumen.example"
		w.call(http.MethodPut, "/api/v1/specs/channel/email", shown.Body, nil)
		if got := w.report("email", reportSecret, strings.Replace(body, "r1", "r2", 1)); got != http.StatusNoContent {
			t.Errorf("after an edit the report was answered with %d", got)
		}
	})
}

func TestAReportMayNameAMessageByTheNextHopsId(t *testing.T) {
	each(t, func(c *app.Config) { c.SMTPURL = answering(t, "250 2.0.0 Ok: queued as 4RxV2x3kQz") }, func(t *testing.T, w *world) {
		w.apply(mailSpecs + "---\nkind: channel\nname: email\nfeedback: {provider: signed, secret: " + reportSecret + "}\n")
		w.events(person("ann", map[string]any{"email": mail(1)}), track("ann", "Ordered"))
		w.sentMail(mail(1))
		if got := w.report("email", reportSecret, `{"reports":[{"id":"r1","provider":"4RxV2x3kQz","name":"delivered"}]}`); got != http.StatusNoContent {
			t.Fatalf("answered with %d", got)
		}
		w.settled()
		if got := w.messages("channel=email")[0]; got.State != "delivered" {
			t.Errorf("the message is %+v", got)
		}
	})
}
