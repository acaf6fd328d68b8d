package template

import (
	"errors"
	"io"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// checkHTML refuses HTML in which escaping would not protect: a value as an attribute without quotes, or in a place
// where browsers read code.
func checkHTML(source string) error {
	if !strings.Contains(source, "{{") {
		return nil
	}
	z := html.NewTokenizer(strings.NewReader(source))
	inside := ""
	for {
		switch z.Next() {
		case html.ErrorToken:
			if err := z.Err(); err != io.EOF {
				return err
			}
			return nil
		case html.TextToken:
			if (inside == "script" || inside == "style") && strings.Contains(string(z.Raw()), "{{") {
				return errors.New("a value inside <" + inside + "> is not safe: put it into the text")
			}
		case html.EndTagToken:
			inside = ""
		case html.StartTagToken, html.SelfClosingTagToken:
			raw := string(z.Raw())
			name, _ := z.TagName()
			inside = string(name)
			for _, a := range attributes(raw) {
				if !strings.Contains(a.value, "{{") {
					continue
				}
				if a.quote == 0 {
					return errors.New("put quotes around the attribute " + a.name + " with a value in it: " + a.name + `="` + a.value + `"`)
				}
				if strings.HasPrefix(strings.ToLower(a.name), "on") {
					return errors.New("a value inside " + a.name + " is not safe")
				}
			}
		}
	}
}

type attribute struct {
	name, value string
	quote       byte
}

// attributes reads a start tag as it is written, with the quotes that the tokenizer drops.
func attributes(tag string) []attribute {
	var out []attribute
	for i := 0; i < len(tag); i++ {
		if tag[i] != '=' {
			if tag[i] == '"' || tag[i] == '\'' {
				end := strings.IndexByte(tag[i+1:], tag[i])
				if end < 0 {
					return out
				}
				i += end + 1
			}
			continue
		}
		name := tag[:i]
		name = strings.TrimRight(name, " \t\r\n")
		name = name[strings.LastIndexAny(name, " \t\r\n\"'</")+1:]
		for i++; i < len(tag) && strings.IndexByte(" \t\r\n", tag[i]) >= 0; i++ {
		}
		if i >= len(tag) {
			return out
		}
		a := attribute{name: name}
		if tag[i] == '"' || tag[i] == '\'' {
			a.quote = tag[i]
			end := strings.IndexByte(tag[i+1:], a.quote)
			if end < 0 {
				return out
			}
			a.value = tag[i+1 : i+1+end]
			i += end + 1
		} else {
			end := strings.IndexAny(tag[i:], " \t\r\n>")
			if end < 0 {
				end = len(tag) - i
			}
			a.value = tag[i : i+end]
			i += end - 1
		}
		out = append(out, a)
	}
	return out
}

// Links rewrites the address of every link with f and drops addresses that are not http, https, mailto or tel: a
// value may have put a script there. With text set it also returns the HTML as plain text, in the same pass.
func Links(source string, f func(url string) string, text bool) (string, string) {
	var b, t strings.Builder
	b.Grow(len(source) + len(source)/4)
	z := html.NewTokenizer(strings.NewReader(source))
	w := textWriter{b: &t}
	for {
		tt := z.Next()
		if tt == html.ErrorToken {
			break
		}
		raw := z.Raw()
		switch tt {
		case html.StartTagToken, html.SelfClosingTagToken:
			name, more := z.TagName()
			tag := atom.Lookup(name)
			if tag == atom.A || tag == atom.Area || tag == atom.Form {
				href := rewriteTag(&b, string(raw), string(name), more, z, f)
				if text {
					w.start(tag, href)
				}
				continue
			}
			b.Write(raw)
			if text {
				w.start(tag, "")
				if tag == atom.Img {
					w.image(z, more)
				}
			}
		case html.EndTagToken:
			b.Write(raw)
			if text {
				name, _ := z.TagName()
				w.end(atom.Lookup(name))
			}
		case html.TextToken:
			b.Write(raw)
			if text {
				w.text(string(z.Text()))
			}
		default:
			b.Write(raw)
		}
	}
	return b.String(), strings.TrimSpace(t.String())
}

func rewriteTag(b *strings.Builder, raw, name string, more bool, z *html.Tokenizer, f func(string) string) (href string) {
	b.WriteString("<" + name)
	for more {
		var k, v []byte
		k, v, more = z.TagAttr()
		key, value := string(k), string(v)
		switch key {
		case "href", "action":
			value = safeURL(value)
			href = value
			if f != nil && key == "href" {
				value = f(value)
			}
		}
		b.WriteString(" " + key + `="` + html.EscapeString(value) + `"`)
	}
	if strings.HasSuffix(raw, "/>") {
		b.WriteString("/")
	}
	b.WriteString(">")
	return href
}

func safeURL(u string) string {
	u = strings.TrimSpace(u)
	scheme, _, ok := strings.Cut(u, ":")
	if !ok || strings.ContainsAny(scheme, "/?#") {
		return u // relative, or an anchor
	}
	switch strings.ToLower(scheme) {
	case "http", "https", "mailto", "tel", "sms":
		return u
	}
	return "#"
}
