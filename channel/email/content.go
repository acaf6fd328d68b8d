package email

import (
	"context"
	"errors"
	"fmt"
	"html"
	netmail "net/mail"
	"strings"

	"golang.org/x/net/idna"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/channel/template"
	"github.com/heedcx/heed/channel/token"
)

// errAddress means that nothing can ever be delivered to the address.
var errAddress = errors.New("the address is not one that mail can go to")

// compose renders a message and encodes it.
func (e *Email) compose(ctx context.Context, s *channel.Specs, r *ready, c heed.Claimed) (*mail, error) {
	to, utf8, err := recipient(c.Message.Address)
	if err != nil {
		return nil, err
	}
	spec, ok := s.Templates[c.Message.Template]
	if !ok {
		return nil, fmt.Errorf("there is no template %q", c.Message.Template)
	}
	t, err := e.templates.Get(spec)
	if err != nil {
		return nil, fmt.Errorf("the template has mistakes: %w", err)
	}
	l, err := e.write(ctx, s, r, c, t)
	if err != nil {
		return nil, err
	}
	return e.enclose(r, l, to, utf8)
}

// enclose encodes and signs a letter.
func (e *Email) enclose(r *ready, l *letter, to string, utf8 bool) (*mail, error) {
	l.to = netmail.Address{Address: to}
	data, err := sign(r.signers, l.domain, l.encode())
	if err != nil {
		return nil, err
	}
	return &mail{from: e.returnPath(r, l.id, l.from.Address), to: to, utf8: utf8, data: data}, nil
}

// write fills a template in for one person.
func (e *Email) write(ctx context.Context, s *channel.Specs, r *ready, c heed.Claimed, t *template.Compiled) (*letter, error) {
	m := c.Message
	locale, noTrack := s.Brand.Locale, false
	if c.Person != nil {
		noTrack = c.Person.Preferences.NoTrack
		if l := c.Person.Preferences.Locale; l != "" {
			locale = l
		}
	}
	claims := token.Claims{Message: m.ID, Person: m.Person, Purpose: m.Purpose, Channel: "email"}
	unsubscribe := e.link("u", token.Unsubscribe, claims)
	preferences := e.link("p", token.Preferences, claims)
	out, err := t.Render(ctx, locale, template.Values{
		Person: c.Person, Message: &m, Brand: s.Brand, UnsubscribeURL: unsubscribe, PreferencesURL: preferences,
	})
	if err != nil {
		return nil, err
	}
	from := r.from(s, t)
	l := &letter{
		id: m.ID, domain: domainOf(from.Address), from: from, replyTo: s.Brand.Sender.ReplyTo,
		subject: out.Subject, date: e.clock.Now().Std(), text: out.Text, html: out.HTML, locale: locale,
	}
	if t.Body.From != nil && t.Body.From.ReplyTo != "" {
		l.replyTo = t.Body.From.ReplyTo
	}
	wanted := leavable(m.Class, s.Purposes[m.Purpose])
	if wanted {
		l.unsubscribeURL = unsubscribe
		if !strings.Contains(l.html+l.text, unsubscribe) && !strings.Contains(l.html+l.text, preferences) {
			l.footer(s.Brand, unsubscribe, preferences)
		}
	}
	if l.html != "" {
		track := r.Tracking.Clicks && !noTrack
		var plain string
		l.html, plain = template.Links(l.html, func(u string) string {
			if !track || !strings.HasPrefix(u, "http") || strings.HasPrefix(u, e.base+"/") || len(u) > 2000 {
				return u
			}
			return e.link("c", token.Click, token.Claims{Message: m.ID, Person: m.Person, URL: u})
		}, l.text == "")
		if l.text == "" {
			l.text = plain
		}
		pixel := ""
		if r.Tracking.Opens && !noTrack {
			pixel = e.link("o", token.Open, claims) + ".gif"
		}
		l.html = page(l.html, l.subject, out.Preheader, locale, pixel)
	}
	return l, nil
}

// leavable says whether a mail carries a way out. Only what people cannot opt out of goes without.
func leavable(class heed.Class, p channel.Purpose) bool {
	return class != heed.Critical && p.Consent != "none"
}

// footer adds the way out that the author forgot.
func (l *letter) footer(b channel.Brand, unsubscribe, preferences string) {
	if l.html != "" {
		foot := `<p style="font-size:12px;color:#555">` + html.EscapeString(b.Title)
		if b.Address != "" {
			foot += `, ` + html.EscapeString(b.Address)
		}
		foot += `<br><a href="` + unsubscribe + `">Unsubscribe</a> or <a href="` + preferences + `">choose what you hear about</a></p>`
		at := indexTag(l.html, "/body")
		if at < 0 {
			at = len(l.html)
		}
		l.html = l.html[:at] + foot + l.html[at:]
	}
	if l.text != "" {
		l.text += "\n\n-- \n" + b.Title + "\n" + b.Address + "\nUnsubscribe: " + unsubscribe + "\nChoose what you hear about: " + preferences + "\n"
	}
}

func (e *Email) link(path string, kind token.Kind, c token.Claims) string {
	return e.base + "/" + path + "/" + e.keys.Make(kind, c)
}

// from picks who the mail comes from: the template's, the channel's or the brand's sender.
func (r *ready) from(s *channel.Specs, t *template.Compiled) netmail.Address {
	f := s.Brand.Sender
	if r.From != nil {
		f = *r.From
	}
	if t.Body.From != nil {
		f = *t.Body.From
	}
	if f.Name == "" {
		f.Name = s.Brand.Title
	}
	return netmail.Address{Name: channel.Clean(f.Name, 100), Address: f.Email}
}

// returnPath is where bounces go: bounces+TAG@domain, so that each finds its message.
func (e *Email) returnPath(r *ready, id heed.ID, from string) string {
	local, domain, ok := strings.Cut(r.BounceAddress, "@")
	if !ok {
		return from
	}
	return local + "+" + e.keys.BounceTag(id) + "@" + domain
}

// recipient checks an address and returns it as SMTP wants it: the domain in its ASCII form.
func recipient(address string) (to string, utf8 bool, err error) {
	a, err := netmail.ParseAddress(strings.TrimSpace(address))
	if err != nil || len(a.Address) > 254 || a.Address == "" {
		return "", false, errAddress
	}
	at := strings.LastIndexByte(a.Address, '@')
	local, domain := a.Address[:at], a.Address[at+1:]
	if strings.ContainsAny(local, "<>\r\n \t\x00\"\\") || len(local) > 64 || local == "" {
		return "", false, errAddress
	}
	for i := range len(local) {
		utf8 = utf8 || local[i] >= 0x80
	}
	if !plainDomain(domain) {
		if domain, err = idna.Lookup.ToASCII(domain); err != nil || domain == "" {
			return "", false, errAddress
		}
	}
	return local + "@" + domain, utf8, nil
}

// plainDomain says whether a domain is in its ASCII form already: the check is much cheaper than IDNA's.
func plainDomain(d string) bool {
	for i := range len(d) {
		if c := d[i]; !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '.' || c == '-' && i > 0) {
			return false
		}
	}
	return d != "" && d[0] != '.' && d[len(d)-1] != '.' && !strings.Contains(d, "..") && !strings.Contains(d, "xn--")
}

func domainOf(address string) string {
	return strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
}
