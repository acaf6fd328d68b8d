package template_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/channel/template"
	"github.com/heedcx/heed/internal/spec"
)

func mail(t testing.TB, b template.Body) spec.Spec {
	t.Helper()
	if b.Channel == "" {
		b.Channel = "email"
	}
	if b.Subject == "" {
		b.Subject = "Hello"
	}
	j, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return spec.Spec{Kind: spec.Template, Name: "t", Version: 1, Body: j}
}

func values(traits map[string]string, vars string) template.Values {
	p := &heed.Person{ID: heed.ID{1}, Traits: map[string]heed.Trait{}}
	for k, v := range traits {
		p.Traits[k] = heed.Trait{Value: heed.RawValue(v)}
	}
	return template.Values{
		Person: p, Message: &heed.Message{Intent: heed.Intent{ID: heed.ID{2}, Purpose: "newsletter", Vars: heed.RawValue(vars)}},
		Brand: channel.Brand{Name: "lumen", Title: "Lumen & Loom"}, UnsubscribeURL: "https://x.example/u/1", PreferencesURL: "https://x.example/p/1",
	}
}

func render(t testing.TB, b template.Body, v template.Values) (template.Rendered, error) {
	t.Helper()
	c, err := template.Compile(mail(t, b))
	if err != nil {
		t.Fatal(err)
	}
	return c.Render(context.Background(), "", v)
}

func TestRender(t *testing.T) {
	v := values(map[string]string{
		"first_name": `"Ada"`, "evil": `"<script>alert(1)</script>"`, "liquid": `"{{ brand.title }}{% for i in (1..9) %}x{% endfor %}"`,
		"points": `1234567`, "spent": `1234567.5`, "tags": `["a","b"]`, "born": `"1990-05-17"`, "quote": `"say \"hi\""`, "site": `"javascript:alert(1)"`,
	}, `{"order":{"id":"A-1","lines":[{"sku":"x","n":2},{"sku":"<y>","n":1}]}}`)
	for _, c := range []struct{ html, want string }{
		{`Hi {{ person.first_name }}`, `Hi Ada`},
		{`Hi {{ person.nobody | default: 'friend' }}`, `Hi friend`},
		{`{{ person.evil }}`, `&lt;script&gt;alert(1)&lt;/script&gt;`},
		{`{{ person.evil | raw }}`, `<script>alert(1)</script>`},
		{`{{ person.evil | raw | upcase }}`, `&lt;SCRIPT&gt;ALERT(1)&lt;/SCRIPT&gt;`},
		{`{{ person.evil | escape }}`, `&lt;script&gt;alert(1)&lt;/script&gt;`},
		{`{{ person.liquid }}`, `{{ brand.title }}{% for i in (1..9) %}x{% endfor %}`},
		{`{% assign x = person.evil %}{{ x }}`, `&lt;script&gt;alert(1)&lt;/script&gt;`},
		{`{{ brand.title }}`, `Lumen &amp; Loom`},
		{`{{ person.points }} {{ person.spent }} {{ person.tags }}`, `1234567 1234567.5 ab`},
		{`{{ person.tags | join: ', ' }}`, `a, b`},
		{`{{ person.born | date: '%d %B %Y' }}`, `17 May 1990`},
		{`{{ person.quote }}`, `say &#34;hi&#34;`},
		{`{% for l in event.order.lines %}{{ forloop.index }}{{ l.sku }}{% endfor %}`, `1x2&lt;y&gt;`},
		{`{% for l in event.properties.order.lines %}{{ l.sku }}{% endfor %}{{ event.properties.order.id }} {{ event["properties"].none }}`, `x&lt;y&gt;A-1 `},
		{`{% for i in (1..3) reversed %}{{ i }}{% endfor %}`, `321`},
		{`{% if person.points > 100 and person.first_name == "Ada" %}y{% else %}n{% endif %}`, `y`},
		{`{{ vars.order.id | append: "<" }}`, `A-1&lt;`},
		{`{{ vars["order"]["id"] }}`, `A-1`},
		{`a {{- person.first_name -}} b`, `aAdab`},
		{`{% raw %}{{ person.first_name }}{% endraw %}`, `{{ person.first_name }}`},
		{`{% comment %}{{ nonsense {% endcomment %}ok`, `ok`},
		{`{{ message.purpose }}`, `newsletter`},
		{`{{ person.first_name | truncate: 2, '' }}{{ "a b c" | truncatewords: 2 }}`, `Ada b...`},
		{`{{ person.evil | newline_to_br | strip_html }}`, `&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;`},
	} {
		r, err := render(t, template.Body{Part: template.Part{HTML: c.html}}, v)
		if err != nil {
			t.Errorf("%s: %v", c.html, err)
			continue
		}
		if r.HTML != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.html, r.HTML, c.want)
		}
	}
}

