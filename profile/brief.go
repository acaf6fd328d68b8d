package profile

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/heedcx/heed"
)

// Brief is the memory of one person on one page, for whoever meets them next.
type Brief struct {
	ID          heed.ID           `json:"id"`
	Name        string            `json:"name,omitempty"`
	Headline    string            `json:"headline"` // the person in one sentence
	Stage       string            `json:"stage,omitempty"`
	StageSince  heed.Time         `json:"stage_since,omitempty"`
	FirstSeen   heed.Time         `json:"first_seen,omitempty"`
	LastSeen    heed.Time         `json:"last_seen,omitempty"`
	Known       heed.Time         `json:"known,omitempty"` // since when we know who they are
	Identifiers []heed.Identifier `json:"identifiers,omitempty"`
	Zone        string            `json:"zone,omitempty"`
	LocalTime   string            `json:"local_time,omitempty"` // what their clock shows: 14:05
	Locale      string            `json:"locale,omitempty"`

	Do    []string `json:"do,omitempty"`    // what is due: an open case, a promise
	Avoid []string `json:"avoid,omitempty"` // what not to do now, and why

	RFM          *RFM               `json:"rfm,omitempty"` // nil: never bought
	Orders       heed.Orders        `json:"orders"`
	Currency     string             `json:"currency,omitempty"`
	Facts        []Fact             `json:"facts,omitempty"`
	Scores       map[string]float64 `json:"scores,omitempty"`
	Consents     []Said             `json:"consents,omitempty"`
	Blocked      []string           `json:"blocked,omitempty"`
	Preferences  heed.Preferences   `json:"preferences"`
	Cases        []heed.OpenCase    `json:"cases,omitempty"`        // the open ones first
	Promises     []heed.Promise     `json:"promises,omitempty"`     // the one due first first
	Interactions []heed.Interaction `json:"interactions,omitempty"` // the latest first
	Moments      []heed.Moment      `json:"moments,omitempty"`      // the latest first
	Journeys     []string           `json:"journeys,omitempty"`
	Segments     []string           `json:"segments,omitempty"`
	Held         []heed.Pending     `json:"held,omitempty"`
}

// Fact is a trait worth showing.
type Fact struct {
	Name   string        `json:"name"`
	Value  heed.RawValue `json:"value"`
	At     heed.Time     `json:"at"`
	Source string        `json:"source,omitempty"`
}

// Said is what the person said about one purpose and channel.
type Said struct {
	Purpose string `json:"purpose"`
	Channel string `json:"channel,omitempty"` // "": every channel
	heed.Consent
}

// Extras is what a brief needs beyond the person's own document; the zero value will do.
type Extras struct {
	Identifiers []heed.Identifier
	Config      *Config        // nil: the defaults
	Zone        *time.Location // where they are, by the brand's chain; nil: their own, if we know it
	Scores      map[string]float64
	Avoid       []string // what decide says
}

// maxFacts is how many traits a brief shows.
const maxFacts = 24

// NewBrief writes the brief of a person as of now. It does no I/O.
func NewBrief(p *heed.Person, now heed.Time, x Extras) Brief {
	c := x.Config
	if c == nil {
		c, _ = FromBrand(nil) // the defaults are valid
	}
	b := Brief{
		ID: p.ID, Name: Name(p), Stage: p.Stage, StageSince: p.StageSince, FirstSeen: p.FirstSeen, LastSeen: p.LastSeen, Known: p.Known,
		Identifiers: x.Identifiers, Zone: p.Preferences.Zone, Locale: p.Preferences.Locale, Orders: p.Orders, Currency: c.Currency,
		Preferences: p.Preferences, Scores: x.Scores, Held: p.Pending,
	}
	loc := x.Zone
	if loc == nil && p.Preferences.Zone != "" {
		loc, _ = time.LoadLocation(p.Preferences.Zone) // nil when there is none: no local time then
	}
	if loc != nil {
		b.LocalTime = now.Std().In(loc).Format("15:04")
	}
	if p.Orders.Count > 0 {
		b.RFM = c.rfm(&p.Orders, now)
	}
	b.facts(p)
	b.consents(p)
	b.Cases = openFirst(p.Cases)
	b.Promises = slices.Clone(p.Promises)
	slices.SortStableFunc(b.Promises, func(a, z heed.Promise) int {
		return cmp.Compare(uint64(a.Due-1), uint64(z.Due-1)) // without a date last
	})
	b.Interactions, b.Moments = slices.Clone(p.Head), slices.Clone(p.Moments)
	slices.Reverse(b.Interactions)
	slices.Reverse(b.Moments)
	for i := range p.Runs {
		b.Journeys = append(b.Journeys, p.Runs[i].Journey)
	}
	for s := range p.Segments {
		b.Segments = append(b.Segments, s)
	}
	slices.Sort(b.Segments)
	b.advise(p, c, now)
	b.Avoid = append(b.Avoid, x.Avoid...)
	b.Headline = b.headline(p, now)
	return b
}

// Name is what to call the person: their name trait, or first and last name. "" when we do not know.
func Name(p *heed.Person) string {
	text := func(names ...string) string {
		for _, n := range names {
			if v, ok := p.Traits[n]; ok {
				if s := gjson.Parse(string(v.Value)).String(); s != "" && len(v.Value) > 2 && v.Value[0] == '"' {
					return cutText(strings.TrimSpace(s), 120)
				}
			}
		}
		return ""
	}
	if n := text("name", "full_name", "fullName"); n != "" {
		return n
	}
	return strings.TrimSpace(text("first_name", "firstName", "firstname") + " " + text("last_name", "lastName", "lastname"))
}

