package pages

import (
	"net/http"
	"strconv"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/channel/token"
)

// unsubscribeText is what the person reads and agrees to: it is kept with their answer.
func unsubscribeText(s *channel.Specs, c token.Claims) string {
	title := s.Purposes[c.Purpose].Title
	if title == "" {
		return "We will stop sending you messages by " + c.Channel + "."
	}
	return "We will stop sending you “" + title + "” by " + c.Channel + "."
}

func (p *pages) askUnsubscribe(w http.ResponseWriter, r *http.Request) {
	c, s, ok := p.read(w, r, token.Unsubscribe)
	if !ok {
		return
	}
	p.show(w, r, http.StatusOK, s, view{
		Title: "Unsubscribe", Text: unsubscribeText(s, c), Kind: "button", Button: "Unsubscribe", Link: p.preferencesPath(c),
	})
}

// unsubscribe acts: for the button and for a mail program's one click (RFC 8058), whose body says
// List-Unsubscribe=One-Click.
func (p *pages) unsubscribe(w http.ResponseWriter, r *http.Request) {
	c, s, ok := p.read(w, r, token.Unsubscribe)
	if !ok {
		return
	}
	act := "pressed Unsubscribe"
	// The body may be either form encoding; one that cannot be read takes nothing from the wish.
	_ = r.ParseMultipartForm(maxForm)
	if r.PostFormValue("List-Unsubscribe") == "One-Click" {
		act = "one-click unsubscribe in the mail program"
	}
	now := p.Clock.Now()
	purpose := c.Purpose
	if purpose == "" {
		purpose = "*"
	}
	e := channel.Feedback{
		Message: c.Message, Person: c.Person, Channel: c.Channel, Purpose: c.Purpose,
		Consents: []channel.ConsentSaid{{Purpose: purpose, Channel: c.Channel, State: heed.Denied, Act: act, Where: "unsubscribe page", Text: unsubscribeText(s, c)}},
		// The moment is part of the key: who comes back and leaves again means it.
	}.Event(channel.Unsubscribed, strconv.FormatInt(int64(now), 36), now)
	applied, err := p.save(r.Context(), e)
	if err != nil {
		p.sorry(w, r, err)
		return
	}
	v, status := view{Title: "You are unsubscribed", Text: "It is done. You will not get these messages any more.", Kind: "link", Link: p.preferencesPath(c)}, http.StatusOK
	if !applied {
		v.Text, status = "Your wish is saved and takes effect within moments.", http.StatusAccepted
	}
	p.show(w, r, status, s, v)
}

func (p *pages) preferencesPath(c token.Claims) string {
	return "/p/" + p.Keys.Make(token.Preferences, c)
}