func TestSubjectIsOneLine(t *testing.T) {
	v := values(map[string]string{"first_name": `"Ada\r\nBcc: all@x.example\u0000"`}, "")
	r, err := render(t, template.Body{Part: template.Part{Subject: "Hi {{ person.first_name }}", Text: "x"}}, v)
	if err != nil || r.Subject != "Hi Ada Bcc: all@x.example" {
		t.Errorf("got %q, %v", r.Subject, err)
	}
}

func TestBodyIsJSON(t *testing.T) {
	v := values(map[string]string{"name": `"a\"b\n{\"x\":1}"`, "tags": `["x",1]`}, "")
	r, err := render(t, template.Body{Channel: "webhook", Part: template.Part{Body: `{"name":"{{ person.name }}","tags":{{ person.tags | json }},"none":{{ person.none | json }}}`}}, v)
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(r.Body), &got); err != nil || got["name"] != "a\"b\n{\"x\":1}" || len(got) != 3 || got["none"] != nil {
		t.Errorf("%s: %v, %v", r.Body, got, err)
	}
	// In HTML the filter json is no way around escaping.
	r, err = render(t, template.Body{Part: template.Part{HTML: `{{ person.tags | json }}{{ person.evil | json }}`}}, values(map[string]string{"tags": `["<b>"]`, "evil": `"<i>"`}, ""))
	if err != nil || strings.ContainsAny(r.HTML, "<>") {
		t.Errorf("%s, %v", r.HTML, err)
	}
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ html, want string }{
		{`{{ person.name | shout }}`, `no filter "shout"`},
		{`{{ preson.name }}`, `no variable "preson"`},
		{`{{ brand.colour }}`, `no field "colour"`},
		{"a\n{% include 'x' %}", `line 2`},
		{`{% include '/etc/passwd' %}`, `no tag "include"`},
		{`{% if person.a %}x`, `unterminated`},
		{`{% endif %}`, ``},
		{`{% endfor %}{% endif %}`, ``},
		{`{{ person.name`, `not closed`},
		{`{{ 'a }}`, `not closed`},
		{`{{ (1..1000000000) | first }}`, `loops only`},
		{`{% assign x = (1..1000000000) %}`, `loops only`},
		{`{% assign person = 1 %}`, `taken`},
		{`{% assign _b = 1 %}`, `taken`},
		{`{{ _b }}`, `no variable`},
		{`{{ 1 | _out: _b }}`, `no filter`},
		{`{% _turn %}`, `no tag`},
		{`<a href={{ person.site }}>x</a>`, `quotes`},
		{`<a onclick="f('{{ person.name }}')">x</a>`, `not safe`},
		{`<style>{{ person.css }}</style>`, `not safe`},
		{`{{ person.name | }}`, `filter's name`},
	} {
		errs := template.CheckSpec(mail(t, template.Body{Part: template.Part{HTML: c.html}}))
		if len(errs) == 0 || !strings.Contains(errs[0].Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.html, errs, c.want)
		}
	}
	if errs := template.CheckSpec(spec.Spec{Kind: spec.Template, Name: "x", Body: heed.RawJSON(`{"chanel":"email"}`)}); len(errs) != 1 {
		t.Errorf("unknown field: %v", errs)
	}
}

func TestRenderingIsBounded(t *testing.T) {
	for _, html := range []string{
		`{% for i in (1..1000000000) %}{% endfor %}`,
		`{% for i in (1..10000) %}{% for j in (1..10000) %}x{% endfor %}{% endfor %}`,
		`{% assign s = "xxxxxxxxxx" %}{% for i in (1..60) %}{% assign s = s | append: s %}{% endfor %}{{ s }}`,
		`{% assign s = "x" %}{% for i in (1..60) %}{% assign s = s | replace: "x", "xx" %}{% endfor %}{{ s }}`,
		`{% assign s = "x" %}{% for i in (1..60) %}{% capture s %}{{ s }}{{ s }}{% endcapture %}{% endfor %}{{ s }}`,
		`{% assign a = "x" | split: "," %}{% for i in (1..60) %}{% assign a = a | concat: a %}{% endfor %}`,
		`{% for i in (1..20000) %}` + strings.Repeat("x", 1000) + `{% endfor %}`,
		`{% tablerow i in (1..1000000) cols:2 %}x{% endtablerow %}`,
	} {
		_, err := render(t, template.Body{Part: template.Part{HTML: html}}, values(nil, ""))
		if err == nil || len(err.Error()) > 400 {
			t.Errorf("%.60s: got %v", html, err)
		}
	}
}

