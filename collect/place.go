package collect

import "github.com/heedcx/heed"

// place puts the event where it stands in the customer's experience: what its context says ("heed"), else, with a
// server key, what its properties say, else the source's defaults, else what follows from its type.
func (b *builder) place(n *note, e *heed.Event) {
	src := &b.source
	e.Touchpoint, e.Channel, e.Direction, e.Department = src.Touchpoint, src.Channel, src.Direction, src.Department
	if !src.Public && n.properties.kind == isObject {
		b.says(&n.place, "properties", e, false)
	}
	b.says(&b.text.context.place, "context.heed", e, true)
	b.says(&n.context.place, "context.heed", e, true)

	if e.Touchpoint == "" && (e.Type == heed.Page || e.Type == heed.Screen) {
		e.Touchpoint = e.Name
	}
	if e.Channel == "" {
		e.Channel = b.usualChannel(n, e.Type)
	}
	if e.Direction == "" {
		e.Direction = heed.Inbound
	}
}

// says lets the event override its place. Properties are the brand's own words and may mean something else ("channel"
// of an ad, "direction" of a lift), so from them only what can be meant is taken; the context's "heed" is checked.
func (b *builder) says(p *place, where string, e *heed.Event, strict bool) {
	if *p == (place{}) {
		return
	}
	if !strict {
		for _, f := range [...]*field{&p.touchpoint, &p.channel, &p.direction, &p.department} {
			if f.kind != isString || f.end-f.start > maxWord {
				*f = field{}
			}
		}
	}
	if s := b.word(p.touchpoint, where+".touchpoint", maxName); s != "" {
		e.Touchpoint = s
	}
	if s := b.word(p.channel, where+".channel", maxWord); s != "" {
		e.Channel = s
	}
	if s := b.word(p.department, where+".department", maxName); s != "" {
		e.Department = s
	}
	switch s := heed.Direction(b.str(p.direction, where+".direction", maxWord)); {
	case s == heed.Inbound:
		e.Direction = s
	case s == heed.Outbound:
		if !e.Public { // a browser does not speak for the brand
			e.Direction = s
		}
	case s != "" && strict:
		b.refuse("value", where+".direction", "want inbound or outbound, got %s", quoted(string(s)))
	}
}

// usualChannel is the channel when nobody says: RudderStack's SDKs name theirs, pages are on the web, screens in apps.
func (b *builder) usualChannel(n *note, t heed.Type) string {
	if n.channel.kind == isString {
		switch b.text.string(n.channel) {
		case "web", "browser":
			return "web"
		case "mobile":
			return "app"
		}
	}
	switch t {
	case heed.Page:
		return "web"
	case heed.Screen:
		return "app"
	}
	return ""
}
