package app

import (
	"context"
	"io"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/channel/email"
	"github.com/heedcx/heed/collect"
	"github.com/heedcx/heed/db"
)

// adminDeps are what the administrator's operations of the API ask.
func (a *App) adminDeps() (d api.AdminDeps, err error) {
	d.Backups = backups{a}
	d.Arrivals = a.arrivals
	if a.sending.mail != nil {
		d.MailTester = mailTester{a.sending.mail, a.sending.server}
	}
	if a.Config.OIDCIssuer == "" {
		return d, nil
	}
	roles, err := api.RolesOf(a.Config.OIDCRoles)
	d.OIDC = &api.OIDC{Title: a.Config.OIDCTitle, Issuer: a.Config.OIDCIssuer, ClientID: a.Config.OIDCClientID, ClientSecret: a.Config.OIDCClientSecret, Claim: a.Config.OIDCClaim, Roles: roles}
	return d, err
}

// backups answers api.Backups.
type backups struct{ app *App }

// Ready implements api.Backups.
func (b backups) Ready() error {
	if b.app.DB.Dialect() != db.SQLite || b.app.Config.NATSURL != "" {
		return errTheirTools
	}
	return nil
}

// Backup implements api.Backups.
func (b backups) Backup(ctx context.Context, w io.Writer) error { return b.app.Backup(ctx, w) }

// mailTester answers api.MailTester.
type mailTester struct {
	mail   *email.Email
	server string // "" for the built-in mailbox
}

// TestMail implements api.MailTester.
func (m mailTester) TestMail(ctx context.Context, to string) (api.TestedMail, error) {
	from, err := m.mail.Test(ctx, to, "A test mail from Heed", "This mail says that mails from Heed reach you.\n\nIf it lies among the spam, look at SPF, DKIM and DMARC of the sending domain: the console shows them under Data.\n")
	return api.TestedMail{From: from, Server: m.server}, err
}

// seen tells watchers what came in at the doors.
func (a *App) seen(src collect.Source, events []heed.Event, refused []collect.Refusal) {
	a.live.observe(src, events, refused)
	a.arrivals.observe(a.clock.Now(), src, events, refused)
}

// arrivals answers api.Arrivals. With nobody watching it costs one atomic read.
type arrivals struct{ watchers watchers[api.Arrival] }

// Watch implements api.Arrivals.
func (a *arrivals) Watch(ctx context.Context, source string) (<-chan api.Arrival, error) {
	return a.watchers.add(ctx, func(one api.Arrival) bool { return source == "" || one.Source == source }), nil
}

// longestShown bounds what of an event's properties is shown, in bytes.
const longestShown = 4 << 10

func (a *arrivals) observe(now heed.Time, src collect.Source, events []heed.Event, refused []collect.Refusal) {
	if !a.watchers.any() {
		return
	}
	for i := range events {
		e := &events[i]
		one := api.Arrival{
			// Cloned: an event's strings point into the request's buffer.
			At: api.Time(now), Source: src.Name, Accepted: true, Type: e.Type.String(), Name: strings.Clone(e.Name), Happened: api.Time(e.Timestamp),
			MessageID: strings.Clone(e.MessageID), UserID: strings.Clone(e.UserID), Anonymous: strings.Clone(e.AnonymousID),
			Touchpoint: strings.Clone(e.Touchpoint), Channel: strings.Clone(e.Channel),
		}
		if len(e.Properties) <= longestShown {
			one.Data = api.JSON(strings.Clone(string(e.Properties)))
		}
		a.watchers.send(one)
	}
	for _, r := range refused {
		a.watchers.send(api.Arrival{At: api.Time(now), Source: src.Name, MessageID: strings.Clone(r.ID), Field: strings.Clone(r.Field), Reason: strings.Clone(r.Message)})
	}
}
