package rule

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/heedcx/heed"
)

// SyntaxError says where a rule's text went wrong and what would have been right. It unwraps to a *heed.Error.
type SyntaxError struct {
	Offset    int // in bytes
	Line, Col int // from 1; columns count characters
	Want, Got string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("at %d:%d: expected %s, found %s", e.Line, e.Col, e.Want, e.Got)
}

func (e *SyntaxError) Unwrap() error { return heed.Errorf(heed.Invalid, "%s", e.Error()) }

type tokenKind uint8

const (
	tokEnd tokenKind = iota
	tokWord
	tokString
	tokNumber
	tokTime
	tokSpan
	tokSign
	tokBad
)

type token struct {
	kind tokenKind
	text string // of a string: what it says
	pos  int
	num  float64
	time heed.Time
	span Duration
}

// is says whether the token is the word or sign s.
func (t token) is(s string) bool { return (t.kind == tokWord || t.kind == tokSign) && t.text == s }

var (
	timeShape   = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2}))?`)
	spanShape   = regexp.MustCompile(`^\d+[smhdw]`)
	numberShape = regexp.MustCompile(`^-?\d+(\.\d+)?([eE][+-]?\d+)?`)
)

// lex cuts a text into tokens, the last one tokEnd. A token that is wrong becomes tokBad with what would be right.
func lex(s string) ([]token, *SyntaxError) {
	var out []token
	for i := 0; ; {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case n == 0:
			return append(out, token{kind: tokEnd, pos: i}), nil
		case unicode.IsSpace(r):
			i += n
			continue
		case r == utf8.RuneError && n == 1:
			return nil, syntaxError(s, i, "UTF-8 text", "a byte that is not")
		}
		t, err := next(s, i, r)
		if err != nil {
			return nil, err
		}
		i, t.pos = t.pos, i // next leaves the end in pos
		out = append(out, t)
	}
}

func next(s string, i int, r rune) (token, *SyntaxError) {
	rest := s[i:]
	switch {
	case r == '"':
		return lexString(s, i)
	case isWordStart(r):
		end := i
		for end < len(s) {
			r, n := utf8.DecodeRuneInString(s[end:])
			if !isWordStart(r) && !unicode.IsDigit(r) && r != '-' {
				break
			}
			end += n
		}
		return token{kind: tokWord, text: s[i:end], pos: end}, nil
	case r >= '0' && r <= '9' || r == '-':
		return lexNumber(s, i)
	}
	for _, sign := range []string{"!=", "<=", ">=", "(", ")", ",", ".", "=", "<", ">"} {
		if strings.HasPrefix(rest, sign) {
			return token{kind: tokSign, text: sign, pos: i + len(sign)}, nil
		}
	}
	return token{}, syntaxError(s, i, "a condition", strconv.QuoteRune(r))
}

func isWordStart(r rune) bool { return r == '_' || unicode.IsLetter(r) }

func lexNumber(s string, i int) (token, *SyntaxError) {
	rest := s[i:]
	t := token{}
	var text string
	if text = timeShape.FindString(rest); text != "" {
		at, ok := parseTime(text)
		if !ok {
			return t, syntaxError(s, i, "a time that exists, such as 2026-01-31 or 2026-01-31T10:00:00Z", text)
		}
		t = token{kind: tokTime, time: at}
	} else if text = spanShape.FindString(rest); text != "" {
		d, err := ParseDuration(text)
		if err != nil {
			return t, syntaxError(s, i, "a duration of at most 3653d, such as 90d", text)
		}
		t = token{kind: tokSpan, span: d}
	} else if text = numberShape.FindString(rest); text != "" {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || f >= hugeNumber || f <= -hugeNumber {
			return t, syntaxError(s, i, "a number between -1e300 and 1e300", cut(text))
		}
		t = token{kind: tokNumber, num: f}
	} else {
		return t, syntaxError(s, i, "a number", strconv.Quote(rest[:1]))
	}
	t.text, t.pos = text, i+len(text)
	if r, _ := utf8.DecodeRuneInString(s[t.pos:]); isWordStart(r) || unicode.IsDigit(r) {
		return t, syntaxError(s, i, "a number, a time such as 2026-01-31 or a duration such as 90d", strconv.Quote(cut(rest)))
	}
	return t, nil
}

func lexString(s string, i int) (token, *SyntaxError) {
	var b strings.Builder
	for j := i + 1; j < len(s); j++ {
		switch c := s[j]; {
		case c == '"':
			return token{kind: tokString, text: b.String(), pos: j + 1}, nil
		case c == '\\':
			if j++; j >= len(s) || s[j] != '"' && s[j] != '\\' {
				return token{}, syntaxError(s, j-1, `\" or \\`, "another escape")
			}
			b.WriteByte(s[j])
		case c < 0x20:
			return token{}, syntaxError(s, j, "text without control characters", strconv.Quote(s[j:j+1]))
		default:
			b.WriteByte(c)
		}
	}
	return token{}, syntaxError(s, i, `a closing "`, "the end of the rule")
}

func syntaxError(s string, at int, want, got string) *SyntaxError {
	at = min(at, len(s))
	line := 1 + strings.Count(s[:at], "\n")
	start := strings.LastIndexByte(s[:at], '\n') + 1
	return &SyntaxError{Offset: at, Line: line, Col: 1 + utf8.RuneCountInString(s[start:at]), Want: want, Got: got}
}
