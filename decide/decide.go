package decide

import (
	"strings"

	"github.com/heedcx/heed"
)

// Candidate is an intent in a round of arbitration.
type Candidate struct {
	Intent *heed.Intent
	// Waited is set once the intent has sat out an arbitration window, or was held for another reason and is due.
	Waited bool
	// Window is the end of the arbitration window that is open for the person; 0 when none is.
	Window heed.Time
	// Winner is the message that was chosen before this one in the same round; zero when none was.
	Winner heed.ID
}

// Decide answers whether in may and should go to p now. It reads its arguments only. Whoever gets Send must Reserve
// before anything else is decided about p.
func (o *Policy) Decide(in *heed.Intent, p *heed.Person, now heed.Time) heed.Decision {
	return o.DecideOne(&Candidate{Intent: in}, p, now)
}

// DecideOne is Decide for an intent that competes with others.
func (o *Policy) DecideOne(c *Candidate, p *heed.Person, now heed.Time) heed.Decision {
	return o.decide(c, p, &view{o: o, p: p, now: now})
}

func (o *Policy) decide(c *Candidate, p *heed.Person, v *view) heed.Decision {
	in, now := c.Intent, v.now
	v.expires = o.Expires(in)
	pu, d, stop := o.may(in, p, v)
	if stop {
		return d
	}
	// A service-critical message passes the next three; what it passed is on record.
	var passed heed.Decision
	if d, stop := o.relations(in, pu, p, now, v); stop {
		if pu.Class != heed.Critical {
			return d
		}
		passed = d
	}
	if d, stop := o.hours(in, pu, v); stop {
		if pu.Class != heed.Critical {
			return d
		}
		passed = earlier(passed, d)
	}
	if d, stop := o.often(in, pu, p, v); stop {
		if pu.Class != heed.Critical {
			return d
		}
		passed = earlier(passed, d)
	}
	if d, stop := o.relevant(in, pu, p, v); stop {
		return d
	}
	if d, stop := o.arbitrate(c, pu, v); stop {
		return d
	}
	if passed.Reason != "" {
		return heed.Decision{Outcome: heed.Send, Reason: Critical, Rule: first(passed.Rule, passed.Reason),
			Text: "sent because it is service-critical; any other message would have been " + passed.Text}
	}
	return heed.Decision{Outcome: heed.Send, Reason: OK, Text: "sent: nothing speaks against it"}
}

func earlier(a, b heed.Decision) heed.Decision {
	if a.Reason != "" {
		return a
	}
	return b
}

// may is what no class passes: the intent makes sense, the person is reachable, and neither the law nor their word
// forbids it.
func (o *Policy) may(in *heed.Intent, p *heed.Person, v *view) (*Purpose, heed.Decision, bool) {
	if p == nil {
		return nil, v.drop(UnknownPerson, "", "nobody is known by that"), true
	}
	if in.Channel == "" || in.Purpose == "" {
		return nil, v.drop(BadIntent, "", "it names no channel or no purpose"), true
	}
	address, reachable := o.Address(p, in.Channel)
	if b, is := blocked(p, in.Channel, address); is {
		return nil, v.drop(Suppressed, b.Reason, "their "+in.Channel+" is blocked ("+first(words(b.Reason), "by hand")+")"), true
	}
	if !reachable {
		return nil, v.drop(Unreachable, "", "there is no address for "+in.Channel), true
	}
	pu := o.purposes[in.Purpose]
	if pu == nil {
		return nil, v.drop(UnknownPurpose, "", "the brand has declared no purpose "+in.Purpose), true
	}
	d, stop := o.consent(in, pu, p, v)
	return pu, d, stop
}

// Everywhere as a key of Person.Blocked or as a purpose in Person.Consents means all of them.
const Everywhere = "*"

func blocked(p *heed.Person, channel, address string) (heed.Blocked, bool) {
	if len(p.Blocked) == 0 {
		return heed.Blocked{}, false
	}
	if b, is := p.Blocked[Everywhere]; is {
		return b, true
	}
	if b, is := p.Blocked[channel]; is {
		return b, true
	}
	if address == "" {
		return heed.Blocked{}, false
	}
	if b, is := p.Blocked[channel+":"+address]; is {
		return b, true
	}
	b, is := p.Blocked[channel+":"+strings.ToLower(address)]
	return b, is
}

