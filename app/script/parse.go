package script

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// statement is one line of a script, with the indented lines below it.
type statement struct {
	line  int
	text  string
	words []string
	props []prop
	block []rawLine
}

// rawLine is one line of a block, without the block's indentation.
type rawLine struct {
	line int
	text string
}

// prop is name=value or name~value. The value is JSON.
type prop struct {
	name  string
	like  bool // ~: contains
	value json.RawMessage
}

// plain is the value as text: a string without its quotes, other JSON without white space, which the engines of the state
// store write differently.
func (p prop) plain() string {
	var s string
	if json.Unmarshal(p.value, &s) == nil {
		return s
	}
	var b bytes.Buffer
	if json.Compact(&b, p.value) == nil {
		return b.String()
	}
	return string(p.value)
}

// parse reads a script. An indented line belongs to the statement above it.
func parse(text string) ([]*statement, error) {
	var out []*statement
	line := 0
	for raw := range strings.Lines(strings.ReplaceAll(text, "\r\n", "\n")) {
		line++
		raw = strings.TrimRight(raw, "\n")
		trimmed := strings.TrimSpace(raw)
		indented := raw != "" && (raw[0] == ' ' || raw[0] == '\t')
		switch {
		case indented && len(out) > 0 && trimmed != "", trimmed == "" && len(out) > 0 && len(out[len(out)-1].block) > 0:
			s := out[len(out)-1]
			s.block = append(s.block, rawLine{line, raw})
		case trimmed == "" || trimmed[0] == '#':
		default:
			s, err := parseLine(line, trimmed)
			if err != nil {
				return nil, err
			}
			out = append(out, s)
		}
	}
	for _, s := range out {
		if err := s.dedent(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// dedent takes the indentation of a block's first line off all of them.
func (s *statement) dedent() error {
	for len(s.block) > 0 && strings.TrimSpace(s.block[len(s.block)-1].text) == "" {
		s.block = s.block[:len(s.block)-1]
	}
	if len(s.block) == 0 {
		return nil
	}
	first := s.block[0].text
	margin := first[:len(first)-len(strings.TrimLeft(first, " \t"))]
	for i := range s.block {
		l := &s.block[i]
		if rest, ok := strings.CutPrefix(l.text, margin); ok {
			l.text = rest
		} else if strings.TrimSpace(l.text) == "" {
			l.text = ""
		} else {
			return &lineError{l.line, "is indented less than the first line of its block"}
		}
	}
	return nil
}

// lineError is an error at a line of the file.
type lineError struct {
	line int
	text string
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.text) }

var propStart = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_.$-]*)([=~])`)

// parseLine cuts a line into words and properties. Words may be quoted; # begins a comment.
func parseLine(line int, text string) (*statement, error) {
	s := &statement{line: line, text: text}
	rest := text
	for {
		rest = strings.TrimLeft(rest, " \t")
		if rest == "" || rest[0] == '#' {
			break
		}
		if m := propStart.FindStringSubmatch(rest); m != nil {
			value, after, err := parseValue(rest[len(m[0]):])
			if err != nil {
				return nil, &lineError{line, m[1] + ": " + err.Error()}
			}
			s.props = append(s.props, prop{m[1], m[2] == "~", value})
			rest = after
			continue
		}
		word, after, err := cutWord(rest)
		if err != nil {
			return nil, &lineError{line, err.Error()}
		}
		s.words = append(s.words, word)
		rest = after
	}
	if len(s.words) == 0 {
		return nil, &lineError{line, "begins with a property; a statement begins with a word such as track or expect"}
	}
	return s, nil
}

func cutWord(s string) (word, rest string, err error) {
	if s[0] != '"' {
		n := strings.IndexAny(s, " \t")
		if n < 0 {
			n = len(s)
		}
		return s[:n], s[n:], nil
	}
	quoted, err := strconv.QuotedPrefix(s)
	if err != nil {
		return "", "", fmt.Errorf("the quote is not closed: %s", s)
	}
	word, err = strconv.Unquote(quoted)
	return word, s[len(quoted):], err
}

// parseValue reads what follows name=: a quoted text, a JSON list or object, or a word, which is a number, true, false or
// null if it looks like one.
func parseValue(s string) (json.RawMessage, string, error) {
	switch {
	case s == "" || s[0] == ' ' || s[0] == '\t':
		return json.RawMessage(`""`), s, nil
	case s[0] == '"':
		word, rest, err := cutWord(s)
		if err != nil {
			return nil, "", err
		}
		return encode(word), rest, nil
	case s[0] == '[' || s[0] == '{':
		d := json.NewDecoder(strings.NewReader(s))
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			return nil, "", fmt.Errorf("is no JSON: %v", err)
		}
		return v, s[d.InputOffset():], nil
	}
	word, rest, err := cutWord(s)
	if err != nil {
		return nil, "", err
	}
	return valueOf(word), rest, nil
}

// valueOf is the JSON of a bare word.
func valueOf(word string) json.RawMessage {
	if json.Valid([]byte(word)) {
		return json.RawMessage(word)
	}
	return encode(word)
}

func encode(s string) json.RawMessage {
	b, err := json.Marshal(s)
	if err != nil { // a string always encodes
		return json.RawMessage(`""`)
	}
	return b
}

// object makes a JSON object of properties, in their order.
func object(props []prop) json.RawMessage {
	b := []byte{'{'}
	for i, p := range props {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, encode(p.name)...), ':'), p.value...)
	}
	return append(b, '}')
}
