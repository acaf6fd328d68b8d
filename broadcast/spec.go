package broadcast

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/zone"
	"github.com/heedcx/heed/rule"
)

// document is a broadcast as the brand writes it: the body of a spec of kind broadcast.
//
//	kind: broadcast
//	name: spring
//	segment: regulars
//	message: {channel: email, purpose: newsletter, template: spring}
//	when: now                              # or {at: 2026-12-01T09:00:00Z}, or {local: "2026-12-01 09:00"}
//	pace: 600 per minute                   # per minute or per hour; as fast as it goes when absent
//	variants:                              # instead of message.template
//	  - {name: short, weight: 80, template: spring}
//	  - {name: long, weight: 20, template: spring-long}
//	holdout: 10                            # percent who get nothing, to measure what the others' message does
//	goal: {event: Order Completed, where: properties.revenue > 50, within: 7d}
type document struct {
	Title    string       `json:"title"`
	Note     string       `json:"note"`
	Segment  string       `json:"segment"`
	Message  messageDoc   `json:"message"`
	Variants []variantDoc `json:"variants"`
	When     whenDoc      `json:"when"`
	Pace     string       `json:"pace"`
	Holdout  float64      `json:"holdout"`
	Goal     *goalDoc     `json:"goal"`
}

type messageDoc struct {
	Channel  string `json:"channel"`
	Purpose  string `json:"purpose"`
	Template string `json:"template"`
	Topic    string `json:"topic"`
	About    string `json:"about"`
	Priority int    `json:"priority"`
	TTL      string `json:"ttl"`
}

type variantDoc struct {
	Name     string  `json:"name"`
	Weight   float64 `json:"weight"`
	Template string  `json:"template"`
}

type goalDoc struct {
	Event  string          `json:"event"`
	Where  json.RawMessage `json:"where"` // text, or a tree
	Within string          `json:"within"`
}

// whenDoc is "now", an instant, or a time on everybody's own clock.
type whenDoc struct {
	At    string `json:"at"`
	Local string `json:"local"`
}

// UnmarshalJSON takes the word now, too.
func (w *whenDoc) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		var word string
		if err := json.Unmarshal(b, &word); err != nil || word != "now" {
			return fmt.Errorf(`when is now, {at: 2026-12-01T09:00:00Z} or {local: "2026-12-01 09:00"}`)
		}
		return nil
	}
	type plain whenDoc
	return json.Unmarshal(b, (*plain)(w))
}

// plan is a document that is ready to be carried out.
type plan struct {
	name, segment                   string
	channel, purpose, topic, about  string
	priority                        int
	ttl                             heed.Time
	variants                        []variantDoc
	weights                         float64
	holdout                         float64 // 0..1
	at                              heed.Time
	local                           string // "2026-12-01 09:00"
	year, month, day, hour, minutes int
	every                           heed.Time // between two messages; 0 is as fast as it goes
	goal                            *Goal
}

// maxVariants bounds the arms of one broadcast.
const maxVariants = 10

// defaultWithin is how long after its turn a goal counts when the document does not say.
const defaultWithin = heed.Time(7 * 24 * time.Hour / time.Microsecond)

// CheckSpec says what is wrong with a spec of kind broadcast.
func CheckSpec(s spec.Spec, all spec.Set) []error {
	if all == nil {
		all = spec.Set{}
	}
	_, errs := compile(s, all)
	return errs
}

type compiler struct {
	p    *plan
	all  spec.Set // nil: what it refers to is not looked up
	errs []error
}

func (c *compiler) failf(field, format string, args ...any) {
	c.errs = append(c.errs, heed.FieldErrorf(field, format, args...))
}

func compile(s spec.Spec, all spec.Set) (*plan, []error) {
	d, err := spec.Decode[document](s)
	if err != nil {
		return nil, []error{err}
	}
	m := d.Message
	c := &compiler{all: all, p: &plan{
		name: s.Name, segment: d.Segment, channel: m.Channel, purpose: m.Purpose, topic: m.Topic, about: m.About, priority: m.Priority,
		holdout: d.Holdout / 100,
	}}
	c.refer("segment", spec.Segment, d.Segment)
	c.refer("message.purpose", spec.Purpose, m.Purpose)
	if m.Channel == "" {
		c.failf("message.channel", "say on which channel it goes, such as email")
	}
	c.p.ttl = c.span("message.ttl", m.TTL)
	c.variants(d)
	c.when(d.When)
	c.p.every = c.pace(d.Pace)
	if d.Holdout < 0 || d.Holdout >= 100 {
		c.failf("holdout", "want 0 or more and less than 100 percent, got %v", d.Holdout)
	}
	if d.Goal != nil {
		if d.Goal.Event == "" {
			c.failf("goal.event", "say which event is the goal")
		}
		where, err := readWhere(d.Goal.Where)
		c.p.goal = &Goal{Event: d.Goal.Event, Where: where, Within: defaultWithin}
		if err == nil {
			_, err = c.p.goal.means()
		}
		if err != nil {
			c.errs = append(c.errs, wrongWhere(err))
		}
		if t := c.span("goal.within", d.Goal.Within); t > 0 {
			c.p.goal.Within = t
		}
	}
	return c.p, c.errs
}

