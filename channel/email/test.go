package email

import (
	"context"
	netmail "net/mail"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel/template"
)

// Test hands one mail of plain text from the brand's sender to the mail server and returns the sender's address. It is
// no message to a customer: it is in no ledger and carries no links. The error says what the server said.
func (e *Email) Test(ctx context.Context, to, subject, text string) (from string, err error) {
	s, err := e.specs.Get(ctx)
	if err != nil {
		return "", err
	}
	r, err := e.ready(s)
	if err != nil {
		return "", err
	}
	address, utf8, err := recipient(to)
	if err != nil {
		return "", heed.FieldErrorf("to", "%v", err)
	}
	sender := r.from(s, &template.Compiled{})
	now := e.clock.Now()
	l := letter{id: heed.NewID(now), domain: domainOf(sender.Address), from: sender, to: netmail.Address{Address: address}, replyTo: s.Brand.Sender.ReplyTo, subject: subject, date: now.Std(), text: text}
	data, err := sign(r.signers, l.domain, l.encode())
	if err != nil {
		return "", err
	}
	var refused error
	m := &mail{from: e.returnPath(r, l.id, sender.Address), to: address, utf8: utf8, data: data}
	err = e.hand(ctx, []job{{m: m}}, func(_ heed.Claimed, got result) {
		if got.err != nil {
			refused = heed.Errorf(heed.Unavailable, "The mail server broke off: %v", got.err)
		} else if got.reply.code/100 != 2 {
			refused = heed.Errorf(heed.Unavailable, "The mail server refused it: %s", got.reply)
		}
	})
	if err != nil {
		return "", heed.Errorf(heed.Unavailable, "%v", err)
	}
	return sender.Address, refused
}
