package decide

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/zone"
)

// Doc is one document of the brand's configuration; Body is its JSON without kind and name.
type Doc struct {
	Kind, Name string
	Body       []byte
}

// Predicate is a compiled `forbid:` text. Both methods are pure.
type Predicate interface {
	// Eval says whether the rule holds for p at now.
	Eval(p *heed.Person, now heed.Time) bool
	// NextChange is the next moment at which time alone may change the answer, heed.Never if there is none.
	NextChange(p *heed.Person, now heed.Time) heed.Time
}

// Language compiles the text of a rule. It is package rule; see Rules.
type Language func(text string) (Predicate, error)

// Purpose is why the brand writes to people.
type Purpose struct {
	Name    string     `json:"-"`
	Title   string     `json:"title,omitempty"`
	Text    string     `json:"text,omitempty"`
	Class   heed.Class `json:"class"`
	Consent string     `json:"consent"` // opt_in | opt_out | none
	Selling bool       `json:"selling,omitempty"`
}

// Brand is what decide reads of the brand's document.
type Brand struct {
	Zone      string   `json:"zone"`
	ZoneChain []string `json:"zone_chain"`
	// RecoveryWindow: no selling for so long after a case was closed or something went wrong. 7d when absent, 0s is off.
	RecoveryWindow *Span `json:"recovery_window"`
	// ExperienceWindow: no unrelated selling for so long after a good experience. 24h when absent, 0s is off.
	ExperienceWindow *Span `json:"experience_window"`
	// Addresses names the trait that holds the address of a channel, for channels of the brand's own; "-" says that
	// the channel needs none.
	Addresses map[string]string `json:"addresses"`
	// Hold is how long a message of a channel may be held before it is stale; the key "default" is for all others.
	Hold map[string]Span `json:"hold"`
	// Arbitration says how messages compete.
	Arbitration Competition `json:"arbitration"`
}

// Competition says how messages that want the same moment of one person compete.
type Competition struct {
	// Window: a message waits so long for a better one. 0 decides at once.
	Window Span `json:"window"`
	// Retry: when the loser is decided again, counted from the decision. 1h when absent.
	Retry *Span `json:"retry"`
	// Then is what becomes of the loser: hold (the default) or drop.
	Then string `json:"then"`
	// Classes compete; marketing, survey and community when absent. What a customer waits for does not.
	Classes []heed.Class `json:"classes"`
}

// Policy is the brand's configuration compiled for deciding. It does not change; it is safe for concurrent use.
type Policy struct {
	// Fingerprint tells two policies apart: a hash over the documents that made it.
	Fingerprint string

	brand      Brand
	chain      zone.Chain
	zones      *zone.Cache
	recovery   heed.Time
	experience heed.Time
	retry      heed.Time
	purposes   map[string]*Purpose
	rules      []*relation
	quiet      []*quiet
	caps       []*limit
	longest    heed.Time
}

// Kinds are the kinds of documents that make a policy.
func Kinds() []string { return []string{"brand", "purpose", "rule", "cap", "quiet_hours"} }

// Compile makes a policy of the documents. The policy works even when there are errors: what cannot be understood
// then says no. Documents of other kinds are ignored. Each error is a *heed.Error whose Field starts with "kind name".
func Compile(docs []Doc, lang Language) (*Policy, []error) {
	o := &Policy{purposes: map[string]*Purpose{}, zones: &zone.Cache{}}
	docs = slices.Clone(docs)
	slices.SortFunc(docs, func(a, b Doc) int { return strings.Compare(a.Kind+"\x00"+a.Name, b.Kind+"\x00"+b.Name) })
	var errs []error
	note := func(d Doc, found ...error) {
		for _, err := range found {
			errs = append(errs, at(d, err))
		}
	}
	sum := sha256.New()
	for _, d := range docs { // purposes first: the others refer to them
		if !slices.Contains(Kinds(), d.Kind) {
			continue
		}
		fmt.Fprintf(sum, "%s\x00%s\x00%s\x00", d.Kind, d.Name, d.Body)
		if d.Kind == "purpose" {
			pu, err := o.purpose(d)
			note(d, err...)
			o.purposes[d.Name] = pu
		}
	}
	o.Fingerprint = hex.EncodeToString(sum.Sum(nil)[:8])
	for _, d := range docs {
		switch d.Kind {
		case "brand":
			note(d, o.readBrand(d)...)
		case "rule":
			r, err := o.relation(d, lang)
			note(d, err...)
			o.rules = append(o.rules, r)
		case "cap":
			l, err := o.limit(d)
			note(d, err...)
			o.caps = append(o.caps, l)
			o.longest = max(o.longest, l.reach())
		case "quiet_hours":
			q, err := o.quietHours(d)
			note(d, err...)
			o.quiet = append(o.quiet, q)
		}
	}
	o.defaults()
	return o, errs
}