func TestLocales(t *testing.T) {
	c, err := template.Compile(mail(t, template.Body{
		Part:    template.Part{Subject: "Hello", HTML: "Hello", Text: "Hello text"},
		Locales: map[string]template.Part{"de": {Subject: "Hallo", HTML: "Hallo"}, "pt-BR": {Subject: "Oi"}},
	}))
	if err != nil {
		t.Fatal(err)
	}
	for l, want := range map[string]template.Rendered{
		"": {Subject: "Hello", HTML: "Hello", Text: "Hello text"}, "de-AT": {Subject: "Hallo", HTML: "Hallo"},
		"pt_br": {Subject: "Oi", HTML: "Hello", Text: "Hello text"}, "fr": {Subject: "Hello", HTML: "Hello", Text: "Hello text"},
	} {
		if got, err := c.Render(context.Background(), l, values(nil, "")); err != nil || got != want {
			t.Errorf("%s: got %+v, %v", l, got, err)
		}
	}
}

func TestLinksAndText(t *testing.T) {
	html := `<html><head><title>no</title><style>p{}</style></head><body><h1>Big &amp; bold</h1><p>Read&nbsp; <a class="b" href="https://x.example/a?b=1&amp;c=2">this</a> now.<br>And
	<A HREF='javascript:alert(1)'>that</A></p><ul><li>one</li><li>two</li></ul><img src="a.png" alt="A tree, ¡Âa! Ñandú"><p><a href="mailto:a@x.example">a@x.example</a></p></body></html>`
	out, text := template.Links(html, func(u string) string {
		if strings.HasPrefix(u, "https:") {
			return "https://t.example/c/1"
		}
		return u
	}, true)
	if !strings.Contains(out, `<a class="b" href="https://t.example/c/1">this</a>`) || strings.Contains(out, "javascript") || !strings.Contains(out, "<h1>Big &amp; bold</h1><p>Read&nbsp; <a") {
		t.Errorf("html: %s", out)
	}
	want := "Big & bold\n\nRead this (https://x.example/a?b=1&c=2) now.\nAnd that\n\n- one\n- two\n\nA tree, ¡Âa! Ñandú\n\na@x.example"
	if text != want {
		t.Errorf("text:\n%s\nwant:\n%s", text, want)
	}
}

// FuzzTemplate feeds authors' and customers' input at once: whatever it is, it must come back in time, within the
// bounds, and a value must not be read as a template.
func FuzzTemplate(f *testing.F) {
	for _, s := range []string{`{{ person.a }}`, `{% for i in vars.list %}{{ i | upcase }}{% endfor %}`, `{% if a %}`, `<a href="{{ person.a }}">`, `{% case 1 %}{% when 1 %}x{% endcase %}`, `{{ "x" | date: "%Y" }}`, `{%- cycle 'a', 'b' -%}`, `{% tablerow x in vars.list cols:2 %}{{x}}{% endtablerow %}`} {
		f.Add(s, `"{{ brand.title }}"`, `{"list":[1,"b",null]}`)
	}
	f.Fuzz(func(t *testing.T, source, trait, vars string) {
		s := mail(t, template.Body{Part: template.Part{HTML: source}})
		c, err := template.Compile(s)
		if err != nil {
			return
		}
		r, err := c.Render(context.Background(), "", values(map[string]string{"a": trait}, vars))
		if err != nil {
			return
		}
		if len(r.HTML) > 1<<20 {
			t.Errorf("%d bytes", len(r.HTML))
		}
		template.Links(r.HTML, nil, true)
	})
}

func FuzzTrait(f *testing.F) {
	f.Add("{{ 7 | times: 6 }}")
	f.Add("<b>")
	c, err := template.Compile(mail(f, template.Body{Part: template.Part{Subject: "{{ person.a }}", HTML: `<p title="{{ person.a }}">{{ person.a }}</p>`}}))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, trait string) {
		j, _ := json.Marshal(trait)
		r, err := c.Render(context.Background(), "", values(map[string]string{"a": string(j)}, ""))
		if err != nil {
			return
		}
		inner := strings.TrimSuffix(strings.TrimPrefix(r.HTML, `<p title="`), "</p>")
		if strings.ContainsAny(r.Subject, "\r\n\x00") || strings.Count(inner, "<") != 0 || strings.Count(inner, ">") != 1 || strings.Count(inner, `"`) != 1 {
			t.Errorf("%q became %q / %q", trait, r.Subject, r.HTML)
		}
	})
}
