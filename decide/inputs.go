package decide

import (
	"encoding/json"
	"strings"

	"github.com/heedcx/heed"
)

// inputs is everything that a decision depended on, as the ledger stores it: of the person only what was looked at,
// and no address.
type inputs struct {
	Now     heed.Time               `json:"now"`
	Policy  string                  `json:"policy"`
	Channel string                  `json:"channel"`
	Purpose string                  `json:"purpose"`
	ID      heed.ID                 `json:"id,omitzero"`
	Topic   string                  `json:"topic,omitempty"`
	About   string                  `json:"about,omitempty"`
	Prio    int                     `json:"priority,omitempty"`
	TTL     heed.Time               `json:"ttl,omitempty"`
	Asked   heed.Time               `json:"asked,omitempty"`
	Waited  bool                    `json:"waited,omitempty"`
	Window  heed.Time               `json:"window,omitempty"`
	Winner  heed.ID                 `json:"winner,omitzero"`
	Nobody  bool                    `json:"nobody,omitempty"`
	Address bool                    `json:"address,omitempty"`
	Blocked *heed.Blocked           `json:"blocked,omitempty"`
	Consent map[string]heed.Consent `json:"consent,omitempty"` // without the evidence
	Prefer  heed.Preferences        `json:"preferences,omitzero"`
	Zone    string                  `json:"zone,omitempty"` // the trait
	Country string                  `json:"country,omitempty"`
	Cases   []heed.OpenCase         `json:"cases,omitempty"`
	Moments []heed.Moment           `json:"moments,omitempty"`
	Sent    []sent                  `json:"sent,omitempty"`
	Rules   []ruled                 `json:"rules,omitempty"`
}

// sent is a contact that a cap may have counted.
type sent struct {
	At      heed.Time `json:"t"`
	Channel string    `json:"c"`
	Purpose string    `json:"p"`
	Class   string    `json:"k,omitempty"`
}

// maxSent bounds the contacts that one row of the ledger repeats.
const maxSent = 2000

// Inputs returns what a decision about c depends on, as compact JSON for Replay. It must be taken before the message
// is reserved. p may be nil.
func (o *Policy) Inputs(c *Candidate, p *heed.Person, now heed.Time) []byte {
	in := c.Intent
	s := inputs{Now: now, Policy: o.Fingerprint, ID: in.ID, Channel: in.Channel, Purpose: in.Purpose, Topic: in.Topic, About: in.About,
		Prio: in.Priority, TTL: in.TTL, Asked: in.Asked, Waited: c.Waited, Window: c.Window, Winner: c.Winner, Nobody: p == nil}
	if p != nil {
		o.look(&s, in, p, now)
	}
	b, err := json.Marshal(&s)
	if err != nil { // strings, numbers and ids always encode
		return []byte("{}")
	}
	return b
}

func (o *Policy) look(s *inputs, in *heed.Intent, p *heed.Person, now heed.Time) {
	address, reachable := o.Address(p, in.Channel)
	s.Address = reachable
	if b, is := blocked(p, in.Channel, address); is {
		s.Blocked = &b
	}
	for _, purpose := range [...]string{in.Purpose, Everywhere} {
		for _, channel := range [...]string{in.Channel, ""} {
			k := heed.ConsentKey(purpose, channel)
			if c, ok := p.Consents[k]; ok {
				if s.Consent == nil {
					s.Consent = map[string]heed.Consent{}
				}
				s.Consent[k] = heed.Consent{State: c.State, At: c.At}
			}
		}
	}
	s.Prefer = p.Preferences
	s.Prefer.Locale, s.Prefer.NoTrack = "", false
	s.Zone, s.Country = plain(p.Traits["timezone"].Value), plain(p.Traits["country"].Value)
	pu := o.purposes[in.Purpose]
	if pu == nil {
		return
	}
	if pu.Selling {
		for _, k := range p.Cases {
			s.Cases = append(s.Cases, heed.OpenCase{ID: k.ID, Opened: k.Opened, Closed: k.Closed})
		}
		for _, m := range p.Moments {
			if m.At+max(o.recovery, o.experience) > now {
				s.Moments = append(s.Moments, m)
			}
		}
	}
	for i := len(p.Contacts) - 1; i >= 0 && len(s.Sent) < maxSent; i-- {
		c := &p.Contacts[i]
		for _, l := range o.caps {
			if c.At > now-l.reach() && c.Message != in.ID && o.counts(l, c) && l.scope.fits(in.Channel, pu.Name, pu.Class, pu.Selling) {
				s.Sent = append(s.Sent, sent{c.At, c.Channel, c.Purpose, c.Class})
				break
			}
		}
	}
	v := &view{o: o, p: p, now: now, told: &s.Rules}
	for _, r := range o.rules {
		if r.scope.fits(in.Channel, pu.Name, pu.Class, pu.Selling) {
			v.forbids(r, p, now)
		}
	}
}

// Replay decides once more from what the ledger stored. With the policy of that time it gives the same decision; same
// says whether o is that policy.
func Replay(o *Policy, stored []byte) (d heed.Decision, same bool, err error) {
	var s inputs
	if err := json.Unmarshal(stored, &s); err != nil {
		return d, false, heed.Errorf(heed.Invalid, "These are not the inputs of a decision: %v", err)
	}
	v := &view{o: o, now: s.Now, recorded: map[string]ruled{}}
	for _, r := range s.Rules {
		v.recorded[r.Name] = r
	}
	if !s.Nobody {
		v.p = s.person(o)
	}
	return o.decide(s.candidate(), v.p, v), s.Policy == o.Fingerprint, nil
}

// candidate is what was decided about.
func (s *inputs) candidate() *Candidate {
	in := &heed.Intent{ID: s.ID, Channel: s.Channel, Purpose: s.Purpose, Topic: s.Topic, About: s.About, Priority: s.Prio, TTL: s.TTL, Asked: s.Asked}
	return &Candidate{Intent: in, Waited: s.Waited, Window: s.Window, Winner: s.Winner}
}

// person rebuilds as much of the person as was looked at.
func (s *inputs) person(o *Policy) *heed.Person {
	p := &heed.Person{Consents: s.Consent, Preferences: s.Prefer, Cases: s.Cases, Moments: s.Moments, Traits: map[string]heed.Trait{}}
	if s.Zone != "" {
		p.Traits["timezone"] = quoted(s.Zone)
	}
	if s.Country != "" {
		p.Traits["country"] = quoted(s.Country)
	}
	if s.Address {
		for _, t := range []string{"email", "phone", "push_token", o.brand.Addresses[s.Channel]} {
			if t != "" && t != "-" {
				p.Traits[t] = quoted("on record")
			}
		}
	}
	if s.Blocked != nil {
		p.Blocked = map[string]heed.Blocked{s.Channel: *s.Blocked}
	}
	for i := len(s.Sent) - 1; i >= 0; i-- {
		c := s.Sent[i]
		p.Contacts = append(p.Contacts, heed.Contact{At: c.At, Channel: c.Channel, Purpose: c.Purpose, Class: c.Class})
	}
	return p
}

func quoted(s string) heed.Trait {
	b, _ := json.Marshal(strings.ToValidUTF8(s, "")) // a string always encodes
	return heed.Trait{Value: heed.RawValue(b)}
}
