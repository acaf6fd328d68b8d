// Package ledger is the I/O of stage 9 of 12: it reads MessageWanted, SendMessage, MessageWithdrawn and Feedback
// events, it emits MessageDecided and keeps every decision with its reason, rule, inputs and time.
//
// Its table message is also the outbox: what is decided to go is reserved in the transaction that decided it, and
// counted in the person's document, so that caps are exact; a sender claims it behind a durable barrier and records
// what came of it.
package ledger
