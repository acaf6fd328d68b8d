package pages

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/channel/token"
)

// everything is the purpose that stands for all of them.
const everything = "*"

// offer is one question of the preference page: may we write for this purpose on this channel?
type offer struct {
	purpose channel.Purpose
	channel string
}

func (o offer) key() string { return o.purpose.Name + "/" + o.channel }

// offers are the questions of the page: every purpose that one can leave, on every channel that it may use.
func offers(s *channel.Specs, mine string) []offer {
	var out []offer
	all := slices.Sorted(maps.Keys(s.Channels))
	all = slices.DeleteFunc(all, func(c string) bool { return c == "webhook" }) // not a person's channel
	if !slices.Contains(all, mine) && mine != "" {
		all = append(all, mine)
	}
	for _, name := range s.Order {
		p := s.Purposes[name]
		if p.Consent == "none" {
			continue
		}
		for _, c := range all {
			if len(p.Channels) == 0 || slices.Contains(p.Channels, c) {
				out = append(out, offer{p, c})
			}
		}
	}
	return out
}

// allowed says what the person's answers come to, as decide reads them: a later no to everything takes a yes back.
func allowed(p *heed.Person, o offer) bool {
	c, said := p.Consents[heed.ConsentKey(o.purpose.Name, o.channel)]
	if all, ok := p.Consents[heed.ConsentKey(o.purpose.Name, "")]; ok && (!said || all.State == heed.Denied && all.At >= c.At) {
		c, said = all, true
	}
	for _, ch := range [...]string{o.channel, ""} {
		if no, ok := p.Consents[heed.ConsentKey(everything, ch)]; ok && no.State == heed.Denied && (!said || no.At >= c.At) {
			c, said = no, true
		}
	}
	if !said {
		return o.purpose.Consent == "opt_out"
	}
	return c.State == heed.Granted
}

// topics are what the brand lets people choose.
func topics(s *channel.Specs) []string {
	var out []string
	for _, name := range s.Order {
		out = append(out, s.Purposes[name].Topics...)
	}
	out = append(out, s.Brand.Topics...)
	slices.Sort(out)
	return slices.Compact(out)
}

func (p *pages) person(ctx context.Context, id heed.ID) (*heed.Person, error) {
	x, err := p.People.Person(ctx, id)
	if err == nil && x == nil {
		err = heed.Errorf(heed.NotFound, "There is no such person.")
	}
	return x, err
}

func (p *pages) showPreferences(w http.ResponseWriter, r *http.Request) {
	c, s, ok := p.read(w, r, token.Preferences)
	if !ok {
		return
	}
	x, err := p.person(r.Context(), c.Person)
	if err != nil {
		p.noPerson(w, r, err)
		return
	}
	p.show(w, r, http.StatusOK, s, form(s, x, c.Channel, "What you hear from us", "Choose what we may send you. Nothing changes until you press Save."))
}

func (p *pages) noPerson(w http.ResponseWriter, r *http.Request, err error) {
	if heed.CodeOf(err) == heed.NotFound { // erased: nothing is known of them, so nothing can be shown
		p.lost(w, r)
		return
	}
	p.sorry(w, r, err)
}

func form(s *channel.Specs, x *heed.Person, mine, title, text string) view {
	v := view{Title: title, Text: text, Kind: "form", NoTrack: x.Preferences.NoTrack}
	seen := map[string]bool{}
	for _, o := range offers(s, mine) {
		if n := len(v.Purposes); n == 0 || v.Purposes[n-1].Title != o.purpose.Title {
			v.Purposes = append(v.Purposes, purposeView{Title: o.purpose.Title, Text: o.purpose.Text})
		}
		last := &v.Purposes[len(v.Purposes)-1]
		last.Choices = append(last.Choices, choice{Name: "yes", Value: o.key(), Label: "by " + o.channel, On: allowed(x, o)})
		if !seen[o.channel] {
			seen[o.channel] = true
			v.Channels = append(v.Channels, choice{Name: "channel", Value: o.channel, Label: o.channel, On: x.Preferences.Channel == o.channel})
		}
	}
	for _, t := range topics(s) {
		v.Topics = append(v.Topics, choice{Name: "topic", Value: t, Label: t, On: !slices.Contains(x.Preferences.Muted, t)})
	}
	if len(v.Channels) < 2 {
		v.Channels = nil
	}
	return v
}

func (p *pages) savePreferences(w http.ResponseWriter, r *http.Request) {
	c, s, ok := p.read(w, r, token.Preferences)
	if !ok {
		return
	}
	if err := r.ParseForm(); err != nil {
		p.show(w, r, http.StatusBadRequest, s, view{Title: "The form did not arrive whole", Text: "Please go back and press Save again.", Kind: "link", Link: p.preferencesPath(c)})
		return
	}
	x, err := p.person(r.Context(), c.Person)
	if err != nil {
		p.noPerson(w, r, err)
		return
	}
	f := p.answers(s, x, c, r)
	now := p.Clock.Now()
	applied, err := p.save(r.Context(), f.Event(channel.Preferences, strconv.FormatInt(int64(now), 36), now))
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	v := view{Title: "Saved", Text: "Your choices are in effect.", Kind: "link", Link: p.preferencesPath(c)}
	status := http.StatusOK
	if !applied {
		v.Text, status = "Your choices are saved and take effect within moments.", http.StatusAccepted
	}
	p.show(w, r, status, s, v)
}

// answers turns the form into what changed. Only questions that the page showed are answers; an empty box of a purpose
// that did not exist then is not a no.
func (p *pages) answers(s *channel.Specs, x *heed.Person, c token.Claims, r *http.Request) channel.Feedback {
	f := channel.Feedback{Message: c.Message, Person: c.Person, Channel: c.Channel, Purpose: c.Purpose}
	if r.PostForm.Has("nothing") {
		f.Consents = []channel.ConsentSaid{{Purpose: everything, State: heed.Denied, Act: "pressed “Send me nothing”", Where: "preference page", Text: "Send me nothing"}}
		return f
	}
	shown, yes := r.PostForm["shown"], r.PostForm["yes"]
	for _, o := range offers(s, c.Channel) {
		if !slices.Contains(shown, o.key()) {
			continue
		}
		want := slices.Contains(yes, o.key())
		if want == allowed(x, o) {
			continue
		}
		said := channel.ConsentSaid{Purpose: o.purpose.Name, Channel: o.channel, State: heed.Denied, Act: "unticked the box", Where: "preference page", Text: o.purpose.Title + " by " + o.channel}
		if want {
			said.State, said.Act = heed.Granted, "ticked the box"
		}
		f.Consents = append(f.Consents, said)
	}
	pref := &channel.PreferenceSaid{}
	noTrack := r.PostForm.Has("no_track")
	pref.NoTrack = &noTrack
	if all := topics(s); len(all) > 0 {
		wanted := r.PostForm["topic"]
		// What the brand does not offer here stays as it was.
		keep := func(list []string) []string {
			return slices.DeleteFunc(slices.Clone(list), func(t string) bool { return slices.Contains(all, t) })
		}
		on, off := keep(x.Preferences.Topics), keep(x.Preferences.Muted)
		for _, t := range all {
			if slices.Contains(wanted, t) {
				on = append(on, t)
			} else {
				off = append(off, t)
			}
		}
		pref.Topics, pref.Muted = &on, &off
	}
	if ch := r.PostFormValue("channel"); ch != "" && slices.ContainsFunc(offers(s, c.Channel), func(o offer) bool { return o.channel == ch }) {
		pref.Channel = &ch
	}
	f.Preferences = pref
	return f
}
