package app

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/channel/email"
	"github.com/heedcx/heed/channel/template"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
)

// templates answers api.Templates.
type templates struct {
	app   *App
	tests *allowance
}

// openTemplates is nil in a process that sends nothing.
func (a *App) openTemplates() api.Templates {
	if a.sending == nil || a.sending.mail == nil {
		return nil
	}
	return &templates{a, &allowance{most: 20, per: heed.Time(time.Hour / time.Microsecond), at: map[string][]heed.Time{}}}
}

// Preview implements api.Templates.
func (t *templates) Preview(ctx context.Context, d api.TemplateDraft) (api.TemplatePreview, error) {
	draft, err := t.draft(ctx, d)
	if err != nil {
		return api.TemplatePreview{}, err
	}
	body, err := spec.Decode[template.Body](d.Template)
	if err != nil {
		return api.TemplatePreview{}, err
	}
	if errs := template.CheckSpec(d.Template); len(errs) > 0 {
		return api.TemplatePreview{Findings: mistakes(errs...)}, nil
	}
	if body.Channel != "email" {
		return t.plain(ctx, draft)
	}
	p, err := t.app.sending.mail.Preview(ctx, draft)
	if heed.CodeOf(err) != heed.Internal && err != nil { // no sender, or no state store
		return api.TemplatePreview{}, err
	}
	if err != nil { // it compiles, but not for this person
		return api.TemplatePreview{Findings: mistakes(err)}, nil
	}
	out := api.TemplatePreview{From: p.From, Subject: p.Subject, Preheader: p.Preheader, HTML: p.HTML, Text: p.Text, Bytes: len(p.HTML)}
	leavable, err := t.leavable(ctx, d.Purpose)
	if err != nil {
		return out, err
	}
	traits, err := t.traits(ctx)
	for _, f := range template.Inspect(body, p.Rendered, p.HTML, leavable, traits) {
		out.Findings = append(out.Findings, api.TemplateFinding{Code: f.Code, Level: f.Level, Field: f.Field, Text: f.Text})
	}
	if d.Links {
		out.Findings = append(out.Findings, t.reach(ctx, template.Addresses(p.Rendered.HTML))...)
	}
	return out, err
}

func mistakes(errs ...error) []api.TemplateFinding {
	var out []api.TemplateFinding
	for _, err := range errs {
		f := api.TemplateFinding{Code: template.BadTemplate, Level: template.Mistake, Text: err.Error()}
		if e, ok := err.(*heed.Error); ok {
			f.Field, f.Text = e.Field, e.Message
		}
		out = append(out, f)
	}
	return out
}

// plain previews what is not a mail: a webhook's body.
func (t *templates) plain(ctx context.Context, d email.Draft) (api.TemplatePreview, error) {
	s, err := t.app.sending.catalog.Get(ctx)
	if err != nil {
		return api.TemplatePreview{}, err
	}
	c, err := template.Compile(d.Template)
	if err != nil {
		return api.TemplatePreview{Findings: mistakes(err)}, nil
	}
	m := &heed.Message{Intent: heed.Intent{ID: heed.NewID(t.app.clock.Now()), Channel: c.Body.Channel, Purpose: d.Purpose, Vars: d.Vars}}
	out, err := c.Render(ctx, d.Locale, template.Values{Person: d.Person, Message: m, Brand: s.Brand})
	if err != nil {
		return api.TemplatePreview{Findings: mistakes(err)}, nil
	}
	return api.TemplatePreview{Subject: out.Subject, Text: out.Text, Body: out.Body, Bytes: len(out.Body)}, nil
}

func (t *templates) draft(ctx context.Context, d api.TemplateDraft) (email.Draft, error) {
	out := email.Draft{Template: d.Template, Locale: d.Locale, Purpose: d.Purpose, Vars: d.Vars}
	if d.Person.IsZero() {
		return out, nil
	}
	p, err := t.app.reading.Person(ctx, d.Person)
	out.Person = p
	return out, err
}

// leavable says whether a mail of the purpose needs a way out; without a purpose it does.
func (t *templates) leavable(ctx context.Context, purpose string) (bool, error) {
	s, err := t.app.sending.catalog.Get(ctx)
	if err != nil {
		return true, err
	}
	p, known := s.Purposes[purpose]
	return !known || p.Class != heed.Critical && p.Consent != "none", nil
}

// sampledForTraits is how many of the people met last are asked which traits customers have.
const sampledForTraits = 500

// traits are those that customers have; nil while there is nobody to ask.
func (t *templates) traits(ctx context.Context) (names []string, err error) {
	err = t.app.DB.Read(ctx, func(q db.Querier) error {
		people, err := t.app.reading.store.Newest(ctx, q, sampledForTraits)
		for _, p := range people {
			for name := range p.Traits {
				names = append(names, name)
			}
		}
		return err
	})
	slices.Sort(names)
	return slices.Compact(names), err
}

// Bounds of asking links: how many, how many at once, and how long for all of them.
const (
	maxLinks  = 20
	linksTime = 10 * time.Second
)

// reach asks each address whether something answers.
func (t *templates) reach(ctx context.Context, addresses []string) []api.TemplateFinding {
	ctx, cancel := context.WithTimeout(ctx, linksTime)
	defer cancel()
	addresses = addresses[:min(len(addresses), maxLinks)]
	found := make([]string, len(addresses))
	var wg sync.WaitGroup
	for i, u := range addresses {
		wg.Go(func() {
			switch status, err := t.app.sending.hooks.Reach(ctx, u); {
			case err != nil:
				found[i] = "does not answer: " + heed.MessageOf(reachable(err))
			case status == 404 || status == 410 || status >= 500:
				found[i] = fmt.Sprintf("answers with status %d", status)
			}
		})
	}
	wg.Wait()
	var out []api.TemplateFinding
	for i, why := range found {
		if why != "" {
			out = append(out, api.TemplateFinding{Code: template.BrokenLink, Level: template.Advice, Field: "html", Text: fmt.Sprintf("The link %.100q %s.", addresses[i], why)})
		}
	}
	return out
}

// reachable keeps of a dialer's error what an author may see.
func reachable(err error) error { return heed.Errorf(heed.Unavailable, "%.200s", err.Error()) }

// Test implements api.Templates.
func (t *templates) Test(ctx context.Context, d api.TemplateDraft, to, by string) error {
	draft, err := t.draft(ctx, d)
	if err != nil {
		return err
	}
	body, err := spec.Decode[template.Body](d.Template)
	switch {
	case err != nil:
		return err
	case body.Channel != "email":
		return heed.FieldErrorf("body.channel", "only mails can be sent to try them")
	}
	if errs := template.CheckSpec(d.Template); len(errs) > 0 {
		return errs[0]
	}
	if !t.tests.take(by, t.app.clock.Now()) {
		return heed.Errorf(heed.TooMany, "You have sent %d tests within an hour: wait a while.", t.tests.most)
	}
	return t.app.sending.mail.Try(ctx, draft, to)
}

// allowance lets everybody do something so many times within a stretch of time.
type allowance struct {
	most int
	per  heed.Time

	mu sync.Mutex
	at map[string][]heed.Time
}

func (a *allowance) take(who string, now heed.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	recent := slices.DeleteFunc(a.at[who], func(t heed.Time) bool { return t <= now-a.per })
	ok := len(recent) < a.most
	if ok {
		recent = append(recent, now)
	}
	a.at[who] = recent
	return ok
}
