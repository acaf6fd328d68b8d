package template

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"

	"github.com/osteele/liquid"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/internal/spec"
)

// Body is the spec of kind template.
//
//	kind: template
//	name: welcome
//	channel: email
//	subject: "Welcome, {{ person.first_name | default: 'friend' }}"
//	html: <p>...</p>
//	text: made from html when missing
//	locales: {de: {subject: ..., html: ...}}
type Body struct {
	Title   string `json:"title,omitempty"`
	Channel string `json:"channel"`
	Part
	From    *channel.From `json:"from,omitempty"` // instead of the brand's sender
	URL     string        `json:"url,omitempty"`  // webhook: where to, unless the channel says so
	Headers []Header      `json:"headers,omitempty"`
	// Locales hold the parts that differ in a language (de, pt-BR); the rest comes from above.
	Locales map[string]Part `json:"locales,omitempty"`
}

// Part is what is written in one language.
type Part struct {
	Subject   string `json:"subject,omitempty"`
	Preheader string `json:"preheader,omitempty"` // what inboxes show beside the subject
	HTML      string `json:"html,omitempty"`
	// MJML is what HTML was made from, in the console: nothing here reads it.
	MJML string `json:"mjml,omitempty"`
	Text string `json:"text,omitempty"`
	// Body is the JSON of a webhook. Values are escaped as the inside of a string; | json writes a whole value.
	Body string `json:"body,omitempty"`
}

// Header is one more header of a webhook's request.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// roots are the variables that templates have; those with a list have these fields only.
var roots = map[string][]string{
	"person": nil, "vars": nil, "event": nil,
	"brand":           {"name", "title", "address", "website", "email", "locale"},
	"message":         {"id", "purpose", "topic", "channel", "journey"},
	"unsubscribe_url": nil, "preferences_url": nil,
}

// Compiled is a template that is ready to render. It is safe for use by several goroutines.
type Compiled struct {
	Name    string
	Version int
	Body    Body
	parts   map[string]*compiledPart // by lower-case locale; "" is the base
}

type compiledPart struct{ subject, preheader, html, text, body *liquid.Template }

// Rendered is a message in words.
type Rendered struct {
	Subject   string // one line
	Preheader string // one line
	HTML      string
	Text      string // "" when the template has none: see FromHTML
	Body      string
}

// Compile checks a spec of kind template in full and makes it ready. All that is wrong is in the error.
func Compile(s spec.Spec) (*Compiled, error) {
	body, err := spec.Decode[Body](s)
	if err != nil {
		return nil, err
	}
	c := &Compiled{Name: s.Name, Version: s.Version, Body: body, parts: map[string]*compiledPart{}}
	var errs []error
	bad := func(field, format string, args ...any) {
		errs = append(errs, heed.FieldErrorf("template "+s.Name+": "+field, format, args...))
	}
	compile := func(field, source string) *liquid.Template {
		if source == "" {
			return nil
		}
		t, err := parse(source)
		if err != nil {
			bad(field, "%v", err)
		}
		return t
	}
	part := func(prefix string, p, base Part) *compiledPart {
		pick := func(a, b string) string {
			if a != "" {
				return a
			}
			return b
		}
		if p.Text == "" && p.HTML != "" {
			base.Text = "" // the base's text is in another language than this HTML
		}
		if strings.ContainsAny(p.Subject, "\r\n") {
			bad(prefix+"subject", "a subject is one line")
		}
		if len(p.MJML) > MaxSource {
			bad(prefix+"mjml", "it has %d KiB; the most is %d", len(p.MJML)>>10, MaxSource>>10)
		}
		if err := checkHTML(p.HTML); err != nil {
			bad(prefix+"html", "%v", err)
		}
		return &compiledPart{
			subject: compile(prefix+"subject", pick(p.Subject, base.Subject)), preheader: compile(prefix+"preheader", pick(p.Preheader, base.Preheader)),
			html: compile(prefix+"html", pick(p.HTML, base.HTML)), text: compile(prefix+"text", pick(p.Text, base.Text)),
			body: compile(prefix+"body", pick(p.Body, base.Body)),
		}
	}
	c.parts[""] = part("", body.Part, Part{})
	for l, p := range body.Locales {
		c.parts[strings.ToLower(l)] = part("locales."+l+".", p, body.Part)
	}
	switch body.Channel {
	case "":
		bad("channel", "say which channel it is for, such as email")
	case "email":
		if body.Subject == "" {
			bad("subject", "a mail needs a subject")
		}
		if body.HTML == "" && body.Text == "" {
			bad("html", "a mail needs html or text")
		}
		if body.From != nil {
			if _, err := mail.ParseAddress(body.From.Email); err != nil {
				bad("from.email", "%q is not an e-mail address", body.From.Email)
			}
		}
	case "webhook":
		if body.Part.Body == "" {
			bad("body", "a webhook needs a body")
		}
	}
	return c, errors.Join(errs...)
}

