// Package email is the e-mail channel: it renders a message with its template, builds the MIME with DKIM and the
// headers of RFC 8058, and hands it to an SMTP server over a pool of pipelined connections.
package email
