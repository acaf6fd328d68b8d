package app_test

import (
	"net/http"
	"strings"
	"testing"
)

// quiet hours that never end hold what sells.
const holdSpecs = mailSpecs + `
---
kind: purpose
name: offers
title: Offers
class: marketing
consent: none
---
kind: rule
name: never
purposes: [offers]
forbid: everyone
then: hold
text: Not now.
---
kind: journey
name: offer
trigger: {event: Browsed}
nodes:
  - {id: mail, message: {channel: email, purpose: offers, template: thanks}}
  - {id: done, end: true}
`

func TestTheMetricsSayHowThingsStand(t *testing.T) {
	each(t, nil, func(t *testing.T, w *world) {
		w.apply(holdSpecs)
		w.events(person("ann", map[string]any{"email": mail(1)}), track("ann", "Browsed"), person("bob", map[string]any{"email": mail(2)}), track("bob", "Browsed"))
		if status, _ := w.do(http.MethodPost, "/api/v1/events", `{"events":[{"type":"nonsense"}]}`); status != http.StatusBadRequest {
			t.Fatalf("answered with %d", status)
		}
		w.until("both messages are held", func() bool { return len(w.messages("state=held")) == 2 })
		_, text := w.do(http.MethodGet, "/metrics", nil)
		for _, line := range []string{
			`heed_messages{state="held"} 2`, `heed_messages{state="reserved"} 0`, `heed_messages{state="sending"} 0`, `heed_messages{state="unknown"} 0`,
			"heed_held_people 2", "heed_sessions 0", `heed_collect_rejected_total{reason="value"} 1`, `heed_collect_requests_total{status="400"} 1`,
			`heed_collect_requests_total{status="200"} 1`, "heed_collect_events_total 4", "heed_dead_letters_total 1", "heed_collect_in_flight_bytes 0",
			`heed_delivery_reports_total{result="accepted"} 0`,
		} {
			if !strings.Contains("\n"+string(text), "\n"+line+"\n") {
				name, _, _ := strings.Cut(line, " ")
				name, _, _ = strings.Cut(name, "{")
				var got []string
				for l := range strings.Lines(string(text)) {
					if strings.HasPrefix(l, name) {
						got = append(got, strings.TrimSpace(l))
					}
				}
				t.Errorf("want %s, got %v", line, got)
			}
		}
	})
}
