package email_test

import (
	"errors"
	"mime"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel/email"
	"github.com/heedcx/heed/internal/spec"
)

// TestDraft previews a template that is not saved and sends it to one address: as the customer would see it, but with
// links that lead to nobody's page.
func TestDraft(t *testing.T) {
	s := &sink{}
	s.start(t, "", nil, false)
	e := connect(t, "smtp://"+s.addr+"?tls=none", brand(t, email.Setup{Tracking: email.Tracking{Opens: true, Clicks: true}}), nil)
	d := email.Draft{
		Template: spec.Spec{Kind: spec.Template, Name: "draft", Body: body(t, map[string]any{"channel": "email", "subject": "For {{ person.first_name | default: 'you' }}",
			"html": `<p>Hi {{ person.first_name }}, <a href="https://lumen.example/">look</a></p>`, "locales": map[string]any{"de": map[string]any{"subject": "Für {{ person.first_name }}"}}})},
		Person: &heed.Person{ID: heed.ID{9}, Traits: map[string]heed.Trait{"first_name": {Value: `"Ada"`}}},
	}
	p, err := e.Preview(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if p.Subject != "For Ada" || !strings.Contains(p.HTML, "https://lumen.example/") || !strings.Contains(p.HTML, "/u/") || strings.Contains(p.HTML, "/o/") || !strings.Contains(p.Text, "Hi Ada") {
		t.Errorf("%+v", p)
	}
	if strings.Contains(p.Rendered.HTML, "/u/") {
		t.Errorf("the author's own part has a footer: %s", p.Rendered.HTML)
	}
	d.Locale = "de-AT"
	if err := e.Try(t.Context(), d, "me@lumen.example"); err != nil {
		t.Fatal(err)
	}
	if got := s.taken(); len(got) != 1 || got[0].to != "me@lumen.example" {
		t.Fatalf("%+v", got)
	}
	h, _, html := parts(t, s.taken()[0].data)
	subject, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject"))
	if err != nil || subject != "[Test] Für Ada" || !strings.Contains(html, "/u/") {
		t.Errorf("%s\n%s", subject, html)
	}
	if d.Person.Preferences.Locale != "" || d.Person.Preferences.NoTrack {
		t.Error("the person was changed")
	}

	var bad *heed.Error
	if err := e.Try(t.Context(), d, "nobody"); !errors.As(err, &bad) || bad.Field != "to" {
		t.Errorf("a wrong address: %v", err)
	}
	s.onRcpt = func(string) error { return errors.New("no") }
	if err := e.Try(t.Context(), d, "me@lumen.example"); heed.CodeOf(err) != heed.Unavailable {
		t.Errorf("refused: %v", err)
	}
}
