package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"pgregory.net/rapid"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/rule"
)

// now is when the generated rules are asked.
const now = heed.Time(1_790_000_000_000_000)

const day = heed.Time(24 * time.Hour / time.Microsecond)

// The vocabularies are small, so that rules and people meet.
var (
	eventNames = []string{"Order Completed", "Cart", `Odd "name" \ é`}
	propNames  = []string{"revenue", "plan", "odd name", "nested", "0", "a*"}
	traitNames = []string{"plan", "score", "tags", "born", "address", "x&y", "a.b"}
	channels   = []string{"email", "sms"}
	texts      = []string{"pro", "Pro", "prö", "p", "ro", "", "3", "2026-01-01", "ü\U0001F600", "a'b", `q"\`, "Z"}
	numbers    = []float64{0, 1, 2.5, -3, 3, 1e15, 9007199254740993, 0.1, 1e-7}
	durations  = []rule.Duration{rule.Duration(day), 7 * rule.Duration(day), 30 * rule.Duration(day), rule.Duration(day) / 24}
	instants   = []string{"2026-01-01", "2026-09-15T10:00:00Z", "2026-09-21T14:13:20.000001Z", "1969-12-31T23:59:59.5Z", "2000-02-29"}
)

// said is what traits and properties hold besides the texts that rules ask for.
var said = []string{"pro\n", "\x01", "a/b", "\ufffd", "\u007f", "pro ", "PRO", "prö\U0001F600pro", strings.Repeat("pro", 90), "null", "true"}

// timeLike texts that traits and properties may hold: some are times, some nearly.
var timeLike = []string{"2026-01-01", "2026-02-30", "2024-02-29", "1900-02-29", "2026-09-15T12:00:00+02:00", "2026-09-15T10:00:00Z",
	"2026-09-15T10:00:00.123456789Z", "2026-09-15T10:00:00.5-00:30", "2026-09-15T24:00:00Z", "2026-09-15T10:00:60Z", "2026-09-15 10:00:00",
	"2026-09-15T10:00:00", "0000-01-01", "0001-01-01", "9999-12-31T23:59:59.999999Z", "2026-09-15T10:00:00.Z", "2026-09-15T10:00:00.1234567890Z",
	"2026-13-01", "2026-09-15T10:00:00+24:00", "2026-09-15T10:00:00+2:00", "2026-1-1", "２０２６-01-01", "1969-12-31T23:59:59.5Z", "1600-03-01T00:00:00-23:59"}

func pick[T any](t *rapid.T, label string, from []T) T {
	return from[rapid.IntRange(0, len(from)-1).Draw(t, label)]
}

// aTime is around now, often exactly on the edge of a window.
func aTime(t *rapid.T) heed.Time {
	at := now - heed.Time(pick(t, "ago", append([]rule.Duration{0}, durations...)))
	return at + heed.Time(pick(t, "off", []int64{-1, 0, 0, 1, int64(day), -int64(day), -3 * int64(day)}))
}

// anInstant is a time as a trait holds it.
func anInstant(t *rapid.T) string {
	at := aTime(t).Std()
	switch rapid.IntRange(0, 3).Draw(t, "form") {
	case 0:
		return at.Format("2006-01-02")
	case 1:
		return at.In(time.FixedZone("", 5400)).Format("2006-01-02T15:04:05.999999Z07:00")
	case 2:
		return pick(t, "timelike", timeLike)
	}
	return at.Format("2006-01-02T15:04:05.000000Z07:00")
}

func value(t *rapid.T, types ...rule.ValueType) *rule.Value {
	v := &rule.Value{Type: pick(t, "type", types)}
	switch v.Type {
	case rule.String:
		v.Str = pick(t, "text", texts)
	case rule.Number:
		v.Num = pick(t, "number", numbers)
	case rule.Bool:
		v.Bool = rapid.Bool().Draw(t, "bool")
	case rule.Instant:
		js := `{"time":"` + pick(t, "instant", instants) + `"}`
		if err := v.UnmarshalJSON([]byte(js)); err != nil {
			t.Fatal(err)
		}
	case rule.Span:
		v.Span = pick(t, "span", durations)
	case rule.List:
		for range rapid.IntRange(1, 3).Draw(t, "n") {
			v.List = append(v.List, *value(t, rule.String, rule.Number, rule.Bool, rule.Instant))
		}
	}
	return v
}

// anyTest puts a test of an untyped value into e.
func anyTest(t *rapid.T, e *rule.Expr, ops ...rule.Op) *rule.Expr {
	e.Op = pick(t, "op", append(ops, rule.Eq, rule.Ne, rule.Lt, rule.Le, rule.Gt, rule.Ge, rule.Contains, rule.StartsWith, rule.EndsWith, rule.Exists, rule.In))
	switch e.Op {
	case rule.Exists:
		return e
	case rule.Eq, rule.Ne:
		e.Value = value(t, rule.String, rule.Number, rule.Bool, rule.Instant)
	case rule.Contains:
		e.Value = value(t, rule.String, rule.Number, rule.Bool)
	case rule.StartsWith, rule.EndsWith:
		e.Value = value(t, rule.String)
	case rule.In:
		e.Value = value(t, rule.List)
	case rule.Within, rule.Ago, rule.InNext:
		e.Value = value(t, rule.Span)
	default:
		e.Value = value(t, rule.String, rule.Number, rule.Instant)
	}
	if e.Value.Type == rule.String && e.Value.Str == "" && e.Op != rule.Eq && e.Op != rule.Ne {
		e.Value.Str = "p"
	}
	return e
}

func event(t *rapid.T) *rule.Event {
	e := &rule.Event{Name: pick(t, "event", eventNames)}
	if rapid.IntRange(0, 4).Draw(t, "other") == 0 {
		e.Type = pick(t, "type", []string{"page", "page", "screen", "identify", "group", "feedback"})
		if rapid.Bool().Draw(t, "anyname") {
			e.Name = ""
		}
	}
	if rapid.Bool().Draw(t, "where") {
		e.Where = tree(t, 2, where)
	}
	return e
}

func where(t *rapid.T) *rule.Expr {
	if rapid.IntRange(0, 4).Draw(t, "place") == 0 {
		e := &rule.Expr{Kind: rule.Place, Name: pick(t, "placename", []string{"channel", "touchpoint", "source", "department", "direction"}), Op: pick(t, "op", []rule.Op{rule.Eq, rule.Ne, rule.Contains, rule.Exists, rule.StartsWith, rule.EndsWith, rule.Lt, rule.In})}
		if e.Op != rule.Exists {
			e.Value = &rule.Value{Type: rule.String, Str: pick(t, "word", []string{"web", "shop", "eb", "x", "é", "inbound"})}
		}
		if e.Op == rule.In {
			e.Value = &rule.Value{Type: rule.List, List: []rule.Value{*e.Value, {Type: rule.String, Str: "shop"}}}
		}
		return e
	}
	e := &rule.Expr{Kind: rule.Property, Path: []string{pick(t, "prop", propNames)}}
	if e.Path[0] == "nested" && rapid.Bool().Draw(t, "deep") {
		e.Path = append(e.Path, pick(t, "inner", propNames))
	}
	return anyTest(t, e)
}

// tree grows a rule of at most the depth from leaves.
func tree(t *rapid.T, depth int, leaf func(*rapid.T) *rule.Expr) *rule.Expr {
	if depth == 0 || rapid.IntRange(0, 2).Draw(t, "leaf") > 0 {
		return leaf(t)
	}
	e := &rule.Expr{Kind: pick(t, "kind", []rule.Kind{rule.All, rule.Any, rule.Not})}
	n := 1
	if e.Kind != rule.Not {
		n = rapid.IntRange(1, 3).Draw(t, "kids")
	}
	for range n {
		e.Of = append(e.Of, tree(t, depth-1, leaf))
	}
	return e
}

func span(t *rapid.T) rule.Duration {
	if rapid.IntRange(0, 3).Draw(t, "window") == 0 {
		return 0
	}
	return pick(t, "within", durations)
}

// timeTest puts a test of a fact's time into e.
func timeTest(t *rapid.T, e *rule.Expr) *rule.Expr {
	e.Op = pick(t, "op", []rule.Op{rule.Within, rule.Within, rule.Ago, rule.Lt, rule.Ge, rule.Exists})
	switch e.Op {
	case rule.Within, rule.Ago:
		e.Value = value(t, rule.Span)
	case rule.Lt, rule.Ge:
		e.Value = value(t, rule.Instant)
	}
	return e
}

func eventLeaf(t *rapid.T) *rule.Expr {
	switch rapid.IntRange(0, 7).Draw(t, "eventleaf") {
	case 0:
		return timeTest(t, &rule.Expr{Kind: rule.First, Event: event(t)})
	case 1:
		return timeTest(t, &rule.Expr{Kind: rule.Last, Event: event(t)})
	case 2:
		e := &rule.Expr{Kind: rule.Then, Within: span(t)}
		for range rapid.IntRange(2, 3).Draw(t, "steps") {
			e.Steps = append(e.Steps, event(t))
		}
		return e
	case 3:
		return &rule.Expr{Kind: rule.Everyone}
	}
	e := &rule.Expr{Kind: rule.Did, Event: event(t), Within: span(t)}
	if rapid.Bool().Draw(t, "counted") {
		e.Count = &rule.Count{Is: pick(t, "is", []string{rule.AtLeast, rule.AtMost, rule.Exactly}), N: rapid.IntRange(1, 3).Draw(t, "n")}
		if e.Count.Is != rule.AtLeast && rapid.IntRange(0, 3).Draw(t, "zero") == 0 {
			e.Count.N = 0
		}
	}
	return e
}

func anyLeaf(t *rapid.T) *rule.Expr {
	switch rapid.IntRange(0, 15).Draw(t, "anyleaf") {
	case 0, 1, 2, 3:
		return eventLeaf(t)
	case 4, 5, 6, 7:
		e := &rule.Expr{Kind: rule.Trait, Path: []string{pick(t, "trait", traitNames)}}
		if e.Path[0] == "address" && rapid.Bool().Draw(t, "deep") {
			e.Path = append(e.Path, pick(t, "inner", propNames))
		}
		return anyTest(t, e, rule.Within, rule.Ago, rule.InNext, rule.Within, rule.Ago, rule.InNext)
	case 8:
		e := &rule.Expr{Kind: rule.Orders, Name: pick(t, "orders", []string{"count", "revenue", "first", "last"})}
		if e.Name == "first" || e.Name == "last" {
			return timeTest(t, e)
		}
		e.Op, e.Value = pick(t, "op", []rule.Op{rule.Eq, rule.Ne, rule.Lt, rule.Le, rule.Gt, rule.Ge, rule.In}), value(t, rule.Number)
		if e.Op == rule.In {
			e.Value = &rule.Value{Type: rule.List, List: []rule.Value{*e.Value, {Type: rule.Number, Num: 3}}}
		}
		return e
	case 9:
		if rapid.Bool().Draw(t, "since") {
			return timeTest(t, &rule.Expr{Kind: rule.StageSince})
		}
		return timeTest(t, &rule.Expr{Kind: rule.Seen, Name: pick(t, "seen", []string{"first", "last"})})
	case 10:
		e := &rule.Expr{Kind: rule.Stage, Op: pick(t, "op", []rule.Op{rule.Eq, rule.Ne, rule.Exists, rule.In})}
		if e.Op == rule.In {
			e.Value = &rule.Value{Type: rule.List, List: []rule.Value{{Type: rule.String, Str: "active"}, {Type: rule.String, Str: "new"}}}
		} else if e.Op != rule.Exists {
			e.Value = &rule.Value{Type: rule.String, Str: "active"}
		}
		return e
	case 11:
		return &rule.Expr{Kind: rule.Segment, Name: pick(t, "segment", []string{"vip", "at-risk", "a.b"})}
	case 12:
		e := &rule.Expr{Kind: rule.Consent, Name: pick(t, "purpose", []string{"newsletter", "sales"}), State: pick(t, "state", []string{"granted", "denied", "pending", "missing"})}
		if rapid.Bool().Draw(t, "on") {
			e.Channel = pick(t, "channel", channels)
		}
		return e
	case 13:
		return &rule.Expr{Kind: rule.Case, Name: pick(t, "case", []string{"open", "opened", "closed"}), Within: span(t)}
	case 14:
		return &rule.Expr{Kind: rule.Moment, State: pick(t, "state", []string{"good", "bad"}), Name: pick(t, "name", []string{"", "Review"}),
			Topic: pick(t, "topic", []string{"", "shoes"}), Within: span(t)}
	}
	switch rapid.IntRange(0, 3).Draw(t, "rest") {
	case 0:
		return &rule.Expr{Kind: rule.Blocked, Channel: pick(t, "channel", channels)}
	case 1:
		return &rule.Expr{Kind: rule.Promise, Name: pick(t, "promise", []string{"", "overdue"})}
	case 2:
		return &rule.Expr{Kind: rule.Known}
	}
	return &rule.Expr{Kind: rule.Preference, Name: pick(t, "pref", []string{"topic", "muted", "channel", "locale", "zone"}),
		Value: &rule.Value{Type: rule.String, Str: pick(t, "want", []string{"shoes", "email", "en", "UTC"})}}
}

// jsonText is any JSON value that a trait or property may hold.
func jsonText(t *rapid.T, depth int) string {
	switch n := rapid.IntRange(0, 9).Draw(t, "json"); {
	case n < 2:
		return quoted(t, pick(t, "text", append(said, texts...)))
	case n < 4:
		return pick(t, "number", []string{"0", "-0", "1", "2.5", "-3", "3", "3.0", "3e0", "1e15", "9007199254740993", "0.1", "1E-7", "1e-310", "1e305", "123456789012345678901234567890"})
	case n < 5:
		return pick(t, "word", []string{"true", "false", "null"})
	case n < 7:
		return quoted(t, anInstant(t))
	case n < 8 && depth > 0:
		var parts []string
		for range rapid.IntRange(0, 3).Draw(t, "elements") {
			parts = append(parts, jsonText(t, 0))
		}
		return "[" + strings.Join(parts, " , ") + "]"
	case depth > 0:
		return object(t, depth-1)
	}
	return `"pro"`
}

// quoted writes a text as JSON: mostly plain, often with escapes that nobody needs.
func quoted(t *rapid.T, s string) string {
	every := rapid.IntRange(0, 5).Draw(t, "escapes")
	var b strings.Builder
	b.WriteByte('"')
	for i, r := range s {
		switch {
		case r >= 0x10000 && every > 0:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04X`, high, low)
		case every > 3 || every == 3 && i%2 == 0 && r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		case r == '"' || r == '\\' || r == '/' && every == 2:
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r < 0x20:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

func object(t *rapid.T, depth int) string {
	var parts []string
	for _, k := range propNames {
		if rapid.Bool().Draw(t, "has") {
			parts = append(parts, fmt.Sprintf(" %s : %s", quoted(t, k), jsonText(t, depth)))
		}
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func person(t *rapid.T, id heed.ID) *heed.Person {
	p := &heed.Person{ID: id, Traits: map[string]heed.Trait{}, Consents: map[string]heed.Consent{}, Segments: map[string]heed.Member{}, Blocked: map[string]heed.Blocked{}}
	some := func(label string) bool { return rapid.IntRange(0, 2).Draw(t, label) == 0 }
	for _, n := range traitNames {
		if rapid.Bool().Draw(t, "trait") {
			p.Traits[n] = heed.Trait{Value: heed.RawValue(jsonText(t, 2)), At: aTime(t)}
		}
	}
	for _, key := range []string{"newsletter/", "newsletter/email", "sales/sms"} {
		if some("consent") {
			p.Consents[key] = heed.Consent{State: pick(t, "state", []heed.ConsentState{heed.Granted, heed.Denied, heed.Awaited}), At: now}
		}
	}
	for _, s := range []string{"vip", "at-risk", "a.b"} {
		if some("segment") {
			p.Segments[s] = heed.Member{Since: now}
		}
	}
	for _, k := range []string{"email", "sms:+351900000000", "emailx"} {
		if some("blocked") {
			p.Blocked[k] = heed.Blocked{Reason: "manual", At: now}
		}
	}
	if some("orders") {
		p.Orders = heed.Orders{Count: 3, Revenue: pick(t, "revenue", numbers), First: aTime(t), Last: aTime(t)}
	}
	if some("stage") {
		p.Stage, p.StageSince = pick(t, "stagename", []string{"active", "lapsed"}), aTime(t)
	}
	if some("seen") {
		p.FirstSeen, p.LastSeen = aTime(t), aTime(t)
	}
	if some("known") {
		p.Known = aTime(t)
	}
	if some("prefs") {
		p.Preferences = heed.Preferences{Channel: "email", Topics: []string{"shoes", "hats"}, Locale: "en", Zone: "UTC"}
	}
	for range rapid.IntRange(0, 2).Draw(t, "cases") {
		c := heed.OpenCase{ID: "c", Opened: aTime(t)}
		if rapid.Bool().Draw(t, "closed") {
			c.Closed = aTime(t)
		}
		p.Cases = append(p.Cases, c)
	}
	for range rapid.IntRange(0, 2).Draw(t, "moments") {
		p.Moments = append(p.Moments, heed.Moment{At: aTime(t), Good: rapid.Bool().Draw(t, "good"), Name: pick(t, "name", []string{"Review", "Call"}), Topic: pick(t, "topic", []string{"", "shoes"})})
	}
	if some("promise") {
		p.Promises = []heed.Promise{{ID: "p", Due: pick(t, "due", []heed.Time{0, now - 1, now, now + 1})}}
	}
	return p
}

// happened are the events of a person, in the order in which they arrive.
func happened(t *rapid.T) []heed.Event {
	var out []heed.Event
	for range rapid.IntRange(0, 8).Draw(t, "events") {
		e := heed.Event{Type: heed.Track, Name: pick(t, "event", eventNames), Timestamp: aTime(t), Channel: pick(t, "channel", []string{"", "web", "shop"}), Touchpoint: pick(t, "touchpoint", []string{"", "web x"})}
		if rapid.IntRange(0, 3).Draw(t, "other") == 0 {
			e.Type = pick(t, "type", []heed.Type{heed.Page, heed.Page, heed.Screen, heed.Identify, heed.Group, heed.Feedback})
		}
		if rapid.Bool().Draw(t, "placed") {
			e.Source, e.Department, e.Direction = pick(t, "source", []string{"shop", "x"}), pick(t, "department", []string{"web", "é"}), heed.Inbound
		}
		if rapid.Bool().Draw(t, "props") {
			text := object(t, 1)
			if more := object(t, 0); text != "{}" && more != "{}" && rapid.IntRange(0, 4).Draw(t, "twice") == 0 {
				text = text[:len(text)-1] + "," + more[1:] // keys that come twice: the first counts
			}
			e.Properties = heed.RawJSON(text)
		}
		out = append(out, e)
	}
	return slices.Clip(out)
}
