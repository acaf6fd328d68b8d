package rule

import "strconv"

const wantCondition = `a condition: did, first, last, "Event" then, trait, consent, stage, in segment, orders, has, case, good moment, preference, channel, known, everyone`

// condition reads one question about a person.
func (p *parser) condition() *Expr {
	t := p.peek()
	switch {
	case p.got("everyone"):
		return &Expr{Kind: Everyone}
	case p.got("nobody"):
		return &Expr{Kind: Nobody}
	case p.got("known"):
		return &Expr{Kind: Known}
	case p.got("did", "not"):
		return &Expr{Kind: Not, Of: []*Expr{p.did()}}
	case p.got("did"):
		return p.did()
	case p.got("first", "seen"), p.got("last", "seen"):
		return p.test(&Expr{Kind: Seen, Name: t.text})
	case p.got("first"):
		return p.test(&Expr{Kind: First, Event: p.event()})
	case p.got("last"):
		return p.test(&Expr{Kind: Last, Event: p.event()})
	case p.got("trait"):
		return p.test(&Expr{Kind: Trait, Path: p.path()})
	case p.got("event", "."):
		return p.test(&Expr{Kind: Triggering, Path: p.path()})
	case p.got("orders"):
		p.need(".")
		return p.test(&Expr{Kind: Orders, Name: p.oneOf("count", "revenue", "first", "last")})
	case p.got("stage", "since"):
		return p.test(&Expr{Kind: StageSince})
	case p.got("stage"):
		return p.stage()
	case p.got("in"):
		p.need("segment")
		return &Expr{Kind: Segment, Name: p.name("the name of a segment")}
	case p.got("consent"):
		return p.consent()
	case p.got("has"):
		return p.has()
	case p.got("case"):
		return &Expr{Kind: Case, Name: p.oneOf("opened", "closed"), Within: p.within()}
	case p.got("good"), p.got("bad"):
		return p.moment(t.text)
	case p.got("preference"):
		return &Expr{Kind: Preference, Name: p.oneOf("topic", "muted", "channel", "locale", "zone"),
			Value: &Value{Type: String, Str: p.name("a value")}}
	case p.got("channel"):
		e := &Expr{Kind: Blocked, Channel: p.name("the name of a channel")}
		p.need("blocked")
		return e
	case t.kind == tokString, isEventType(t) && (p.ahead(1).kind == tokString || p.ahead(1).is("then") || p.ahead(1).is("where")):
		return p.sequence()
	}
	return p.fail(wantCondition)
}

func isEventType(t token) bool {
	switch t.text {
	case "track", "page", "screen", "identify", "group", "feedback":
		return t.kind == tokWord
	}
	return false
}

// event reads [page|screen|identify|group|feedback|track] ["Name"] [where ...].
func (p *parser) event() *Event {
	e := &Event{}
	if t := p.peek(); isEventType(t) {
		p.take()
		if t.text != "track" {
			e.Type = t.text
		}
	}
	if t := p.peek(); t.kind == tokString && t.text != "" {
		e.Name = p.take().text
	} else if e.Type == "" {
		p.fail(`the name of an event in quotes, such as "Order Completed"`)
	}
	p.whereOf(e)
	return e
}

func (p *parser) whereOf(e *Event) {
	if p.got("where") {
		open := p.open
		p.where, p.open = true, 0
		e.Where = p.or()
		p.where, p.open = false, open
	}
}

func (p *parser) did() *Expr {
	e := &Expr{Kind: Did, Event: p.event()}
	for p.err == nil {
		switch {
		case e.Count == nil && p.got("at", "least"):
			e.Count = p.count(AtLeast)
		case e.Count == nil && p.got("at", "most"):
			e.Count = p.count(AtMost)
		case e.Count == nil && p.got("exactly"):
			e.Count = p.count(Exactly)
		case e.Within == 0 && p.peek().is("within"):
			e.Within = p.within()
		case e.Event.Where == nil && p.peek().is("where"):
			p.whereOf(e.Event)
		default:
			return e
		}
	}
	return e
}

func (p *parser) count(is string) *Count {
	t := p.peek()
	n, err := strconv.Atoi(t.text)
	if t.kind != tokNumber || err != nil || n < 0 {
		p.fail("a whole number")
		return nil
	}
	p.take()
	if !p.got("times") && !p.got("time") {
		p.fail(`"times"`)
	}
	return &Count{Is: is, N: n}
}

// within reads an optional within.
func (p *parser) within() Duration {
	if p.got("within") {
		return p.span()
	}
	return 0
}

func (p *parser) sequence() *Expr {
	e := &Expr{Kind: Then, Steps: []*Event{p.event()}}
	p.need("then")
	for p.err == nil {
		e.Steps = append(e.Steps, p.event())
		if !p.got("then") {
			break
		}
	}
	e.Within = p.within()
	return e
}

func (p *parser) oneOf(words ...string) string {
	t := p.peek()
	for _, w := range words {
		if p.got(w) {
			return w
		}
	}
	want := "one of"
	for i, w := range words {
		if i > 0 {
			want += ","
		}
		want += " " + w
	}
	p.fail(want)
	return t.text
}

func (p *parser) stage() *Expr {
	e := &Expr{Kind: Stage, Op: Eq}
	switch {
	case p.got("is", "not"), p.got("!="):
		e.Op = Ne
	case p.got("exists"):
		e.Op = Exists
		return e
	case p.got("in"):
		e.Op, e.Value = In, &Value{Type: List}
		p.need("(")
		for p.err == nil {
			e.Value.List = append(e.Value.List, Value{Type: String, Str: p.name("a stage")})
			if !p.got(",") {
				break
			}
		}
		p.need(")")
		return e
	case p.got("is"), p.got("="):
	default:
		return p.fail("is, is not, in (...), exists or since")
	}
	e.Value = &Value{Type: String, Str: p.name("a stage")}
	return e
}

func (p *parser) consent() *Expr {
	e := &Expr{Kind: Consent, Name: p.name("the name of a purpose")}
	if p.got("on") {
		e.Channel = p.name("the name of a channel")
	}
	p.need("is")
	not := p.got("not")
	e.State = p.oneOf("granted", "denied", "pending", "missing")
	if not {
		return &Expr{Kind: Not, Of: []*Expr{e}}
	}
	return e
}

func (p *parser) has() *Expr {
	switch {
	case p.got("open", "case"):
		return &Expr{Kind: Case, Name: "open"}
	case p.got("open", "promise"):
		return &Expr{Kind: Promise}
	case p.got("overdue", "promise"):
		return &Expr{Kind: Promise, Name: "overdue"}
	}
	return p.fail("open case, open promise or overdue promise")
}

func (p *parser) moment(state string) *Expr {
	p.need("moment")
	e := &Expr{Kind: Moment, State: state}
	if p.peek().kind == tokString {
		e.Name = p.take().text
	}
	if p.got("about") {
		e.Topic = p.name("a topic")
	}
	e.Within = p.within()
	return e
}
