package app

import (
	"context"
	"errors"
	"net"
	"strings"

	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/channel/email"
	"github.com/heedcx/heed/internal/spec"
)

// lookup is what is asked of the DNS; net.Resolver satisfies it.
type lookup interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
}

// mailing answers api.Mailing.
type mailing struct {
	app *App
	dns lookup
}

// Deliverability implements api.Mailing.
func (m mailing) Deliverability(ctx context.Context) (api.Deliverability, error) {
	specs, err := (&channel.Catalog{DB: m.app.DB}).Get(ctx)
	if err != nil {
		return api.Deliverability{}, err
	}
	var setup email.Setup
	if c, ok := specs.Channels["email"]; ok {
		setup, _ = spec.Decode[email.Setup](c) // it was checked when it was stored
	}
	out := api.Deliverability{From: specs.Brand.Sender.Email, At: api.Time(m.app.clock.Now())}
	if setup.From != nil {
		out.From = setup.From.Email
	}
	relay := ""
	if c, err := email.ParseURL(m.app.Config.SMTPURL); m.app.Config.SMTPURL != "" && err == nil {
		out.Relay = c.Addr
		relay, _, _ = net.SplitHostPort(c.Addr)
	}
	_, out.Domain, _ = strings.Cut(strings.ToLower(out.From), "@")
	if out.Domain == "" {
		return out, nil
	}
	for _, r := range exampleDomains {
		out.Example = out.Example || out.Domain == r || strings.HasSuffix(out.Domain, "."+r)
	}
	look := &looker{ctx: ctx, dns: m.dns, offline: out.Example}
	bounces := bounceDomain(setup, out.Domain)
	out.Records = append(out.Records, look.spf(bounces, relay))
	for _, key := range setup.DKIM {
		out.Records = append(out.Records, look.dkim(key))
	}
	if len(setup.DKIM) == 0 {
		out.Records = append(out.Records, api.MailRecord{What: "dkim", Name: "SELECTOR._domainkey." + out.Domain, Type: "TXT", State: "missing",
			Text: "Heed signs no mails. Make sure that the SMTP provider does, or add a key: dkim in the channel email of the configuration."})
	}
	out.Records = append(out.Records, look.dmarc(out.Domain), look.mx(bounces))
	return out, nil
}

// looker looks records up.
type looker struct {
	ctx     context.Context // of this one look
	dns     lookup
	offline bool
}

// txt returns the TXT records with a mark. known is false when nobody could be asked.
func (l *looker) txt(name, mark string) (found []string, known bool) {
	if l.offline {
		return nil, false
	}
	ctx, cancel := context.WithTimeout(l.ctx, lookTime)
	defer cancel()
	texts, err := l.dns.LookupTXT(ctx, name)
	if dns, ok := errors.AsType[*net.DNSError](err); err != nil && !(ok && dns.IsNotFound) {
		return nil, false
	}
	for _, t := range texts {
		if strings.Contains(strings.ToLower(t), mark) {
			found = append(found, t)
		}
	}
	return found, true
}

func unknownText(name string) string {
	return "It could not be looked up from here. Ask from another place: dig +short TXT " + name
}

func (l *looker) spf(domain, relay string) api.MailRecord {
	wanted := "v=spf1 a mx ~all"
	if relay != "" {
		wanted = "v=spf1 a:" + relay + " ~all"
	}
	r := api.MailRecord{What: "spf", Name: domain, Type: "TXT", Publish: wanted}
	found, known := l.txt(domain, "v=spf1")
	r.Found = found
	switch {
	case !known:
		r.State, r.Text = "unknown", unknownText(domain)
	case len(found) == 0:
		r.State, r.Text = "missing", "Receivers cannot tell who may send for the domain. Publish who does; a provider names the include that it needs."
	case len(found) > 1:
		r.State, r.Text = "wrong", "There are several SPF records. Receivers then take none: make one of them."
	case strings.Contains(found[0], "+all") || strings.Contains(found[0], "?all"):
		r.State, r.Text = "weak", "It lets anybody send for the domain. End it with ~all or -all."
	default:
		r.State, r.Text, r.Publish = "ok", "It says who may send. Check that the SMTP server that mails leave through is among them.", ""
	}
	return r
}

func (l *looker) dkim(key email.DKIM) api.MailRecord {
	name, wanted, err := key.Record()
	r := api.MailRecord{What: "dkim", Name: name, Type: "TXT", Publish: wanted}
	if err != nil {
		r.State, r.Text = "wrong", "The key cannot be used: "+err.Error()+"."
		return r
	}
	found, known := l.txt(name, "p=")
	r.Found = found
	public := wanted[strings.LastIndex(wanted, "p=")+2:]
	switch {
	case !known:
		r.State, r.Text = "unknown", unknownText(name)
	case len(found) == 0:
		r.State, r.Text = "missing", "Heed signs with this key, and receivers find nothing to check it with: every signature fails."
	case !strings.Contains(strings.ReplaceAll(found[0], " ", ""), public):
		r.State, r.Text = "wrong", "Another key is published than the one that Heed signs with: every signature fails."
	default:
		r.State, r.Text, r.Publish = "ok", "The key that Heed signs with is published.", ""
	}
	return r
}

func (l *looker) dmarc(domain string) api.MailRecord {
	r := api.MailRecord{What: "dmarc", Name: "_dmarc." + domain, Type: "TXT", Publish: "v=DMARC1; p=none; rua=mailto:dmarc@" + domain}
	found, known := l.txt(r.Name, "v=dmarc1")
	if _, above, ok := strings.Cut(domain, "."); known && len(found) == 0 && ok && strings.Contains(above, ".") {
		if up, _ := l.txt("_dmarc."+above, "v=dmarc1"); len(up) > 0 {
			found, r.Name = up, "_dmarc."+above
		}
	}
	r.Found = found
	switch {
	case !known:
		r.State, r.Text = "unknown", unknownText(r.Name)
	case len(found) == 0:
		r.State, r.Text = "missing", "Large receivers want it of whoever sends much. Begin with p=none, which only reports, and become stricter when the reports look right."
	case strings.Contains(strings.ToLower(found[0]), "p=none"):
		r.State, r.Text, r.Publish = "weak", "It reports and protects nothing yet. When the reports look right, go to quarantine, then reject.", "v=DMARC1; p=quarantine; rua=mailto:dmarc@"+domain
	default:
		r.State, r.Text, r.Publish = "ok", "Receivers know what to do with mails that only claim to be the brand's.", ""
	}
	return r
}

func (l *looker) mx(domain string) api.MailRecord {
	r := api.MailRecord{What: "mx", Name: domain, Type: "MX"}
	if l.offline {
		r.State, r.Text = "unknown", unknownText(domain)
		return r
	}
	ctx, cancel := context.WithTimeout(l.ctx, lookTime)
	defer cancel()
	list, err := l.dns.LookupMX(ctx, domain)
	dns, ok := errors.AsType[*net.DNSError](err)
	switch {
	case err != nil && !(ok && dns.IsNotFound):
		r.State, r.Text = "unknown", unknownText(domain)
	case len(list) == 0:
		r.State, r.Text = "missing", "Nobody takes mail for this domain: bounces and answers are lost, and some receivers refuse mail from it."
	default:
		for _, m := range list {
			r.Found = append(r.Found, m.Host)
		}
		r.State, r.Text = "ok", "Bounces and answers have somewhere to go."
	}
	return r
}
