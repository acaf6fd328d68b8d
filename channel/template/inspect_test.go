package template_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel/template"
	"github.com/heedcx/heed/internal/spec"
)

// TestInspect finds what should be put right, and nothing in a mail that is well.
func TestInspect(t *testing.T) {
	const way = `<a href="{{ unsubscribe_url }}">out</a>`
	for name, c := range map[string]struct {
		body string
		page string
		want []string
	}{
		"well":           {body: `{"html":"<img src=\"https://x.example/a.png\" alt=\"\"><a href=\"https://x.example/\">a</a> <a href=\"mailto:a@x.example\">b</a> <a href=\"#top\">c</a> {{ person.first_name }} ` + strings.ReplaceAll(way, `"`, `\"`) + `"}`},
		"no alt":         {body: `{"html":"<img src=\"https://x.example/a.png\">{{ unsubscribe_url }}"}`, want: []string{"MISSING_ALT"}},
		"no alt in MJML": {body: `{"mjml":"<mj-image src=\"https://x.example/a.png\" />","html":"<img src=\"https://x.example/a.png\" alt=\"\">{{ unsubscribe_url }}"}`, want: []string{"MISSING_ALT"}},
		"broken links": {body: `{"html":"<a href=\"\">a</a><a href=\"/cart\">b</a><a href=\"https://\">c</a><a href=\"javascript:x\">d</a><a href=\"https://x y\">e</a><a href=\"http://cart\">f</a>{{ unsubscribe_url }}"}`,
			want: []string{"BROKEN_LINK", "BROKEN_LINK", "BROKEN_LINK", "BROKEN_LINK", "BROKEN_LINK", "BROKEN_LINK"}},
		"no way out":        {body: `{"html":"<p>hello</p>"}`, want: []string{"NO_UNSUBSCRIBE"}},
		"an unknown trait":  {body: `{"html":"{{ person.shoe_size }} {% if person.first_name %}{{ person.stage }}{% endif %}{{ preferences_url }}"}`, want: []string{"UNKNOWN_VARIABLE"}},
		"an empty subject":  {body: `{"subject":"{{ person.nothing }}","text":"{{ unsubscribe_url }}"}`, want: []string{"EMPTY_SUBJECT", "UNKNOWN_VARIABLE"}},
		"too large to show": {body: `{"text":"{{ unsubscribe_url }}"}`, page: strings.Repeat("x", 100<<10+1), want: []string{"TOO_LARGE"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := spec.Spec{Kind: spec.Template, Name: "x", Body: heed.RawJSON(strings.Replace(c.body, "{", `{"channel":"email",`, 1))}
			b, err := spec.Decode[template.Body](s)
			if err != nil {
				t.Fatal(err)
			}
			if b.Subject == "" {
				b.Subject = "Hello"
				s.Body = heed.RawJSON(strings.Replace(string(s.Body), "{", `{"subject":"Hello",`, 1))
			}
			compiled, err := template.Compile(s)
			if err != nil {
				t.Fatal(err)
			}
			r, err := compiled.Render(t.Context(), "", template.Values{Message: &heed.Message{}, UnsubscribeURL: "https://out.example/", PreferencesURL: "https://prefs.example/"})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range template.Inspect(b, r, c.page, true, []string{"first_name", "email"}) {
				got = append(got, f.Code)
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("found %v, want %v", got, c.want)
			}
		})
	}
}

func TestVariables(t *testing.T) {
	b := template.Body{Part: template.Part{Subject: "{{ person.first_name | default: 'person.not' }}", HTML: "{% for x in vars.items %}{{ x.name }}{{ event.id }}{% endfor %}"},
		Locales: map[string]template.Part{"de": {Text: "{{ person.city }}"}}}
	if got := strings.Join(template.Variables(b), " "); got != "event.id person.city person.first_name vars.items" {
		t.Error(got)
	}
}
