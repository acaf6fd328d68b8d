package decide

import (
	"encoding/json"
	"strings"

	"github.com/heedcx/heed"
)

// RuleSpec is the document of kind rule: a promise of the brand to its customers that no author of messages can
// bypass.
type RuleSpec struct {
	Title string `json:"title,omitempty"`
	// Forbid is a rule, as text or as a tree: while it holds for the person, the message does not go.
	Forbid json.RawMessage `json:"forbid"`
	Then   string          `json:"then,omitempty"` // hold (the default) or drop
	Text   string          `json:"text,omitempty"` // why, in words for customers
	Scope
}

// forbid is the text form, or the tree as JSON.
func (s *RuleSpec) forbid() string {
	var text string
	if json.Unmarshal(s.Forbid, &text) == nil {
		return text
	}
	return string(s.Forbid)
}

type relation struct {
	name, text string
	scope      Scope
	forbid     Predicate // nil: cannot be evaluated
	drop       bool
}

func (o *Policy) relation(d Doc, lang Language) (*relation, []error) {
	var s RuleSpec
	r := &relation{name: d.Name}
	if err := decode(d, &s, true); err != nil {
		return r, []error{err}
	}
	s.settle()
	errs := s.check(o.purposes)
	switch s.Then {
	case "", "hold":
	case "drop":
		r.drop = true
	default:
		errs = append(errs, heed.FieldErrorf("then", "%q: use hold or drop", s.Then))
	}
	r.text, r.scope = s.Text, s.Scope
	if strings.TrimSpace(s.forbid()) == "" {
		return r, append(errs, heed.FieldErrorf("forbid", "is missing: say when the message must not go"))
	}
	if lang == nil {
		return r, append(errs, heed.FieldErrorf("forbid", "there is no rule language to read it with"))
	}
	f, err := lang(s.forbid())
	if err != nil {
		return r, append(errs, heed.FieldErrorf("forbid", "%s", heed.MessageOf(err)))
	}
	r.forbid = f
	return r, errs
}

// relations applies the shipped relationship rules, then the brand's own. stop is false when nothing forbids it.
func (o *Policy) relations(in *heed.Intent, pu *Purpose, p *heed.Person, now heed.Time, v *view) (heed.Decision, bool) {
	if d, stop := o.wishes(in, pu, p, v); stop {
		return d, true
	}
	if pu.Selling {
		if d, stop := o.noSelling(in, p, now, v); stop {
			return d, true
		}
	}
	for _, r := range o.rules {
		if !r.scope.fits(in.Channel, pu.Name, pu.Class, pu.Selling) {
			continue
		}
		said := v.forbids(r, p, now)
		if !said.Forbids {
			continue
		}
		switch {
		case said.Broken:
			return v.hold(RuleBroken, r.name, heed.Never, "the rule "+r.name+" cannot be evaluated"), true
		case r.drop:
			return v.drop(Rule, r.name, first(r.text, "the rule "+r.name+" forbids it")), true
		}
		return v.hold(Rule, r.name, said.Next, first(r.text, "the rule "+r.name+" forbids it")), true
	}
	return heed.Decision{}, false
}

// wishes keeps to what the person said: muted topics, and the channel that they prefer for what is not service.
func (o *Policy) wishes(in *heed.Intent, pu *Purpose, p *heed.Person, v *view) (heed.Decision, bool) {
	if in.Topic != "" && has(p.Preferences.Muted, in.Topic) {
		return v.drop(MutedTopic, "", "they asked to hear nothing about "+in.Topic), true
	}
	c := p.Preferences.Channel
	if c == "" || c == in.Channel || pu.Class == heed.Service || pu.Class == heed.Critical {
		return heed.Decision{}, false
	}
	if p.Consents[heed.ConsentKey(pu.Name, in.Channel)].State == heed.Granted {
		return heed.Decision{}, false // they asked for exactly this, on this channel
	}
	return v.drop(PreferredChannel, "", "they asked to hear from us by "+c), true
}

// noSelling is the shipped promise not to sell to someone whose problem is open or just solved, nor right after a good
// experience that the message has nothing to do with.
func (o *Policy) noSelling(in *heed.Intent, p *heed.Person, now heed.Time, v *view) (heed.Decision, bool) {
	var until heed.Time
	for i := range p.Cases {
		k := &p.Cases[i]
		if k.Closed == 0 {
			return v.hold(OpenCase, "", heed.Never, "a case of theirs is open, and we do not sell to someone whose problem is open"), true
		}
		until = max(until, k.Closed+o.recovery)
	}
	for i := range p.Moments {
		if m := &p.Moments[i]; !m.Good {
			until = max(until, m.At+o.recovery)
		}
	}
	if o.recovery > 0 && until > now {
		return v.hold(Recovery, "", until, "something went wrong for them a short while ago"), true
	}
	until = 0
	for i := range p.Moments {
		m := &p.Moments[i]
		if m.Good && m.At+o.experience > now && !belongs(in.About, m) {
			until = max(until, m.At+o.experience)
		}
	}
	if o.experience > 0 && until > now {
		return v.hold(GoodExperience, "", until, "they have just had a good experience, and this does not belong to it"), true
	}
	return heed.Decision{}, false
}

func belongs(about string, m *heed.Moment) bool {
	return about != "" && (strings.EqualFold(about, m.Topic) || strings.EqualFold(about, m.Name))
}

func has(list []string, word string) bool {
	for _, w := range list {
		if strings.EqualFold(w, word) {
			return true
		}
	}
	return false
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
