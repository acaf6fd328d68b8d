package load

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The brand under load: 25 segments, ten of them over time windows, five journeys, the governor on.
const brandHead = `kind: brand
name: load
title: Load
zone: Europe/Lisbon
zone_chain: [person, country, brand]
currency: EUR
sender: {name: Load, email: hello@load.example}
orders: {event: Order Completed, id: order_id, revenue: revenue}
recovery_window: 7d
---
{kind: purpose, name: orders, title: Orders, class: service, consent: none}
---
{kind: purpose, name: offers, title: Offers, class: marketing, consent: opt_in, selling: true}
---
kind: cap
name: two-a-week
max: 2
per: 7d
channel: email
class: marketing
---
kind: quiet_hours
name: nights
from: "21:00"
to: "08:00"
channels: [email]
classes: [marketing]
---
kind: rule
name: no-selling-on-trouble
selling: true
forbid: has open case or case closed within 7d
then: hold
text: Something is open.
---
kind: template
name: mail
channel: email
subject: "Hello {{ person.first_name | default: 'you' }}"
html: "<p>Hello {{ person.first_name | default: 'you' }}, thank you. <a href=\"{{ unsubscribe_url }}\">Unsubscribe</a></p>"
---
`

var windowed = []string{
	`did "Order Completed" at least 3 times within 90d`, `did "Product Viewed" at least 5 times within 7d`,
	`did "Checkout Started" within 1d and did not "Order Completed" within 1d`, `did not "Product Viewed" within 30d`,
	`did "Product Added" at least 2 times within 14d`, `did "Order Completed" within 30d where properties.revenue > 50`,
	`did "Product Viewed" within 1d where properties.category = "shirts"`, `orders.last within 180d`,
	`did "Order Completed" at least 10 times within 365d`, `did "Checkout Started" at least 4 times within 30d`,
}

var lasting = []string{
	`trait plan = "basic"`, `trait plan = "pro"`, `trait city = "Lisbon"`, `trait country = "PT"`, `trait score > 10`, `trait score <= 10`,
	`orders.count >= 3`, `orders.count = 1`, `orders.revenue > 500`, `trait email exists`, `trait phone exists and trait email exists`,
	`trait first_name starts with "P"`, `consent offers on email is granted`, `has open case`, `trait plan = "pro" and orders.count >= 1`,
}

const journeys = `kind: journey
name: abandoned
trigger: {event: Checkout Started}
entry: {every: 1d}
exit: did "Order Completed" within 1h
nodes:
  - {id: bought, wait_for: {event: Order Completed, within: 1h, look_back: 10m}, then: done, else: remind}
  - {id: remind, message: {channel: email, purpose: offers, template: mail}}
  - {id: done, end: true}
---
kind: journey
name: regulars
trigger: {segment_entered: windowed-00}
entry: {limit: 1}
nodes:
  - {id: thanks, message: {channel: email, purpose: offers, template: mail}}
---
kind: journey
name: welcome
trigger: {event: Signed Up}
entry: {limit: 1}
nodes:
  - {id: hello, message: {channel: email, purpose: orders, template: mail}}
---
kind: journey
name: big-order
trigger: {event: Order Completed, where: 'properties.revenue > 1000'}
key: properties.order_id
nodes:
  - {id: call, task: {title: Call them, department: sales, due: 1d}}
---
kind: journey
name: pro
trigger: {segment_entered: lasting-01}
entry: {limit: 1}
nodes:
  - {id: rest, wait: 3d}
  - {id: offer, message: {channel: email, purpose: offers, template: mail}}
`

// WriteSpecs writes the brand under load, and any more documents, to a file in dir and returns its path.
func WriteSpecs(dir string, more ...string) (string, error) {
	var b strings.Builder
	b.WriteString(brandHead)
	for kind, rules := range map[string][]string{"windowed": windowed, "lasting": lasting} {
		for i, rule := range rules {
			fmt.Fprintf(&b, "kind: segment\nname: %s-%02d\nrule: %q\n---\n", kind, i, rule)
		}
	}
	b.WriteString(journeys)
	for _, m := range more {
		b.WriteString("---\n" + m)
	}
	path := filepath.Join(dir, "brand.yaml")
	return path, os.WriteFile(path, []byte(b.String()), 0o600)
}
