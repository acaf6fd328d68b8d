// Package channel is stage 8 of 12: it reads the messages that decide reserved in the outbox, it emits Feedback
// events that say what came of each.
//
// A [Sender] claims reserved messages for one [Channel], hands them over in batches, records the results and puts
// them on the stream. The channels themselves are the children: email, webhook; sms, push and in-app come later.
//
// # How to add a channel
//
//  1. Make a folder channel/NAME with a type that implements [Channel]: Name is the word that journeys and purposes
//     use ("sms"), Deliver hands over a batch and returns one result per message that it tried.
//  2. Say what happened with [Sent], [Failed], [Bounced], [Unknown] and [Retry]; never resend by yourself what the next
//     hop may already have. When the next hop as a whole is out of reach, return an error: the Sender stops claiming,
//     shows it in its Health, and tries again by itself.
//  3. Give the next hop the message's id as idempotency key.
//  4. Render with channel/template, so that authors have one template language, and links with channel/token.
//  5. Read the settings from the spec of kind channel with that name (see [Setup]) and check them in CheckSpec.
//  6. Add it in app, beside email: NewSender(NAME.New(...), ...).
//
// Channel-specific outcomes that come later (delivered, bounced, complained, opened) enter as [Feedback] events.
package channel
