package template

import (
	"net/url"
	"slices"
	"strings"

	"github.com/osteele/liquid/parser"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Levels of a Finding.
const (
	Mistake = "error"   // it cannot be used like this
	Advice  = "warning" // it can, but should not
)

// The codes of findings. They are part of the API.
const (
	BadTemplate     = "MISTAKE"          // it does not compile, or cannot be filled in for this person
	MissingAlt      = "MISSING_ALT"      // an image without a text instead
	BrokenLink      = "BROKEN_LINK"      // a link that leads nowhere
	NoUnsubscribe   = "NO_UNSUBSCRIBE"   // no way out
	UnknownVariable = "UNKNOWN_VARIABLE" // nobody has this trait
	TooLarge        = "TOO_LARGE"        // mail programs cut it off
	EmptySubject    = "EMPTY_SUBJECT"
)

// Finding is one thing that should be put right before a template is used.
type Finding struct {
	Code  string
	Level string
	Field string
	Text  string
}

// clipped is the size above which Gmail cuts a mail off, and with it the way out: 102 KB; we say 100.
const clipped = 100 << 10

// Inspect looks at a mail that was rendered: r is the author's own part of it, page the whole as it is sent. traits are
// those that customers have; nil does not look.
func Inspect(b Body, r Rendered, page string, leavable bool, traits []string) []Finding {
	var out []Finding
	add := func(code, level, field, text string) {
		f := Finding{code, level, field, text}
		if !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	if strings.TrimSpace(r.Subject) == "" {
		add(EmptySubject, Mistake, "subject", "The subject is empty for this person.")
	}
	inspectHTML(r.HTML, add)
	for _, p := range parts(b) {
		inspectMJML(p.MJML, add)
	}
	if leavable && !waysOut(b) {
		add(NoUnsubscribe, Advice, "html", "There is no link to {{ unsubscribe_url }} or {{ preferences_url }}: Heed adds a footer with both when it is sent.")
	}
	if len(page) > clipped {
		add(TooLarge, Advice, "html", "The mail has more than 100 KB: some mail programs cut it off, and the way out with it.")
	}
	if traits != nil {
		for _, v := range Variables(b) {
			trait, is := strings.CutPrefix(v, "person.")
			if is && trait != "id" && trait != "stage" && !slices.Contains(traits, trait) {
				add(UnknownVariable, Advice, "html", "No customer has the trait "+trait+": {{ person."+trait+" }} will be empty.")
			}
		}
	}
	return out
}

func waysOut(b Body) bool {
	for _, p := range parts(b) {
		if all := p.HTML + p.Text; strings.Contains(all, "unsubscribe_url") || strings.Contains(all, "preferences_url") {
			return true
		}
	}
	return false
}

func parts(b Body) []Part {
	out := []Part{b.Part}
	for _, p := range b.Locales {
		out = append(out, p)
	}
	return out
}

func inspectHTML(source string, add func(code, level, field, text string)) {
	for z := html.NewTokenizer(strings.NewReader(source)); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			return
		}
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		t := z.Token()
		switch t.DataAtom {
		case atom.Img:
			src, _ := attr(t, "src")
			if _, has := attr(t, "alt"); !has {
				add(MissingAlt, Advice, "html", "The image "+brief(src)+" has no alt text: say what it shows, or alt=\"\" when it only decorates.")
			}
			if why := brokenURL(src, "http", "https", "cid", "data"); why != "" {
				add(BrokenLink, Mistake, "html", "The image "+brief(src)+" "+why+".")
			}
		case atom.A, atom.Area:
			if href, has := attr(t, "href"); has {
				if why := brokenURL(href, "http", "https", "mailto", "tel", "sms"); why != "" {
					add(BrokenLink, Mistake, "html", "The link "+brief(href)+" "+why+".")
				}
			}
		}
	}
}

// inspectMJML looks for images whose author said nothing: MJML writes alt="" for them, as if they only decorated.
func inspectMJML(source string, add func(code, level, field, text string)) {
	for z := html.NewTokenizer(strings.NewReader(source)); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			return
		}
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			continue
		}
		if t := z.Token(); t.Data == "mj-image" {
			if _, has := attr(t, "alt"); !has {
				src, _ := attr(t, "src")
				add(MissingAlt, Advice, "mjml", "The image "+brief(src)+" has no alt text: say what it shows, or alt=\"\" when it only decorates.")
			}
		}
	}
}

func attr(t html.Token, name string) (string, bool) {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// brokenURL says why a URL leads nowhere from inside a mail; "" when it may lead somewhere.
func brokenURL(text string, schemes ...string) string {
	text = strings.TrimSpace(text)
	if text == "" || text == "#" {
		return "leads nowhere"
	}
	if strings.HasPrefix(text, "#") {
		return "" // within the mail
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || strings.ContainsAny(text, " \n\t"):
		return "is not written as an address"
	case u.Scheme == "":
		return "is relative: a mail has no address of its own, so write https:// and the whole address"
	case !slices.Contains(schemes, strings.ToLower(u.Scheme)):
		return "begins with " + brief(u.Scheme) + ":, which mail programs do not open"
	case strings.HasPrefix(strings.ToLower(u.Scheme), "http") && (u.Hostname() == "" || !strings.Contains(u.Hostname(), ".") && u.Hostname() != "localhost"):
		return "names no host"
	}
	return ""
}

func brief(s string) string {
	r := []rune(s)
	if len(r) > 60 {
		return string(r[:60]) + "..."
	}
	return `"` + string(r) + `"`
}

// Variables are the fields that a template asks for, such as person.first_name, each once, in order.
func Variables(b Body) []string {
	var out []string
	for _, p := range parts(b) {
		for _, source := range []string{p.Subject, p.Preheader, p.HTML, p.Text, p.Body} {
			for _, tok := range parser.Scan(source, parser.SourceLoc{LineNo: 1}, nil) {
				if tok.Type != parser.ObjTokenType && tok.Type != parser.TagTokenType {
					continue
				}
				list, err := words(tok.Args)
				if err != nil {
					continue // compiling says so
				}
				for i := 0; i+1 < len(list); i++ {
					if list[i].kind == wordName && list[i+1].kind == wordProperty {
						if _, root := roots[list[i].text]; root {
							out = append(out, list[i].text+"."+list[i+1].text)
						}
					}
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Addresses are the web addresses that a rendered mail links to, each once, in order of appearance.
func Addresses(source string) []string {
	var out []string
	Links(source, func(u string) string {
		if (strings.HasPrefix(u, "http://") || strings.HasPrefix(u, "https://")) && !slices.Contains(out, u) {
			out = append(out, u)
		}
		return u
	}, false)
	return out
}
