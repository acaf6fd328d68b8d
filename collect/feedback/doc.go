// Package feedback reads what e-mail providers report of our messages by webhook (Amazon SES through SNS, SendGrid,
// Postmark, and one neutral form) and emits heed.Feedback events to a collect.Sink.
//
// A report is looked at only when its signature (Postmark: its password) is right and recent. Our message is found by the
// id that it carried as custom argument, tag, metadata or header; the person comes from our own records, never from the
// report. Providers send again what was not answered with 2xx, so reports have stable message ids and count once.
package feedback
