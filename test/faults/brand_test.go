package faults_test

// brand counts each purchase in the person's memory (orders: how many and how much) and sends a receipt for those that
// ask for one, by a journey that runs once per order.
const brand = `
kind: brand
name: faults
title: Faults
zone: Europe/Lisbon
zone_chain: [person, brand]
currency: EUR
sender: {name: Faults, email: hello@faults.example}
orders: {event: Bought, id: order_id, revenue: amount}
---
kind: purpose
name: receipts
title: Receipts
class: service
consent: none
---
kind: purpose
name: news
title: News
class: service
consent: opt_in
---
kind: template
name: receipt
channel: email
subject: "Receipt {{ vars.order_id }}"
text: "Thank you for {{ vars.order_id }}."
---
kind: template
name: news
channel: email
subject: "News"
text: "News."
---
kind: segment
name: buyers
rule: did "Bought" at least 3 times within 90d
---
kind: journey
name: receipt
trigger: {event: Bought, where: 'properties.mail = true'}
key: properties.order_id
nodes:
  - {id: mail, message: {channel: email, purpose: receipts, template: receipt}}
  - {id: done, end: true}
`
