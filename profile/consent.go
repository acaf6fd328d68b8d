package profile

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/heedcx/heed"
)

// consents folds a Consent Granted, Denied or Requested event: {purpose | purposes, channel | channels, where, act,
// text}. The newest word wins for each purpose and channel; of two at the same moment the more restrictive.
func (s *Stage) consents(p *heed.Person, e *heed.Event, state heed.ConsentState) string {
	pr := gjson.ParseBytes(e.Properties)
	purposes := list(pr.Get("purpose"), pr.Get("purposes"))
	channels := list(pr.Get("channel"), pr.Get("channels"))
	if len(purposes) == 0 {
		s.reject(p, e, "consent_rejected", e.Name, "it does not say for which purpose")
		return ""
	}
	if len(channels) == 0 {
		channels = []string{""}
	}
	c := heed.Consent{
		State: state, At: e.Timestamp, Source: e.Source, Where: first(text(pr.Get("where")), e.Touchpoint),
		Act: text(pr.Get("act")), Text: text(pr.Get("text")),
	}
	for _, purpose := range purposes {
		for _, channel := range channels {
			s.consent(p, e, purpose, channel, c)
		}
	}
	return strings.Join(purposes, ", ")
}

// maxConsents bounds the keys of Person.Consents.
const maxConsents = 200

func (s *Stage) consent(p *heed.Person, e *heed.Event, purpose, channel string, c heed.Consent) {
	if len(purpose) > 100 || len(channel) > 40 || purpose == "" {
		s.reject(p, e, "consent_rejected", purpose, "the names of a purpose or a channel are not that long")
		return
	}
	c.Where, c.Act, c.Text = cutText(c.Where, 300), cutText(c.Act, 300), cutText(c.Text, 2000)
	key := heed.ConsentKey(purpose, channel)
	old, has := p.Consents[key]
	if has && !outdoes(c, old) {
		return
	}
	if !has && len(p.Consents) >= maxConsents {
		s.reject(p, e, "consent_rejected", key, "the person has said something about too many purposes already")
		return
	}
	if p.Consents == nil {
		p.Consents = map[string]heed.Consent{}
	}
	p.Consents[key] = c
}

// outdoes says whether c is the later word; of two at the same moment the more restrictive, then the larger evidence.
func outdoes(c, old heed.Consent) bool {
	if c.At != old.At {
		return c.At > old.At
	}
	return cmp.Or(restriction(c.State)-restriction(old.State), strings.Compare(c.Text, old.Text), strings.Compare(c.Act, old.Act),
		strings.Compare(c.Where, old.Where), strings.Compare(c.Source, old.Source)) > 0
}

// restriction orders what people say: the higher, the less we may.
func restriction(c heed.ConsentState) int { return slices.Index(restrictions[:], c) }

var restrictions = [...]heed.ConsentState{heed.Granted, heed.Awaited, heed.Denied}

// feedback folds what a channel learned of a message: opt-outs, complaints, bounces, and what the person chose on our
// pages. See channel.Feedback for the properties.
func (s *Stage) feedback(p *heed.Person, e *heed.Event) string {
	pr := gjson.ParseBytes(e.Properties)
	channel, address, purpose := text(pr.Get("channel")), text(pr.Get("address")), text(pr.Get("purpose"))
	no := heed.Consent{State: heed.Denied, At: e.Timestamp, Source: e.Source, Where: channel, Act: e.Name, Text: text(pr.Get("detail"))}
	switch e.Name {
	case "unsubscribed", "preferences_changed":
		answers := pr.Get("consents")
		answers.ForEach(func(_, a gjson.Result) bool {
			state := heed.ConsentState(text(a.Get("state")))
			if restriction(state) < 0 {
				s.reject(p, e, "consent_rejected", string(state), "a consent is granted, pending or denied")
				return true
			}
			s.consent(p, e, text(a.Get("purpose")), text(a.Get("channel")), heed.Consent{
				State: state, At: e.Timestamp, Source: e.Source, Where: text(a.Get("where")), Act: text(a.Get("act")), Text: text(a.Get("text")),
			})
			return true
		})
		if x := pr.Get("preferences"); x.IsObject() {
			s.preferences(p, e, x)
		}
		if e.Name == "unsubscribed" && !answers.Exists() {
			s.consent(p, e, first(purpose, "*"), channel, no)
		}
	case "complained":
		s.consent(p, e, "*", channel, no)
		s.block(p, first(channel, "*"), "complaint", e.Timestamp)
	case "bounced":
		if pr.Get("hard").Bool() {
			s.block(p, blockKey(channel, address), "hard_bounce", e.Timestamp)
		}
	case "blocked": // by hand, for the reason in detail
		s.block(p, blockKey(channel, address), "manual", e.Timestamp)
	case "unblocked":
		s.unblock(p, blockKey(channel, address), e.Timestamp)
	}
	return first(text(pr.Get("detail")), purpose)
}

// preferences folds what the person chose: channel, topics, muted, zone, locale, no_track. What is not named stays.
func (s *Stage) preferences(p *heed.Person, e *heed.Event, x gjson.Result) {
	pr := &p.Preferences
	if v := x.Get("channel"); v.Exists() && said(p, e, "channel", text(v) > pr.Channel) {
		pr.Channel = cutText(text(v), 40)
	}
	if v := x.Get("topics"); v.Exists() {
		if t := topics(v); said(p, e, "topics", slices.Compare(t, pr.Topics) > 0) {
			pr.Topics = t
		}
	}
	if v := x.Get("muted"); v.Exists() {
		if t := topics(v); said(p, e, "muted", slices.Compare(t, pr.Muted) > 0) {
			pr.Muted = t
		}
	}
	for _, name := range [...]string{"no_track", "no_tracking"} {
		if v := x.Get(name); v.Exists() && said(p, e, "no_track", v.Bool()) {
			pr.NoTrack = v.Bool()
		}
	}
	if v := x.Get("zone"); v.Exists() {
		s.sayZone(p, e, v)
	}
	if v := x.Get("locale"); v.Exists() {
		s.sayLocale(p, e, v)
	}
}

func topics(v gjson.Result) []string {
	out := list(v, gjson.Result{})
	slices.Sort(out)
	out = slices.Compact(out)
	for i := range out {
		out[i] = cutText(out[i], 100)
	}
	return out[:min(len(out), 100)]
}

// list reads a text, or a list of texts, from whichever of two properties is there.
func list(one, many gjson.Result) []string {
	var out []string
	for _, r := range [...]gjson.Result{one, many} {
		if r.IsArray() {
			r.ForEach(func(_, v gjson.Result) bool {
				if t := text(v); t != "" && len(out) < 100 {
					out = append(out, t)
				}
				return true
			})
		} else if t := text(r); t != "" {
			out = append(out, t)
		}
	}
	return out
}

func first(s ...string) string {
	for _, x := range s {
		if x != "" {
			return x
		}
	}
	return ""
}
