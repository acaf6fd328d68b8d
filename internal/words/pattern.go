package words

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// verb is one of fmt's: what stands in its place in a sentence is an argument.
var verb = regexp.MustCompile(`%[-+# 0]*(?:\[\d+\])?\d*(?:\.\d+)?[a-zA-Z]`)

// pattern recognises the sentences of one format.
type pattern struct {
	start, end string         // what such a sentence begins and ends with: most are ruled out by that
	form       *regexp.Regexp // nil: nothing is left open
	literal    int            // how much of it is fixed: the most particular pattern goes first
	said       []piece        // the sentence in the other language
}

// piece is a part of a sentence: fixed words, or an argument by its number from 1, in the form of its kind.
type piece struct {
	text string
	arg  int
	kind string
}

// hole is where an argument goes, as {1} or {1:when}.
var hole = regexp.MustCompile(`\{(\d+)(?::([a-z]+))?\}`)

// The kinds of arguments. Without one, an argument stays as it is.
const (
	isSentence = "say"   // a sentence in a sentence
	isMoment   = "when"  // a date or a time
	isNumber   = "num"   // 1234.50
	isMoney    = "money" // €1,234.50 or CHF 80.00
	isWord     = "word"  // a code that people have a word for: a channel, a kind of document, a state
	isWords    = "words" // several, as in "a, b or c"
)

func compile(format, said string) (*pattern, error) {
	p := &pattern{}
	form := strings.Builder{}
	at, args := 0, 0
	write := func(fixed string) string {
		fixed = strings.ReplaceAll(fixed, "%%", "%")
		p.literal += len(fixed)
		form.WriteString(regexp.QuoteMeta(fixed))
		return fixed
	}
	for _, v := range verbs(format) {
		fixed := write(format[at:v[0]])
		if args == 0 {
			p.start = fixed
		}
		form.WriteString(argument(format[v[1]-1]))
		at = v[1]
		args++
	}
	p.end = write(format[at:])
	if args == 0 {
		p.start = p.end
	} else {
		p.form = regexp.MustCompile(`(?s)^` + form.String() + `$`)
	}
	at = 0
	for _, h := range hole.FindAllStringSubmatchIndex(said, -1) {
		n, _ := strconv.Atoi(said[h[2]:h[3]]) // digits, by the expression
		if n < 1 || n > args {
			return nil, fmt.Errorf("%q leaves %d open, and %q says {%d}", format, args, said, n)
		}
		kind := ""
		if h[4] >= 0 {
			kind = said[h[4]:h[5]]
		}
		if kind != "" && !slices.Contains([]string{isSentence, isMoment, isNumber, isMoney, isWord, isWords}, kind) {
			return nil, fmt.Errorf("%q: there is no kind %q", said, kind)
		}
		p.said = append(p.said, piece{text: said[at:h[0]]}, piece{arg: n, kind: kind})
		at = h[1]
	}
	p.said = append(p.said, piece{text: said[at:]})
	return p, nil
}

// verbs finds fmt's verbs in a format; %% is none.
func verbs(format string) [][]int {
	return verb.FindAllStringIndex(strings.ReplaceAll(format, "%%", "\x00\x00"), -1)
}

func argument(verb byte) string {
	switch verb {
	case 'd':
		return `(-?\d+)`
	case 'q':
		return `("(?:[^"\\]|\\.)*")`
	}
	return `(.*?)`
}

// match gives the arguments of a sentence of this form.
func (p *pattern) match(sentence string) (args []string, ok bool) {
	if !strings.HasPrefix(sentence, p.start) || !strings.HasSuffix(sentence, p.end) {
		return nil, false
	}
	if p.form == nil {
		return nil, sentence == p.start
	}
	found := p.form.FindStringSubmatch(sentence)
	if found == nil {
		return nil, false
	}
	return found[1:], true
}

// particular puts those patterns first that fix more of a sentence.
func particular(list []*pattern) {
	slices.SortStableFunc(list, func(a, b *pattern) int { return cmp.Compare(b.literal, a.literal) })
}