func (b *Brief) facts(p *heed.Person) {
	for name, t := range p.Traits {
		b.Facts = append(b.Facts, Fact{name, t.Value, t.At, t.Source})
	}
	slices.SortFunc(b.Facts, func(x, y Fact) int { return cmp.Or(-cmp.Compare(x.At, y.At), strings.Compare(x.Name, y.Name)) })
	b.Facts = b.Facts[:min(len(b.Facts), maxFacts)]
}

func (b *Brief) consents(p *heed.Person) {
	for key, c := range p.Consents {
		purpose, channel, _ := strings.Cut(key, "/")
		b.Consents = append(b.Consents, Said{purpose, channel, c})
	}
	slices.SortFunc(b.Consents, func(x, y Said) int {
		return cmp.Or(strings.Compare(x.Purpose, y.Purpose), strings.Compare(x.Channel, y.Channel))
	})
	for key, x := range p.Blocked {
		b.Blocked = append(b.Blocked, key+" ("+blockedFor(x)+")")
	}
	slices.Sort(b.Blocked)
}

func openFirst(cases []heed.OpenCase) []heed.OpenCase {
	out := slices.Clone(cases)
	slices.SortStableFunc(out, func(a, b heed.OpenCase) int {
		if (a.Closed == 0) != (b.Closed == 0) {
			if a.Closed == 0 {
				return -1
			}
			return 1
		}
		return -cmp.Compare(max(a.Opened, a.Closed), max(b.Opened, b.Closed))
	})
	return out
}

// advise says what to do and what to leave, from what the document holds.
func (b *Brief) advise(p *heed.Person, c *Config, now heed.Time) {
	for _, k := range b.Cases {
		title := first(k.Title, k.ID)
		switch {
		case k.Closed == 0:
			b.Do = append(b.Do, fmt.Sprintf("Their case is open since %s: %s.", day(k.Opened), title))
			b.Avoid = append(b.Avoid, "Do not sell: a case is open ("+title+").")
		case k.Closed+c.recovery > now:
			b.Avoid = append(b.Avoid, fmt.Sprintf("Do not sell until %s: their case was closed on %s (%s).", day(k.Closed+c.recovery), day(k.Closed), title))
		}
	}
	for _, x := range b.Promises {
		switch {
		case x.Due > 0 && x.Due <= now:
			b.Do = append(b.Do, fmt.Sprintf("We promised %s by %s and have not kept it.", first(x.Text, x.ID), day(x.Due)))
		case x.Due > 0:
			b.Do = append(b.Do, fmt.Sprintf("We promised %s by %s.", first(x.Text, x.ID), day(x.Due)))
		default:
			b.Do = append(b.Do, fmt.Sprintf("We promised %s.", first(x.Text, x.ID)))
		}
	}
	for _, m := range b.Moments {
		if !m.Good && m.At+c.recovery > now {
			b.Avoid = append(b.Avoid, fmt.Sprintf("Something went wrong on %s (%s): listen first.", day(m.At), m.Name))
			break
		}
	}
	for _, s := range b.Consents {
		if s.State == heed.Denied {
			b.Avoid = append(b.Avoid, refused(s))
		}
	}
	for _, t := range p.Preferences.Muted {
		b.Avoid = append(b.Avoid, "They want to hear nothing about "+t+".")
	}
	for _, key := range slices.Sorted(maps.Keys(p.Blocked)) {
		b.Avoid = append(b.Avoid, fmt.Sprintf("Blocked: %s (%s).", key, blockedFor(p.Blocked[key])))
	}
}

func blockedFor(x heed.Blocked) string { return strings.ReplaceAll(x.Reason, "_", " ") }

func refused(s Said) string {
	what := s.Purpose
	if what == "*" {
		what = "everything"
	}
	if s.Channel == "" {
		return fmt.Sprintf("They said no to %s.", what)
	}
	return fmt.Sprintf("They said no to %s by %s.", what, s.Channel)
}

func day(t heed.Time) string { return t.Std().Format("2 Jan 2006") }

// headline is the person in one sentence.
func (b *Brief) headline(p *heed.Person, now heed.Time) string {
	parts := []string{first(b.Name, "Somebody we do not know by name")}
	if p.Known == 0 {
		parts[0] = "A visitor we do not know"
	}
	if b.Stage != "" {
		parts = append(parts, strings.ReplaceAll(b.Stage, "_", " "))
	}
	if p.FirstSeen > 0 {
		parts = append(parts, "with us since "+p.FirstSeen.Std().Format("January 2006"))
	}
	if r := b.RFM; r != nil {
		bought := fmt.Sprintf("bought once for %s", price(r.Monetary, b.Currency))
		if r.Frequency > 1 {
			bought = fmt.Sprintf("bought %d times for %s", r.Frequency, price(r.Monetary, b.Currency))
		}
		parts = append(parts, bought, fmt.Sprintf("last %s", ago(r.RecencyDays)))
	} else if p.LastSeen > 0 {
		parts = append(parts, "last seen "+ago(now.Sub(p.LastSeen).Hours()/24))
	}
	return strings.Join(parts, ", ") + "."
}

func ago(days float64) string {
	switch {
	case days < 1:
		return "today"
	case days < 2:
		return "yesterday"
	}
	return fmt.Sprintf("%d days ago", int(days))
}
