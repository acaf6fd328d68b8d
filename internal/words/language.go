package words

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Language is one that sentences can be said in.
type Language struct {
	tag      string
	patterns []*pattern
	words    map[string]string
	clock    clock
	types    sync.Map // reflect.Type -> bool: whether there is a sentence in it
}

// Bounds: how many sentences may be in each other, and at how many colons one may begin.
const (
	deepest = 4
	places  = 3
)

// Tag is the language's name, such as de.
func (l *Language) Tag() string { return l.tag }

// Say says a sentence of the API in this language; one that it does not know stays English.
func (l *Language) Say(sentence string) string {
	said, _ := l.say(sentence, deepest)
	return said
}

func (l *Language) say(sentence string, deep int) (string, bool) {
	if sentence == "" || deep == 0 {
		return sentence, false
	}
	for _, p := range l.patterns {
		if args, ok := p.match(sentence); ok {
			return l.put(p, args, deep), true
		}
	}
	if bare, ok := strings.CutSuffix(sentence, "."); ok { // a sentence that somebody has put a full stop behind
		if said, ok := l.say(bare, deep-1); ok {
			return upper(said, bare) + ".", true
		}
	} else if first, size := utf8.DecodeRuneInString(sentence); unicode.IsUpper(first) { // or begun with a capital
		small := string(unicode.ToLower(first)) + sentence[size:]
		if said, ok := l.say(small, 1); ok {
			return upper(said, sentence), true
		}
	}
	// Where something is wrong stands before what is wrong: "nodes[2].then: there is no node ...".
	at := 0
	for range places {
		n := strings.Index(sentence[at:], ": ")
		if n < 0 {
			break
		}
		at += n + 2
		if said, ok := l.say(sentence[at:], deep-1); ok {
			head, _ := l.say(sentence[:at-2], deep-1)
			return head + ": " + said, true
		}
	}
	return sentence, false
}

// upper begins with a capital if what it stands for does.
func upper(said, as string) string {
	if first, _ := utf8.DecodeRuneInString(as); !unicode.IsUpper(first) {
		return said
	}
	r, size := utf8.DecodeRuneInString(said)
	return string(unicode.ToUpper(r)) + said[size:]
}

func (l *Language) put(p *pattern, args []string, deep int) string {
	var b strings.Builder
	for _, x := range p.said {
		if x.arg == 0 {
			b.WriteString(x.text)
			continue
		}
		arg := args[x.arg-1]
		switch x.kind {
		case isSentence:
			said, known := l.say(arg, deep-1)
			if !known {
				said = l.word(arg)
			}
			arg = said
		case isMoment:
			arg = l.clock.moment(arg)
		case isNumber:
			arg = l.clock.number(arg)
		case isMoney:
			arg = l.clock.money(arg)
		case isWord:
			arg = l.word(arg)
		case isWords:
			arg = l.list(arg)
		}
		b.WriteString(arg)
	}
	return b.String()
}

// word says a code as people do; what is no code of ours stays.
func (l *Language) word(code string) string {
	if w, ok := l.words[code]; ok {
		return w
	}
	return code
}

// list says each of "a, b or c".
func (l *Language) list(text string) string {
	head, last, several := strings.Cut(text, " or ")
	parts := strings.Split(head, ", ")
	for i := range parts {
		parts[i] = l.word(parts[i])
	}
	if !several {
		return strings.Join(parts, ", ")
	}
	return strings.Join(parts, ", ") + " " + l.word("or") + " " + l.word(last)
}

// parts says a sentence that is a name and what we know of it, with commas between: "Ann, loyal, last seen today."
func (l *Language) parts(text string) string {
	bare, stop := strings.CutSuffix(text, ".")
	list := strings.Split(bare, ", ")
	for i := range list {
		said, known := l.say(list[i], deepest)
		if !known && i > 0 {
			said = l.word(said)
		}
		list[i] = said
	}
	if stop {
		return strings.Join(list, ", ") + "."
	}
	return strings.Join(list, ", ")
}