func at(d Doc, err error) error {
	name := d.Kind + " " + d.Name
	if e, ok := errors.AsType[*heed.Error](err); ok {
		c := *e
		if c.Field != "" {
			name += ": " + c.Field
		}
		c.Field = name
		return &c
	}
	return heed.FieldErrorf(name, "%v", err)
}

// decode reads a document; a field that T does not have is an error that names it.
func decode[T any](d Doc, v *T, strict bool) error {
	j := json.NewDecoder(bytes.NewReader(d.Body))
	if strict {
		j.DisallowUnknownFields()
	}
	if err := j.Decode(v); err != nil && !errors.Is(err, io.EOF) {
		return heed.Errorf(heed.Invalid, "%v", err)
	}
	return nil
}

func (o *Policy) purpose(d Doc) (*Purpose, []error) {
	pu := &Purpose{Name: d.Name}
	var errs []error
	if err := decode(d, pu, true); err != nil {
		// Half a purpose must not send: nobody has opted in to nothing.
		return nil, []error{err}
	}
	if !knownClass(pu.Class) {
		errs = append(errs, heed.FieldErrorf("class", "%v", badClass(pu.Class)))
	}
	switch pu.Consent {
	case "opt_in", "opt_out", "none":
	default:
		errs = append(errs, heed.FieldErrorf("consent", "%q is not a kind of consent: use opt_in, opt_out or none", pu.Consent))
	}
	if pu.Selling && (pu.Class == heed.Critical || pu.Class == heed.Service) {
		errs = append(errs, heed.FieldErrorf("selling", "a purpose of class %s cannot sell: the class passes what selling must not", pu.Class))
	}
	if errs != nil {
		return nil, errs
	}
	return pu, nil
}

func (o *Policy) readBrand(d Doc) []error {
	var errs []error
	if err := decode(d, &o.brand, false); err != nil {
		errs = append(errs, err)
	}
	if z := o.brand.Zone; z != "" && o.zones.Load(z) == nil {
		errs = append(errs, heed.FieldErrorf("zone", "%q is not an IANA time zone such as Europe/Lisbon", z))
	}
	for _, w := range o.brand.ZoneChain {
		if w != "person" && w != "country" && w != "brand" {
			errs = append(errs, heed.FieldErrorf("zone_chain", "%q is not a source of a zone: use person, country, brand", w))
		}
		if w == "brand" && o.brand.Zone == "" {
			errs = append(errs, heed.FieldErrorf("zone_chain", "ends at the brand's zone, but zone is not set"))
		}
	}
	if t := o.brand.Arbitration.Then; t != "" && t != "hold" && t != "drop" {
		errs = append(errs, heed.FieldErrorf("arbitration.then", "%q: the loser is either held (hold) or dropped (drop)", t))
	}
	for _, c := range o.brand.Arbitration.Classes {
		if !knownClass(c) || c == heed.Critical {
			errs = append(errs, heed.FieldErrorf("arbitration.classes", "%q cannot compete: use service, marketing, survey or community", c))
		}
	}
	return errs
}

func (o *Policy) defaults() {
	o.chain = zone.Chain{Words: o.brand.ZoneChain, Brand: o.brand.Zone}
	if o.chain.Words == nil {
		// The brand's zone is never a silent fallback: it has to be declared.
		o.chain.Words = []string{"person", "country"}
	}
	span := func(s *Span, d time.Duration) heed.Time {
		if s == nil {
			return heed.Time(d / time.Microsecond)
		}
		return heed.Time(*s)
	}
	o.recovery = span(o.brand.RecoveryWindow, 7*24*time.Hour)
	o.experience = span(o.brand.ExperienceWindow, 24*time.Hour)
	o.retry = max(span(o.brand.Arbitration.Retry, time.Hour), heed.Time(o.brand.Arbitration.Window), 1)
	if o.brand.Arbitration.Classes == nil {
		o.brand.Arbitration.Classes = []heed.Class{heed.Marketing, heed.Survey, heed.Community}
	}
}

// Purpose returns the brand's purpose of that name, nil if there is none.
func (o *Policy) Purpose(name string) *Purpose { return o.purposes[name] }

// defaultHold is how long a message may be held where neither the intent nor the brand says so.
const defaultHold = heed.Time(72 * time.Hour / time.Microsecond)

// Expires is when the intent is stale.
func (o *Policy) Expires(in *heed.Intent) heed.Time {
	if in.TTL > 0 {
		return in.Asked + min(in.TTL, heed.Time(maxSpan/time.Microsecond))
	}
	if d, ok := o.brand.Hold[in.Channel]; ok {
		return in.Asked + heed.Time(d)
	}
	if d, ok := o.brand.Hold["default"]; ok {
		return in.Asked + heed.Time(d)
	}
	return in.Asked + defaultHold
}

func (o *Policy) competes(c heed.Class) bool { return slices.Contains(o.brand.Arbitration.Classes, c) }

// Zone is where a person is, along the brand's zone_chain; nil when nobody knows.
func (o *Policy) Zone(p *heed.Person) *time.Location {
	loc, _ := o.zones.Of(p, o.chain)
	return loc
}
