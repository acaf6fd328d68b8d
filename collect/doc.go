// Package collect is stage 1 of 12, the door: it reads HTTP requests in the Segment and RudderStack forms (and, in its
// children, files and delivery webhooks), it emits events to the stream, and answers only when they are on disk.
//
// Each event is parsed exactly once: one pass over the body checks syntax, depth, UTF-8 and number ranges and notes
// where the fields lie (scan.go, parse.go); build.go turns the notes into a heed.Event whose strings and JSON still
// point into the request's buffer. Whatever cannot be taken is refused by name of the field, kept as a dead letter,
// and does not touch the rest of the batch.
package collect
