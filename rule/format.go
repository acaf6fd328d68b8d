package rule

import (
	"strconv"
	"strings"
	"unicode"
)

// String is the text form of the rule; ParseExpr reads it back to the same tree.
func (e *Expr) String() string {
	var b strings.Builder
	writeExpr(&b, e, 0)
	return b.String()
}

// How tightly a node holds together: a looser one inside a tighter one takes parentheses.
func tightness(e *Expr) int {
	switch e.Kind {
	case Any:
		return 1
	case All:
		return 2
	case Not:
		if e.Of[0].Kind == Did || e.Of[0].Kind == Consent {
			return 4
		}
		return 3
	}
	return 4
}

func writeExpr(b *strings.Builder, e *Expr, outer int) {
	if tightness(e) < outer {
		b.WriteByte('(')
		writeExpr(b, e, 0)
		b.WriteByte(')')
		return
	}
	switch e.Kind {
	case All, Any:
		word := " and "
		if e.Kind == Any {
			word = " or "
		}
		for i, c := range e.Of {
			if i > 0 {
				b.WriteString(word)
			}
			writeExpr(b, c, tightness(e)+1)
		}
	case Not:
		switch c := e.Of[0]; c.Kind {
		case Did:
			b.WriteString("did not ")
			writeDid(b, c)
		case Consent:
			writeConsent(b, c, "is not ")
		default:
			b.WriteString("not ")
			writeExpr(b, c, 3)
		}
	default:
		writeCondition(b, e)
	}
}

func writeCondition(b *strings.Builder, e *Expr) {
	switch e.Kind {
	case Everyone, Nobody, Known:
		b.WriteString(string(e.Kind))
	case Did:
		b.WriteString("did ")
		writeDid(b, e)
	case First, Last:
		b.WriteString(string(e.Kind) + " ")
		writeEvent(b, e.Event)
		writeTest(b, e)
	case Then:
		for i, s := range e.Steps {
			if i > 0 {
				b.WriteString(" then ")
			}
			writeEvent(b, s)
		}
		writeWithin(b, e)
	case Trait, Triggering:
		b.WriteString(string(e.Kind))
		if e.Kind == Trait {
			b.WriteByte(' ')
		} else {
			b.WriteByte('.')
		}
		writePath(b, e.Path)
		writeTest(b, e)
	case Property:
		b.WriteString("properties.")
		writePath(b, e.Path)
		writeTest(b, e)
	case Place:
		b.WriteString(e.Name)
		writeTest(b, e)
	case Orders:
		b.WriteString("orders." + e.Name)
		writeTest(b, e)
	case Seen:
		b.WriteString(e.Name + " seen")
		writeTest(b, e)
	case StageSince:
		b.WriteString("stage since")
		writeTest(b, e)
	case Stage:
		writeStage(b, e)
	case Segment:
		b.WriteString("in segment " + quote(e.Name))
	case Consent:
		writeConsent(b, e, "is ")
	case Case:
		if e.Name == "open" {
			b.WriteString("has open case")
			break
		}
		b.WriteString("case " + e.Name)
		writeWithin(b, e)
	case Promise:
		if e.Name == "" {
			b.WriteString("has open promise")
		} else {
			b.WriteString("has overdue promise")
		}
	case Moment:
		b.WriteString(e.State + " moment")
		if e.Name != "" {
			b.WriteString(" " + quote(e.Name))
		}
		if e.Topic != "" {
			b.WriteString(" about " + quote(e.Topic))
		}
		writeWithin(b, e)
	case Preference:
		b.WriteString("preference " + e.Name + " " + quote(e.Value.Str))
	case Blocked:
		b.WriteString("channel " + word(e.Channel) + " blocked")
	}
}

func writeDid(b *strings.Builder, e *Expr) {
	where := e.Event.Where
	writeEvent(b, &Event{Type: e.Event.Type, Name: e.Event.Name})
	if c := e.Count; c != nil {
		b.WriteString(" " + strings.Replace(c.Is, "_", " ", 1) + " " + strconv.Itoa(c.N) + " times")
	}
	writeWithin(b, e)
	writeWhere(b, where)
}

func writeEvent(b *strings.Builder, e *Event) {
	b.WriteString(e.Type)
	if e.Name != "" {
		if e.Type != "" {
			b.WriteByte(' ')
		}
		b.WriteString(quote(e.Name))
	}
	writeWhere(b, e.Where)
}

func writeWhere(b *strings.Builder, where *Expr) {
	if where != nil {
		b.WriteString(" where ")
		writeExpr(b, where, 2)
	}
}

func writeWithin(b *strings.Builder, e *Expr) {
	if e.Within > 0 {
		b.WriteString(" within " + e.Within.String())
	}
}

func writeConsent(b *strings.Builder, e *Expr, is string) {
	b.WriteString("consent " + word(e.Name))
	if e.Channel != "" {
		b.WriteString(" on " + word(e.Channel))
	}
	b.WriteString(" " + is + e.State)
}

func writeStage(b *strings.Builder, e *Expr) {
	switch e.Op {
	case In:
		b.WriteString("stage in (")
		for i, v := range e.Value.List {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(word(v.Str))
		}
		b.WriteByte(')')
	case Exists:
		b.WriteString("stage exists")
	case Ne:
		b.WriteString("stage is not " + word(e.Value.Str))
	default:
		b.WriteString("stage is " + word(e.Value.Str))
	}
}

func writeTest(b *strings.Builder, e *Expr) {
	b.WriteByte(' ')
	v := e.Value
	switch e.Op {
	case Exists:
		b.WriteString("exists")
	case Within:
		b.WriteString("within " + v.Span.String())
	case Ago:
		b.WriteString("more than " + v.Span.String() + " ago")
	case InNext:
		b.WriteString("in next " + v.Span.String())
	case Lt, Gt:
		if v.Type == Instant {
			b.WriteString(map[Op]string{Lt: "before ", Gt: "after "}[e.Op] + formatTime(v.Time))
			break
		}
		fallthrough
	default:
		b.WriteString(string(e.Op) + " ")
		writeValue(b, v)
	}
}

func writeValue(b *strings.Builder, v *Value) {
	switch v.Type {
	case String:
		b.WriteString(quote(v.Str))
	case Number:
		b.WriteString(formatNumber(v.Num))
	case Bool:
		b.WriteString(strconv.FormatBool(v.Bool))
	case Instant:
		b.WriteString(formatTime(v.Time))
	case List:
		b.WriteByte('(')
		for i := range v.List {
			if i > 0 {
				b.WriteString(", ")
			}
			writeValue(b, &v.List[i])
		}
		b.WriteByte(')')
	}
}

func formatNumber(f float64) string {
	if f == 0 {
		return "0" // also for -0
	}
	if f >= 1e15 || f <= -1e15 || f < 1e-6 && f > -1e-6 {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

func writePath(b *strings.Builder, path []string) {
	for i, s := range path {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(word(s))
	}
}

// word writes a name bare when it reads back as one word, and quoted otherwise: also when it reads as an operator.
func word(s string) string {
	for i, r := range s {
		if !isWordStart(r) && (i == 0 || !unicode.IsDigit(r) && r != '-') {
			return quote(s)
		}
	}
	if s == "" || s == "not" || isOp(token{kind: tokWord, text: s}) {
		return quote(s)
	}
	return s
}

func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}
