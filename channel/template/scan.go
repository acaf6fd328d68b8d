package template

import (
	"fmt"
	"slices"
	"strings"

	"github.com/osteele/liquid/parser"
)

// The library parses expressions into closures that cannot be looked into, so the words of an expression are read
// here: which filters it calls and which variables it needs.

type wordKind byte

const (
	wordName     wordKind = iota // person, forloop
	wordProperty                 // .first_name
	wordFilter                   // | upcase
	wordKey                      // limit:
	wordOther
)

type word struct {
	kind wordKind
	text string
}

// words splits the inside of a {{ }} or {% %}.
func words(s string) ([]word, error) {
	var out []word
	afterPipe := false
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
			continue
		case c == '"' || c == '\'':
			end := strings.IndexByte(s[i+1:], c)
			if end < 0 {
				return nil, fmt.Errorf("a string is not closed: %s", s[i:])
			}
			out = append(out, word{wordOther, s[i : i+end+2]})
			i += end + 2
		case isAlpha(c):
			end := nameEnd(s, i)
			name := s[i:end]
			switch {
			case afterPipe:
				out = append(out, word{wordFilter, name})
				if end < len(s) && s[end] == ':' {
					end++
				}
			case end < len(s) && s[end] == ':':
				out = append(out, word{wordKey, name})
				end++
			default:
				out = append(out, word{wordName, name})
			}
			i = end
		case c == '.' && i+1 < len(s) && s[i+1] == '.':
			out = append(out, word{wordOther, ".."})
			i += 2
		case c == '.' && i+1 < len(s) && isAlpha(s[i+1]):
			end := nameEnd(s, i+1)
			out = append(out, word{wordProperty, s[i+1 : end]})
			i = end
		case c >= '0' && c <= '9':
			end := i
			for end < len(s) && (s[end] >= '0' && s[end] <= '9' || s[end] == '.' && !strings.HasPrefix(s[end:], "..")) {
				end++
			}
			out = append(out, word{wordOther, s[i:end]})
			i = end
		default:
			out = append(out, word{wordOther, string(c)})
			i++
			if c == '|' {
				afterPipe = true
				continue
			}
		}
		afterPipe = false
	}
	return out, nil
}

func isAlpha(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }

func nameEnd(s string, i int) int {
	for i < len(s) && (isAlpha(s[i]) || s[i] >= '0' && s[i] <= '9' || s[i] == '-') {
		i++
	}
	if i < len(s) && s[i] == '?' {
		i++
	}
	return i
}

// notVariables are names that mean something by themselves.
var notVariables = []string{"true", "false", "nil", "null", "empty", "blank", "and", "or", "contains", "in", "reversed", "not"}

// The tags that authors have. include is off: a template stands for itself.
var tags = []string{
	"assign", "capture", "endcapture", "case", "when", "endcase", "comment", "endcomment", "for", "endfor", "break", "continue",
	"cycle", "if", "elsif", "else", "endif", "unless", "endunless", "raw", "endraw", "tablerow", "endtablerow",
}

