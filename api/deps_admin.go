package api

import (
	"context"

	"github.com/heedcx/heed"
)

// AdminDeps are what the administrator's operations ask.
type AdminDeps struct {
	Backups    Backups
	Arrivals   Arrivals
	MailTester MailTester
	OIDC       *OIDC // nil: passwords only
}

// Arrivals hands out what comes in at the doors, while it comes in.
type Arrivals interface {
	// Watch returns a channel with what the source named sends ("": every source), closed when ctx ends. A slow reader
	// misses some.
	Watch(ctx context.Context, source string) (<-chan Arrival, error)
}

// Arrival is one event at a door: taken, or refused with the reason.
type Arrival struct {
	At         Time   `json:"at" doc:"When it came in."`
	Source     string `json:"source"`
	Accepted   bool   `json:"accepted"`
	Type       string `json:"type,omitempty" doc:"track, identify, page, ..."`
	Name       string `json:"name,omitempty"`
	Happened   Time   `json:"happened,omitzero" doc:"When it happened, with the sender's clock corrected."`
	MessageID  string `json:"message_id,omitempty"`
	UserID     string `json:"user_id,omitempty"`
	Anonymous  string `json:"anonymous_id,omitempty"`
	Touchpoint string `json:"touchpoint,omitempty"`
	Channel    string `json:"channel,omitempty"`
	Field      string `json:"field,omitempty" doc:"Of a refused event: where the trouble is."`
	Reason     string `json:"reason,omitempty" say:"sentence" doc:"Of a refused event: what is wrong, and what would be right."`
	Data       JSON   `json:"data,omitempty" doc:"Its traits or properties."`
}

// MailTester sends a mail that is about nothing but itself.
type MailTester interface {
	// TestMail hands a mail from the brand's sender to the mail server. The error is what the server said.
	TestMail(ctx context.Context, to string) (TestedMail, error)
}

// TestedMail says where a test mail went.
type TestedMail struct {
	From    string
	Server  string // "" for the built-in mailbox
	Message heed.ID
}