// CheckSpec says everything that is wrong with a spec of kind template; nil for other kinds.
func CheckSpec(s spec.Spec) []error {
	if s.Kind != spec.Template || s.Deleted {
		return nil
	}
	_, err := Compile(s)
	if err == nil {
		return nil
	}
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		return many.Unwrap()
	}
	return []error{err}
}

// parse compiles one source with our bounds built in.
func parse(source string) (t *liquid.Template, err error) {
	if len(source) > MaxSource {
		return nil, fmt.Errorf("it has %d KiB; the most is %d", len(source)>>10, MaxSource>>10)
	}
	if strings.Count(source, "{") > 20_000 {
		return nil, errors.New("it has more than 10,000 tags")
	}
	defer func() { // the library's parser panics on some broken nestings
		if p := recover(); p != nil {
			t, err = nil, errors.New("the tags do not match: check that every if, for and case is closed in order")
		}
	}()
	ready, err := prepare(source)
	if err != nil {
		return nil, err
	}
	t, lerr := newEngine().ParseString(ready)
	if lerr != nil { // a typed nil when compared as an error
		return nil, errors.New(strings.ReplaceAll(lerr.Error(), " | _out: _b", ""))
	}
	return t, nil
}

// Render fills the template in. locale picks the language; the base stands in for one that is not there. The error
// says which bound was hit or which filter could not work on which value.
func (c *Compiled) Render(ctx context.Context, locale string, v Values) (Rendered, error) {
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	p := c.part(locale)
	b := &budget{bytes: maxOutput, turns: maxTurns, over: func() bool { return ctx.Err() != nil }}
	vars := v.bindings()
	vars["_b"] = b
	var r Rendered
	for _, one := range []struct {
		field string
		t     *liquid.Template
		mode  mode
		to    *string
	}{
		{"subject", p.subject, plainMode, &r.Subject}, {"preheader", p.preheader, plainMode, &r.Preheader},
		{"html", p.html, htmlMode, &r.HTML}, {"text", p.text, plainMode, &r.Text}, {"body", p.body, jsonMode, &r.Body},
	} {
		if one.t == nil {
			continue
		}
		b.mode, b.err = one.mode, nil
		s, err := run(one.t, vars, b)
		if err != nil {
			return r, fmt.Errorf("template %s: %s: %w", c.Name, one.field, err)
		}
		*one.to = s
	}
	r.Subject, r.Preheader = channel.Clean(r.Subject, 400), channel.Clean(r.Preheader, 400)
	return r, nil
}

func (c *Compiled) part(locale string) *compiledPart {
	for l := strings.ToLower(strings.ReplaceAll(locale, "_", "-")); l != ""; {
		if p := c.parts[l]; p != nil {
			return p
		}
		i := strings.LastIndexByte(l, '-')
		l = l[:max(i, 0)]
	}
	return c.parts[""]
}

func run(t *liquid.Template, vars map[string]any, b *budget) (s string, err error) {
	var w bytes.Buffer
	defer func() { // the library panics on values that its own filters do not expect
		if p := recover(); p != nil {
			s, err = "", fmt.Errorf("%v", p)
		}
		if err != nil && b.err != nil {
			err = b.err
		}
		if err != nil {
			err = errors.New(channel.Clean(strings.ReplaceAll(err.Error(), " | _out: _b", ""), 300))
		}
	}()
	if lerr := t.FRender(&capped{&w, b}, vars); lerr != nil {
		return "", lerr
	}
	return w.String(), nil
}

// capped ends a rendering that grows too large by its own text.
type capped struct {
	w *bytes.Buffer
	b *budget
}

func (c *capped) Write(p []byte) (int, error) {
	if c.w.Len()+len(p) > maxOutput {
		return 0, c.b.fail(errOutput)
	}
	return c.w.Write(p)
}