// refer checks a reference to another document.
func (c *compiler) refer(field, kind, name string) {
	if name == "" {
		c.failf(field, "say which %s", kind)
	} else if c.all != nil && !c.all.Has(kind, name) {
		c.failf(field, "there is no %s %q", kind, cut(name))
	}
}

// template checks that a template is there and written for the channel that is to carry it.
func (c *compiler) template(field, name string) {
	c.refer(field, spec.Template, name)
	t, ok := c.all.Get(spec.Template, name)
	var d struct {
		Channel string `json:"channel"`
	}
	if ok && json.Unmarshal(t.Body, &d) == nil && d.Channel != "" && c.p.channel != "" && d.Channel != c.p.channel {
		c.failf(field, "template %q is for %s, not for %s", cut(name), cut(d.Channel), cut(c.p.channel))
	}
}

var variantName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$`)

func (c *compiler) variants(d document) {
	if len(d.Variants) == 0 {
		c.template("message.template", d.Message.Template)
		c.p.variants, c.p.weights = []variantDoc{{Weight: 1, Template: d.Message.Template}}, 1
		return
	}
	if d.Message.Template != "" {
		c.failf("message.template", "each variant names its template: leave this one out")
	}
	if len(d.Variants) < 2 || len(d.Variants) > maxVariants {
		c.failf("variants", "want 2 to %d variants", maxVariants)
	}
	seen := map[string]bool{}
	for i, v := range d.Variants {
		at := "variants[" + strconv.Itoa(i) + "]"
		switch {
		case !variantName.MatchString(v.Name):
			c.failf(at+".name", "a variant needs a name of up to 40 letters, digits, dots, dashes and underscores")
		case seen[v.Name]:
			c.failf(at+".name", "there are two variants %q", v.Name)
		}
		seen[v.Name] = true
		if v.Weight <= 0 || v.Weight > 1e6 || math.IsNaN(v.Weight) {
			c.failf(at+".weight", "want more than 0 and at most 1000000")
		}
		c.template(at+".template", v.Template)
		c.p.weights += v.Weight
	}
	c.p.variants = d.Variants
}

func (c *compiler) when(w whenDoc) {
	switch {
	case w.At != "" && w.Local != "":
		c.failf("when", "say either at or local, not both")
	case w.At != "":
		t, err := time.Parse(time.RFC3339, w.At)
		if err != nil || t.Year() < 2000 || t.Year() > 9999 {
			c.failf("when.at", "%q is not an instant: write 2026-12-01T09:00:00Z or with an offset, 2026-12-01T09:00:00+01:00", cut(w.At))
			return
		}
		c.p.at = heed.At(t)
	case w.Local != "":
		t, err := time.Parse("2006-01-02 15:04", strings.Replace(w.Local, "T", " ", 1))
		if err != nil || t.Year() < 2000 {
			c.failf("when.local", "%q is not a time on the clock: write 2026-12-01 09:00", cut(w.Local))
			return
		}
		c.p.local = t.Format("2006-01-02 15:04")
		c.p.year, c.p.month, c.p.day, c.p.hour, c.p.minutes = t.Year(), int(t.Month()), t.Day(), t.Hour(), t.Minute()
	}
}

// fastest bounds a pace: at more than that, no pace at all is meant.
const fastest = 1_000_000

// pace reads "600 per minute" and returns the time between two messages.
func (c *compiler) pace(text string) heed.Time {
	if text == "" {
		return 0
	}
	words := strings.Fields(text)
	units := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour}
	if len(words) == 3 && words[1] == "per" && units[words[2]] > 0 {
		if n, err := strconv.Atoi(words[0]); err == nil && n > 0 && n <= fastest {
			return heed.Time(units[words[2]].Microseconds()) / heed.Time(n)
		}
	}
	c.failf("pace", "%q is not a pace: write 600 per minute or 5000 per hour, at most %d", cut(text), fastest)
	return 0
}

func (c *compiler) span(field, text string) heed.Time {
	if text == "" {
		return 0
	}
	d, err := rule.ParseDuration(text)
	if err != nil {
		c.failf(field, "%s", heed.MessageOf(err))
	}
	return heed.Time(d)
}

// eastmost is where every day begins first: UTC+14.
var eastmost = time.FixedZone("+14", 14*60*60)

// begins is when the broadcast gathers its people: when the first of them may be due.
func (p *plan) begins(started heed.Time) heed.Time {
	switch {
	case p.local != "":
		return max(started, p.wall(eastmost))
	case p.at > 0:
		return max(started, p.at)
	}
	return started
}

// due is when the turn of somebody in loc comes; false when that takes a zone and there is none.
func (p *plan) due(loc *time.Location, begins heed.Time) (heed.Time, bool) {
	if p.local == "" {
		return begins, true
	}
	if loc == nil {
		return 0, false
	}
	return max(begins, p.wall(loc)), true
}

func (p *plan) wall(loc *time.Location) heed.Time {
	return zone.Wall(loc, p.year, time.Month(p.month), p.day, p.hour, p.minutes, 0)
}

func cut(s string) string {
	r := []rune(s)
	if len(r) <= 60 {
		return s
	}
	return string(r[:60]) + "..."
}