// prepare checks one source against the names that templates may use and returns it with our bounds built in: every
// output passes the filter _out, every turn of a loop the tag _turn.
func prepare(source string) (string, error) {
	tokens := parser.Scan(source, parser.SourceLoc{LineNo: 1}, nil)
	local, err := locals(tokens)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.Grow(len(source) + 32*len(tokens))
	verbatim := "" // the tag that ends a stretch nobody looks into
	for _, tok := range tokens {
		switch {
		case verbatim != "":
			if tok.Type == parser.TagTokenType && tok.Name == verbatim {
				verbatim = ""
			}
			b.WriteString(tok.Source)
		case tok.Type == parser.TextTokenType:
			if i := strings.Index(tok.Source, "{{"); i >= 0 {
				return "", at(tok, "a {{ is not closed on its line")
			}
			if i := strings.Index(tok.Source, "{%"); i >= 0 {
				return "", at(tok, "a {%% is not closed")
			}
			b.WriteString(tok.Source)
		case tok.Type == parser.ObjTokenType:
			if err := checkWords(tok, tok.Args, local, false); err != nil {
				return "", err
			}
			open, end := "{{ ", " }}"
			if strings.HasPrefix(tok.Source, "{{-") {
				open = "{{- "
			}
			if strings.HasSuffix(tok.Source, "-}}") {
				end = " -}}"
			}
			b.WriteString(open + tok.Args + " | _out: _b" + end)
		case tok.Type == parser.TagTokenType:
			if !slices.Contains(tags, tok.Name) {
				return "", at(tok, "there is no tag %q", tok.Name)
			}
			if err := checkTag(tok, local); err != nil {
				return "", err
			}
			b.WriteString(tok.Source)
			switch tok.Name {
			case "comment", "raw":
				verbatim = "end" + tok.Name
			case "for", "tablerow":
				b.WriteString("{% _turn %}")
			}
		}
	}
	if verbatim != "" {
		return "", fmt.Errorf("{%% %s %%} is not closed", strings.TrimPrefix(verbatim, "end"))
	}
	return b.String(), nil
}

// locals are the variables that the template makes itself.
func locals(tokens []parser.Token) (map[string]bool, error) {
	local := map[string]bool{}
	for _, tok := range tokens {
		if tok.Type != parser.TagTokenType {
			continue
		}
		switch tok.Name {
		case "assign", "capture", "for", "tablerow":
			w, err := words(tok.Args)
			if err != nil || len(w) == 0 || w[0].kind != wordName {
				return nil, at(tok, "%s needs the name of a variable", tok.Name)
			}
			if _, taken := roots[w[0].text]; taken || strings.HasPrefix(w[0].text, "_") || w[0].text == "forloop" {
				return nil, at(tok, "the name %q is taken", w[0].text)
			}
			local[w[0].text] = true
			if tok.Name == "for" || tok.Name == "tablerow" {
				local["forloop"] = true
			}
		}
	}
	return local, nil
}

func checkTag(tok parser.Token, local map[string]bool) error {
	switch tok.Name {
	case "capture":
		return nil
	case "for", "tablerow":
		if strings.Contains(tok.Args, "|") {
			return at(tok, "a loop cannot use filters: assign the filtered list first")
		}
		return checkWords(tok, tok.Args, local, true)
	}
	if tok.Args == "" {
		return nil
	}
	return checkWords(tok, tok.Args, local, false)
}

func checkWords(tok parser.Token, s string, local map[string]bool, ranges bool) error {
	list, err := words(s)
	if err != nil {
		return at(tok, "%v", err)
	}
	for i, w := range list {
		switch w.kind {
		case wordFilter:
			if !slices.Contains(filterNames, w.text) {
				return at(tok, "there is no filter %q", w.text)
			}
		case wordName:
			if slices.Contains(notVariables, w.text) || local[w.text] {
				continue
			}
			fields, ok := roots[w.text]
			if !ok {
				return at(tok, "there is no variable %q: use person, vars, event, brand, message, unsubscribe_url, preferences_url", w.text)
			}
			if len(fields) > 0 && i+1 < len(list) && list[i+1].kind == wordProperty && !slices.Contains(fields, list[i+1].text) {
				return at(tok, "%s has no field %q: it has %s", w.text, list[i+1].text, strings.Join(fields, ", "))
			}
		case wordOther:
			if w.text == ".." && !ranges {
				return at(tok, "a range such as (1..5) is for loops only")
			}
			if w.text == "|" && (i+1 == len(list) || list[i+1].kind != wordFilter) {
				return at(tok, "a filter's name must follow |")
			}
		}
	}
	return nil
}

func at(tok parser.Token, format string, args ...any) error {
	src := tok.Source
	if len(src) > 60 {
		src = src[:60] + "..."
	}
	return fmt.Errorf("line %d: %s: %s", tok.SourceLoc.LineNo, strings.TrimSpace(src), fmt.Sprintf(format, args...))
}
