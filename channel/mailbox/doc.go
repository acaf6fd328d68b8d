// Package mailbox catches mail: an SMTP server in the process that keeps the latest mails in memory, and an HTTP
// handler to read them. The demo sends to it, and so does any installation that has no SMTP URL yet, so that nothing
// reaches real people by accident.
package mailbox
