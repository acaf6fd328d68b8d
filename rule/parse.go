package rule

import (
	"strconv"
	"strings"

	"github.com/heedcx/heed"
)

// Limits of a rule.
const (
	MaxText  = 16 << 10 // bytes
	MaxNodes = 500
	MaxDepth = 32
	MaxList  = 200  // values in one list
	MaxValue = 1024 // bytes of one text
	MaxTimes = 100  // how often, within a time
	MaxSteps = 5    // of a sequence
)

// ParseExpr reads the text form of a rule into its tree. The error is a *SyntaxError.
func ParseExpr(text string) (*Expr, error) {
	if len(text) > MaxText {
		return nil, heed.Errorf(heed.TooLarge, "a rule has at most %d bytes, this one has %d", MaxText, len(text))
	}
	toks, err := lex(text)
	if err != nil {
		return nil, err
	}
	if len(toks) == 1 { // the end alone: the list of all conditions would help nobody who has only begun
		return nil, syntaxError(text, 0, "a condition", "an empty rule")
	}
	p := &parser{text: text, toks: toks}
	e := p.or()
	if p.err == nil && p.peek().kind != tokEnd {
		p.fail(`"and", "or" or the end of the rule`)
	}
	if p.err != nil {
		return nil, p.err
	}
	return normal(e), nil
}

// parser descends recursively. The first error sticks; after it every method returns at once.
type parser struct {
	text  string
	toks  []token
	at    int
	depth int
	where bool // inside a where: only properties and places
	open  int  // parentheses that are open inside the where
	err   *SyntaxError
}

func (p *parser) peek() token       { return p.ahead(0) }
func (p *parser) ahead(n int) token { return p.toks[min(p.at+n, len(p.toks)-1)] }

func (p *parser) take() token {
	t := p.peek()
	if p.at < len(p.toks)-1 {
		p.at++
	}
	return t
}

// got takes the words, all of them or none.
func (p *parser) got(words ...string) bool {
	for i, w := range words {
		if !p.ahead(i).is(w) {
			return false
		}
	}
	p.at += len(words)
	return p.err == nil
}

func (p *parser) fail(want string) *Expr {
	if p.err != nil {
		return nil
	}
	t := p.peek()
	got := "the end of the rule"
	switch t.kind {
	case tokEnd:
	case tokString:
		got = strconv.Quote(cut(t.text))
	default:
		got = cut(t.text)
	}
	p.err = syntaxError(p.text, t.pos, want, got)
	return nil
}

func (p *parser) need(word string) {
	if !p.got(word) {
		p.fail(strconv.Quote(word))
	}
}

func (p *parser) or() *Expr  { return p.chain("or", Any, (*parser).and) }
func (p *parser) and() *Expr { return p.chain("and", All, (*parser).not) }

func (p *parser) chain(word string, kind Kind, part func(*parser) *Expr) *Expr {
	e := part(p)
	if p.err != nil || !p.continues(word) {
		return e
	}
	e = &Expr{Kind: kind, Of: []*Expr{e}}
	for p.err == nil && p.continues(word) {
		p.take()
		e.Of = append(e.Of, part(p))
	}
	return e
}

// continues says whether the chain goes on here. A where goes on only with what asks about the event itself: what
// follows the signs and nots must be a property or a place, otherwise the "and" belongs to the rule around it.
func (p *parser) continues(word string) bool {
	if !p.peek().is(word) {
		return false
	}
	if !p.where || p.open > 0 {
		return true
	}
	i := 1
	for p.ahead(i).is("(") || p.ahead(i).is("not") {
		i++
	}
	return isWhereWord(p.ahead(i), p.ahead(i+1))
}

func isWhereWord(t, after token) bool {
	if t.is("properties") {
		return after.is(".")
	}
	return t.kind == tokWord && isPlace(t.text) && isOp(after)
}

func isPlace(s string) bool {
	switch s {
	case "touchpoint", "channel", "source", "department", "direction":
		return true
	}
	return false
}

func isOp(t token) bool {
	switch t.text {
	case "=", "!=", "<", "<=", ">", ">=", "contains", "starts", "ends", "exists", "in", "is", "before", "after":
		return t.kind == tokWord || t.kind == tokSign
	}
	return false
}

