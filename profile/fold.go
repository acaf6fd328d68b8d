package profile

import (
	"bytes"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/heedcx/heed"
)

// fold takes one event into a person's memory. Most events are tracks and pages that mean nothing special here: those
// must not parse anything.
func (s *Stage) fold(p *heed.Person, e *heed.Event) {
	p.Dirty = true
	if e.Direction != heed.Outbound {
		if p.FirstSeen == 0 || e.Timestamp < p.FirstSeen {
			p.FirstSeen = e.Timestamp
		}
		if e.Timestamp > p.LastSeen {
			p.LastSeen = e.Timestamp
		}
	}
	summary := ""
	switch e.Type {
	case heed.Identify:
		s.traits(p, e, "")
	case heed.Group:
		s.group(p, e)
	case heed.Track:
		summary = s.track(p, e)
	case heed.Feedback:
		summary = s.feedback(p, e)
	}
	if len(e.Context) > 0 {
		s.context(p, e)
	}
	if m := s.config.moments[e.Name]; m != nil {
		s.moment(p, e, m)
	}
	if e.Type != heed.Identify && e.Type != heed.Group && e.Type != heed.Alias {
		remember(p, e, summary)
	}
}

// track looks at the few events that mean something to every brand, and returns a line for the timeline.
func (s *Stage) track(p *heed.Person, e *heed.Event) string {
	if e.Name == s.config.orders.Event {
		return s.order(p, e)
	}
	switch e.Name {
	case "Consent Granted":
		return s.consents(p, e, heed.Granted)
	case "Consent Denied":
		return s.consents(p, e, heed.Denied)
	case "Consent Requested":
		return s.consents(p, e, heed.Awaited)
	case "Preferences Updated":
		s.preferences(p, e, gjson.ParseBytes(e.Properties))
	case "Case Opened", "Case Closed":
		return s.cases(p, e)
	case "Promise Made", "Promise Kept":
		return s.promises(p, e)
	}
	return ""
}

// get reads one property as text; "" when there is none.
func get(e *heed.Event, name string) string { return text(gjson.GetBytes(e.Properties, name)) }

// text is a JSON string or number as text.
func text(r gjson.Result) string {
	switch r.Type {
	case gjson.String:
		return strings.TrimSpace(r.Str)
	case gjson.Number:
		return r.Raw
	}
	return ""
}

// cutText bounds a text that memory keeps, at a rune.
func cutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}

// reject notes that something could not be taken in, where people can find it.
func (s *Stage) reject(p *heed.Person, e *heed.Event, kind, name, detail string) {
	if len(s.notes) < 1000 { // per batch: a broken client must not fill the store
		s.notes = append(s.notes, note{p.ID, Note{e.Timestamp, kind, cutText(name, 100), detail}})
	}
}

var zoneKey, localeKey = []byte(`"timezone"`), []byte(`"locale"`)

// context takes the zone and locale that the device shows, unless the person has told us.
func (s *Stage) context(p *heed.Person, e *heed.Event) {
	pr := &p.Preferences
	if e.Timestamp >= pr.ZoneSeen && pr.Said["zone"] == 0 {
		if i := bytes.Index(e.Context, zoneKey); i >= 0 && !s.same(e.Context[i+len(zoneKey):], pr.Zone, &pr.ZoneSeen, e) {
			z := gjson.GetBytes(e.Context, "timezone").Str
			if (e.Timestamp > pr.ZoneSeen || z > pr.Zone) && s.zone(z) {
				pr.Zone, pr.ZoneSeen = z, e.Timestamp
			}
		}
	}
	if e.Timestamp >= pr.LocaleSeen && pr.Said["locale"] == 0 {
		if i := bytes.Index(e.Context, localeKey); i >= 0 && !s.same(e.Context[i+len(localeKey):], pr.Locale, &pr.LocaleSeen, e) {
			l := gjson.GetBytes(e.Context, "locale").Str
			if (e.Timestamp > pr.LocaleSeen || l > pr.Locale) && locale(l) {
				pr.Locale, pr.LocaleSeen = l, e.Timestamp
			}
		}
	}
}

// same says whether what follows a key is exactly the value we have, so that nothing needs to be parsed.
func (s *Stage) same(after []byte, value string, seen *heed.Time, e *heed.Event) bool {
	n := len(value)
	if n == 0 || *seen == 0 || len(after) < n+3 || after[0] != ':' || after[1] != '"' || after[n+2] != '"' || string(after[2:n+2]) != value {
		return false
	}
	*seen = e.Timestamp
	return true
}

// locale says whether l looks like a language tag (BCP 47): letters, digits and dashes.
func locale(l string) bool {
	if len(l) < 2 || len(l) > 35 {
		return false
	}
	for i := range len(l) {
		if c := l[i]; (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// remember puts the event among the last interactions: the HeadSize latest by when they happened.
func remember(p *heed.Person, e *heed.Event, summary string) {
	n := len(p.Head)
	if n >= heed.HeadSize && !later(e, summary, &p.Head[0]) {
		return
	}
	i := n
	for i > 0 && !later(e, summary, &p.Head[i-1]) {
		i--
	}
	x := heed.Interaction{
		At: e.Timestamp, Type: e.Type.String(), Name: cutText(e.Name, 100), Touchpoint: e.Touchpoint, Channel: e.Channel,
		Direction: e.Direction, Department: e.Department, Source: e.Source, Summary: cutText(summary, 200),
	}
	if n < heed.HeadSize {
		if p.Head == nil {
			p.Head = make([]heed.Interaction, 0, heed.HeadSize)
		}
		p.Head = slices.Insert(p.Head, i, x)
		return
	}
	copy(p.Head, p.Head[1:i])
	p.Head[i-1] = x
}

func later(e *heed.Event, summary string, h *heed.Interaction) bool {
	if e.Timestamp != h.At {
		return e.Timestamp > h.At
	}
	if e.Name != h.Name {
		return e.Name > h.Name
	}
	if t := e.Type.String(); t != h.Type {
		return t > h.Type
	}
	if e.Touchpoint != h.Touchpoint {
		return e.Touchpoint > h.Touchpoint
	}
	return summary > h.Summary
}
