package api

import (
	"context"
	"net/http"

	"github.com/heedcx/heed/internal/account"
)

// Deliverability is what receivers look at before they believe a mail from the brand.
type Deliverability struct {
	From    string       `json:"from" doc:"The address that mails come from; empty when the brand has none yet."`
	Domain  string       `json:"domain"`
	Example bool         `json:"example" doc:"A domain for examples: nothing was looked up, and no server believes it."`
	Relay   string       `json:"relay,omitempty" doc:"The SMTP server that mails leave through; empty for the built-in mailbox."`
	Records []MailRecord `json:"records" nullable:"false"`
	At      Time         `json:"at"`
}

// MailRecord is one DNS record.
type MailRecord struct {
	What    string   `json:"what" enum:"spf,dkim,dmarc,mx"`
	Name    string   `json:"name" doc:"Where it is published."`
	Type    string   `json:"type" enum:"TXT,MX"`
	State   string   `json:"state" enum:"ok,weak,missing,wrong,unknown" doc:"unknown: it could not be looked up from here."`
	Found   []string `json:"found" nullable:"false"`
	Publish string   `json:"publish,omitempty" doc:"What to publish, when it is not right as it is."`
	Text    string   `json:"text" say:"sentence" doc:"What that means."`
}

func (s *server) registerMailing() {
	route(s, op{method: http.MethodGet, path: "/deliverability", id: "getDeliverability", tag: "channels", need: account.ReadSpecs, needs: s.Mailing, what: "the e-mail channel", slow: true,
		summary: "SPF, DKIM and DMARC of the domain that mails come from", about: "Looked up as it is asked, from where Heed runs."}, s.deliverability)
}

func (s *server) deliverability(ctx context.Context, _ *struct{}) (*Body[Deliverability], error) {
	d, err := s.Mailing.Deliverability(ctx)
	empty(&d.Records)
	for i := range d.Records {
		empty(&d.Records[i].Found)
	}
	return body(d), err
}