func (p *parser) not() *Expr {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > 2*MaxDepth {
		return p.fail("less nesting")
	}
	if p.got("not") {
		return &Expr{Kind: Not, Of: []*Expr{p.not()}}
	}
	if p.got("(") {
		p.open++
		e := p.or()
		p.need(")")
		p.open--
		return e
	}
	if p.where {
		return p.whereLeaf()
	}
	return p.condition()
}

func (p *parser) whereLeaf() *Expr {
	t := p.peek()
	if p.got("properties", ".") {
		return p.test(&Expr{Kind: Property, Path: p.path()})
	}
	if t.kind == tokWord && isPlace(t.text) {
		p.take()
		return p.test(&Expr{Kind: Place, Name: t.text})
	}
	return p.fail("a property such as properties.revenue, or touchpoint, channel, source, department, direction")
}

// name takes a word or a quoted text.
func (p *parser) name(want string) string {
	t := p.peek()
	if t.kind != tokWord && t.kind != tokString || t.text == "" {
		p.fail(want)
		return ""
	}
	p.take()
	return t.text
}

func (p *parser) path() []string {
	path := []string{p.name("a name")}
	for p.err == nil && p.got(".") {
		path = append(path, p.name("a name after the dot"))
	}
	return path
}

func (p *parser) span() Duration {
	t := p.peek()
	if t.kind != tokSpan {
		p.fail("a duration such as 90d")
		return 0
	}
	p.take()
	return t.span
}

func (p *parser) spanValue() *Value { return &Value{Type: Span, Span: p.span()} }

// literal takes a string, number, bool or time.
func (p *parser) literal() *Value {
	t := p.peek()
	v := &Value{}
	switch {
	case t.kind == tokString:
		v.Type, v.Str = String, t.text
	case t.kind == tokNumber:
		v.Type, v.Num = Number, t.num
	case t.kind == tokTime:
		v.Type, v.Time = Instant, t.time
	case t.is("true") || t.is("false"):
		v.Type, v.Bool = Bool, t.text == "true"
	default:
		p.fail(`a value: "text", a number, true, false or a time such as 2026-01-31`)
		return v
	}
	p.take()
	return v
}

// test reads an operator and its value into e.
func (p *parser) test(e *Expr) *Expr {
	if p.err != nil {
		return nil
	}
	t := p.peek()
	switch {
	case p.got("is", "not"), p.got("!="):
		e.Op, e.Value = Ne, p.literal()
	case p.got("is"), p.got("="):
		e.Op, e.Value = Eq, p.literal()
	case t.kind == tokSign && strings.ContainsAny(t.text, "<>"):
		p.take()
		e.Op, e.Value = Op(t.text), p.literal()
	case p.got("before"), p.got("after"):
		e.Op = Lt
		if t.text == "after" {
			e.Op = Gt
		}
		if p.peek().kind != tokTime {
			return p.fail("a time such as 2026-01-31")
		}
		e.Value = p.literal()
	case p.got("contains"):
		e.Op, e.Value = Contains, p.literal()
	case p.got("starts"):
		p.need("with")
		e.Op, e.Value = StartsWith, p.literal()
	case p.got("ends"):
		p.need("with")
		e.Op, e.Value = EndsWith, p.literal()
	case p.got("exists"):
		e.Op = Exists
	case p.got("within"):
		e.Op, e.Value = Within, p.spanValue()
	case p.got("in", "next"):
		e.Op, e.Value = InNext, p.spanValue()
	case p.got("less", "than"):
		e.Op, e.Value = Within, p.spanValue()
		p.need("ago")
	case p.got("more", "than"):
		e.Op, e.Value = Ago, p.spanValue()
		p.need("ago")
	case p.got("in"):
		e.Op, e.Value = In, p.list()
	default:
		return p.fail("a test: = != < <= > >= contains, starts with, ends with, exists, in (...), before, after, within 90d, more than 90d ago, in next 7d")
	}
	return e
}

func (p *parser) list() *Value {
	v := &Value{Type: List}
	p.need("(")
	for p.err == nil {
		v.List = append(v.List, *p.literal())
		if !p.got(",") {
			break
		}
	}
	p.need(")")
	return v
}
