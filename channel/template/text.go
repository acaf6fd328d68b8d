package template

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// FromHTML is the plain text of an HTML body: paragraphs apart, list items with a dash, links with their address.
func FromHTML(source string) string {
	_, t := Links(source, nil, true)
	return t
}

// nbsp is the no-break space, which HTML mails use for layout.
const nbsp = "\u00a0"

// textWriter writes the text of HTML as its tokens come by.
type textWriter struct {
	b     *strings.Builder
	skip  int // inside <style>, <script>, <head> or <title>
	space bool
	lines int // line breaks at the end
	href  string
	from  int // where the text of the link begins
}

func (w *textWriter) start(tag atom.Atom, href string) {
	switch tag {
	case atom.Style, atom.Script, atom.Title:
		w.skip++
	case atom.Br:
		w.newline(w.lines + 1)
	case atom.Li:
		w.newline(1)
		w.write("- ")
	case atom.Td, atom.Th:
		w.space = true
	case atom.Hr:
		w.newline(1)
		w.write("----")
		w.newline(1)
	case atom.A:
		w.href, w.from = href, w.b.Len()
	default:
		w.newline(gap(tag))
	}
}

func (w *textWriter) end(tag atom.Atom) {
	switch tag {
	case atom.Style, atom.Script, atom.Title:
		w.skip = max(0, w.skip-1)
	case atom.A:
		label := strings.TrimSpace(w.b.String()[min(w.from, w.b.Len()):])
		if w.href != "" && !strings.HasPrefix(w.href, "#") && label != w.href && strings.TrimPrefix(w.href, "mailto:") != label {
			w.space = label != ""
			w.write("(" + w.href + ")")
		}
		w.href = ""
	default:
		w.newline(gap(tag))
	}
}

func (w *textWriter) image(z *html.Tokenizer, more bool) {
	for more {
		var k, v []byte
		if k, v, more = z.TagAttr(); string(k) == "alt" && len(v) > 0 {
			w.text(string(v))
		}
	}
}

// gap is how many line breaks go before and after a block.
func gap(tag atom.Atom) int {
	switch tag {
	case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Ul, atom.Ol, atom.Table, atom.Blockquote:
		return 2
	case atom.Div, atom.Tr, atom.Li, atom.Section, atom.Article, atom.Header, atom.Footer, atom.Pre:
		return 1
	}
	return 0
}

func (w *textWriter) text(s string) {
	if w.skip > 0 {
		return
	}
	for len(s) > 0 {
		i := 0
		for i < len(s) && s[i] > ' ' && s[i] != nbsp[0] {
			i++
		}
		if i > 0 {
			w.write(s[:i])
		}
		switch s = s[i:]; {
		case s == "":
		case strings.HasPrefix(s, nbsp):
			w.space, s = true, s[len(nbsp):]
		case s[0] == nbsp[0]: // another letter that begins alike
			w.write(s[:1])
			s = s[1:]
		default:
			w.space, s = true, s[1:]
		}
	}
}

func (w *textWriter) write(s string) {
	if w.space && w.lines == 0 && w.b.Len() > 0 {
		w.b.WriteByte(' ')
	}
	w.space, w.lines = false, 0
	w.b.WriteString(s)
	if strings.HasSuffix(s, "- ") {
		w.lines = -1 // the item's text follows at once
	}
}

func (w *textWriter) newline(n int) {
	if n == 0 || w.b.Len() == 0 {
		return
	}
	for w.lines = max(w.lines, 0); w.lines < min(n, 2); w.lines++ {
		w.b.WriteByte('\n')
	}
	w.space = false
}
