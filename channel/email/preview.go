package email

import (
	"context"
	"maps"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/channel/template"
	"github.com/heedcx/heed/internal/spec"
)

// Draft is a template that is looked at before it is used.
type Draft struct {
	Template spec.Spec
	Person   *heed.Person // may be nil: nothing is known of the reader
	Locale   string       // instead of the person's
	Purpose  string       // decides whether the mail carries a way out; may be empty
	Vars     heed.RawValue
}

// Previewed is a draft as its reader would see it.
type Previewed struct {
	From, Subject, Preheader, HTML, Text string
	Rendered                             template.Rendered // before links, footer and frame
}

// Preview renders a draft. Its links lead to nobody's page, and nothing is tracked.
func (e *Email) Preview(ctx context.Context, d Draft) (Previewed, error) {
	l, out, err := e.draft(ctx, d)
	if err != nil {
		return Previewed{}, err
	}
	return Previewed{From: l.from.String(), Subject: l.subject, Preheader: out.Preheader, HTML: l.html, Text: l.text, Rendered: out}, nil
}

// Try sends a draft to one address at once, for whoever writes it to look at: it is no message to a customer, so no gate
// is asked, and the links in it lead to nobody's page.
func (e *Email) Try(ctx context.Context, d Draft, address string) error {
	to, utf8, err := recipient(address)
	if err != nil {
		return heed.FieldErrorf("to", "%q is not an address that mail can go to", channel.Clean(address, 100))
	}
	l, _, err := e.draft(ctx, d)
	if err != nil {
		return err
	}
	l.subject = "[Test] " + l.subject
	r, err := e.now(ctx)
	if err != nil {
		return err
	}
	m, err := e.enclose(r, l, to, utf8)
	if err != nil {
		return err
	}
	var got heed.SendResult
	c := heed.Claimed{Message: heed.Message{Intent: heed.Intent{ID: l.id, Channel: "email"}, Address: address}}
	err = e.hand(ctx, []job{{c, m}}, func(c heed.Claimed, r result) { got = e.judge(c, r) })
	switch {
	case err != nil:
		return &heed.Error{Code: heed.Unavailable, Message: "The mail server cannot be reached: " + channel.Clean(err.Error(), 300), Cause: err}
	case got.State != heed.MessageSent:
		return heed.Errorf(heed.Unavailable, "The mail server did not take it: %s", channel.Clean(got.Detail, 300))
	}
	return nil
}

func (e *Email) now(ctx context.Context) (*ready, error) {
	s, err := e.specs.Get(ctx)
	if err != nil {
		return nil, err
	}
	return e.ready(s)
}

func (e *Email) draft(ctx context.Context, d Draft) (*letter, template.Rendered, error) {
	var out template.Rendered
	s, err := e.specs.Get(ctx)
	if err != nil {
		return nil, out, err
	}
	r, err := e.ready(s)
	if err != nil {
		return nil, out, err
	}
	t, err := template.Compile(d.Template)
	if err != nil {
		return nil, out, err
	}
	p := heed.Person{}
	if d.Person != nil {
		p = *d.Person
	}
	p.Traits = maps.Clone(p.Traits)
	p.Preferences.NoTrack = true // of whoever looks at it
	if d.Locale != "" {
		p.Preferences.Locale = d.Locale
	}
	m := heed.Message{Intent: heed.Intent{ID: heed.NewID(e.clock.Now()), Channel: "email", Purpose: d.Purpose, Template: d.Template.Name, Vars: d.Vars},
		Class: s.Purposes[d.Purpose].Class}
	l, err := e.write(ctx, s, r, heed.Claimed{Message: m, Person: &p}, t)
	if err != nil {
		return nil, out, err
	}
	locale := s.Brand.Locale
	if p.Preferences.Locale != "" {
		locale = p.Preferences.Locale
	}
	out, err = t.Render(ctx, locale, template.Values{Person: &p, Message: &m, Brand: s.Brand,
		UnsubscribeURL: unsubscribeHere, PreferencesURL: preferencesHere})
	return l, out, err
}

// What stands for the way out in a rendering that is only inspected.
const (
	unsubscribeHere = "https://unsubscribe.invalid/"
	preferencesHere = "https://preferences.invalid/"
)