// consent looks for the person's word on this purpose and channel: the entry for the channel, else the one for all
// channels. A later no to everything (all channels of the purpose, or all purposes) takes an earlier yes back.
func (o *Policy) consent(in *heed.Intent, pu *Purpose, p *heed.Person, v *view) (heed.Decision, bool) {
	if pu.Consent == "none" {
		return heed.Decision{}, false
	}
	c, said := p.Consents[heed.ConsentKey(pu.Name, in.Channel)]
	if all, ok := p.Consents[heed.ConsentKey(pu.Name, "")]; ok && (!said || all.State == heed.Denied && all.At >= c.At) {
		c, said = all, true
	}
	for _, channel := range [...]string{in.Channel, ""} {
		if no, ok := p.Consents[heed.ConsentKey(Everywhere, channel)]; ok && no.State == heed.Denied && (!said || no.At >= c.At) {
			c, said = no, true
		}
	}
	switch {
	case c.State == heed.Denied:
		return v.drop(OptedOut, "", "they said no to "+first(pu.Title, pu.Name)+" by "+in.Channel), true
	case c.State == heed.Awaited:
		return v.hold(ConsentPending, "", heed.Never, "their confirmation for "+first(pu.Title, pu.Name)+" is outstanding"), true
	case pu.Consent == "opt_in" && c.State != heed.Granted:
		return v.drop(NoConsent, "", "they have not asked for "+first(pu.Title, pu.Name)+" by "+in.Channel), true
	}
	return heed.Decision{}, false
}

// hours holds the message through quiet hours where the person is.
func (o *Policy) hours(in *heed.Intent, pu *Purpose, v *view) (heed.Decision, bool) {
	any := o.anyQuiet(in, pu)
	if any == nil {
		return heed.Decision{}, false
	}
	loc := v.zone()
	if loc == nil {
		return v.hold(NoZone, any.name, heed.Never, "nobody knows what time it is where they are, and there are quiet hours"), true
	}
	until, by := o.quietUntil(in, pu, loc, v.now)
	if by == nil {
		return heed.Decision{}, false
	}
	return v.hold(QuietHours, by.name, until, first(by.text, "quiet hours in "+city(loc))), true
}

// often holds the message while a cap is used up; of several, the one that frees last decides.
func (o *Policy) often(in *heed.Intent, pu *Purpose, p *heed.Person, v *view) (heed.Decision, bool) {
	var until heed.Time
	var by *limit
	for _, l := range o.caps {
		if !l.scope.fits(in.Channel, pu.Name, pu.Class, pu.Selling) {
			continue
		}
		if l.calendar != "" && v.zone() == nil {
			return v.hold(NoZone, l.name, heed.Never, "nobody knows which day it is where they are, and there is a cap per "+l.calendar), true
		}
		if frees, full := o.full(l, in, p, v.loc, v.now); full && frees > until {
			until, by = frees, l
		}
	}
	if by == nil {
		return heed.Decision{}, false
	}
	return v.hold(Cap, by.name, until, first(by.text, "they have heard from us often enough ("+by.name+")")), true
}

// relevant drops what the person did not ask for and what is stale.
func (o *Policy) relevant(in *heed.Intent, pu *Purpose, p *heed.Person, v *view) (heed.Decision, bool) {
	chosen := pu.Class == heed.Marketing || pu.Class == heed.Community
	if chosen && in.Topic != "" && len(p.Preferences.Topics) > 0 && !has(p.Preferences.Topics, in.Topic) {
		return v.drop(TopicNotWanted, "", in.Topic+" is not among the topics they want"), true
	}
	if v.now >= v.expires {
		return v.drop(Expired, "", "it is stale since "+v.when(v.expires)), true
	}
	return heed.Decision{}, false
}

// Address is where channel reaches p. It is false when nothing is known; a channel without addresses is always
// reachable, with the address "".
func (o *Policy) Address(p *heed.Person, channel string) (string, bool) {
	trait, own := o.brand.Addresses[channel]
	if !own {
		switch channel {
		case "email":
			trait = "email"
		case "sms", "phone", "call", "whatsapp":
			trait = "phone"
		case "push":
			trait = "push_token"
		case "webhook", "inapp", "community":
			trait = "-"
		default:
			return "", false
		}
	}
	if trait == "-" {
		return "", true
	}
	a := plain(p.Traits[trait].Value)
	return a, a != ""
}
