package app

import (
	"context"
	"net/http"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/channel/email"
	"github.com/heedcx/heed/channel/mailbox"
	"github.com/heedcx/heed/channel/pages"
	"github.com/heedcx/heed/channel/token"
	"github.com/heedcx/heed/channel/webhook"
)

// sending is everything that carries messages out, and the pages that links in them lead to.
type sending struct {
	catalog *channel.Catalog
	keys    *token.Keys
	pages   http.Handler
	mailbox *mailbox.Mailbox // nil when mail goes to an SMTP server
	senders []*channel.Sender
	mail    *email.Email // nil in a process that sends nothing
	hooks   *webhook.Webhook
	server  string // where mail goes; "" is the built-in mailbox
}

func (a *App) openChannels(ctx context.Context) error {
	secret := []byte(a.Config.Secret)
	if len(secret) == 0 {
		var err error
		if secret, err = channel.Secret(ctx, a.DB, "links", a.clock.Now()); err != nil {
			return err
		}
	} else if len(secret) < 32 {
		return heed.FieldErrorf("secret", "it needs at least 32 characters")
	}
	keys, err := token.New(secret)
	if err != nil {
		return err
	}
	s := &sending{catalog: &channel.Catalog{DB: a.DB}, keys: keys}
	a.sending = s
	s.pages, err = pages.New(pages.Config{
		Keys: keys, Specs: s.catalog, People: a.reading, Sink: a.Writer, Applied: a.Applied, Clock: a.clock, Log: a.log,
	})
	if err != nil || !a.Config.Has("send") {
		return err
	}
	smtp := a.Config.SMTPURL
	if smtp == "" {
		s.mailbox = mailbox.New(a.clock, 0, 0)
		server, err := mailbox.Listen("127.0.0.1:0", s.mailbox, a.bounces().Handle, a.log)
		if err != nil {
			return err
		}
		a.parts.Defer("mailbox", server.Close)
		smtp = server.URL()
	}
	if says := a.Config.linksLead(); says != "" {
		a.log.Warn(says)
	}
	cfg, err := email.ParseURL(smtp)
	if err != nil {
		return err
	}
	mail, err := email.New(cfg, a.Config.PublicURL, s.catalog, keys, a.clock)
	if err != nil {
		return err
	}
	a.parts.Defer("email", mail.Close)
	s.mail = mail
	if s.mailbox == nil {
		s.server = cfg.Addr
	}
	if err := a.openMaildir(); err != nil {
		return err
	}
	hooks, err := a.webhooks(ctx)
	if err != nil {
		return err
	}
	s.hooks = hooks
	return a.send(ctx, mail, hooks)
}

// send recovers what an earlier process left and starts a sender per channel.
func (a *App) send(ctx context.Context, channels ...channel.Channel) error {
	if _, err := a.ledger.Recover(ctx); err != nil {
		return err
	}
	a.parts.Go("lost messages", a.recoverLost)
	for _, c := range channels {
		sender := channel.NewSender(c, a.ledger, a.Writer, a.clock, a.log, channel.Options{})
		a.sending.senders = append(a.sending.senders, sender)
		a.wakes.add(c.Name(), sender.Notify)
		a.parts.Go("sender "+c.Name(), func(ctx context.Context) { _ = sender.Run(ctx) })
		a.health.add("channel "+c.Name(), false, func(ctx context.Context) (string, error) { return "", sender.Healthy(ctx) })
		label := map[string]string{"channel": c.Name()}
		a.metrics.counter("messages_sent_total", "Messages that the next hop has taken.", label, func() float64 { return float64(sender.Health().Sent) })
		a.metrics.counter("messages_failed_total", "Messages that could not be delivered.", label, func() float64 { return float64(sender.Health().Failed) })
		a.metrics.counter("messages_unknown_total", "Messages that the next hop may have or not.", label, func() float64 { return float64(sender.Health().Unknown) })
	}
	return nil
}
