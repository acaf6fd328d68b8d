package journey

import (
	"encoding/json"

	"github.com/heedcx/heed/internal/spec"
)

// webhookDoc is a node that calls another system. It travels as a message on channel webhook, so that it is decided,
// recorded, signed and retried like any other; the template, of channel webhook, holds the address and the body:
//
//	webhook: {template: tell-the-crm, purpose: operations}
type webhookDoc struct {
	Template  string `json:"template"`
	Purpose   string `json:"purpose"`
	Topic     string `json:"topic"`
	Priority  int    `json:"priority"`
	TTL       string `json:"ttl"`
	IfHeld    string `json:"if_held"`
	IfDropped string `json:"if_dropped"`
}

func buildWebhook(c *compiler, at *place, raw json.RawMessage) node {
	var d webhookDoc
	if !c.decode(raw, &d) {
		return nil
	}
	if d.Template == "" {
		c.failf("template", "a webhook needs a template of channel webhook, which holds its url and body")
	}
	if d.Purpose == "" {
		c.failf("purpose", "a webhook needs a purpose: one with consent: none for calls to your own systems")
	}
	c.refer("template", spec.Template, d.Template)
	return newMessage(c, at, messageDoc{Channel: "webhook", Purpose: d.Purpose, Template: d.Template, Topic: d.Topic,
		Priority: d.Priority, TTL: d.TTL, IfHeld: d.IfHeld, IfDropped: d.IfDropped})
}
