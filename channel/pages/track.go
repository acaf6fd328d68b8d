package pages

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/channel/token"
)

// pixel is the smallest transparent GIF.
const pixel = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

func (p *pages) opened(w http.ResponseWriter, r *http.Request) {
	text, ok := strings.CutSuffix(r.PathValue("token"), ".gif")
	c, err := p.Keys.Read(token.Open, text)
	if !ok || err != nil {
		http.NotFound(w, r)
		return
	}
	// Within the stream's window of duplicates an open counts once.
	p.note(r, c, channel.Feedback{}, channel.Opened, "")
	w.Header().Set("Content-Type", "image/gif")
	_, _ = w.Write([]byte(pixel))
}

// clicked leads where a message of ours pointed. The address is sealed in the token, so it cannot lead elsewhere.
func (p *pages) clicked(w http.ResponseWriter, r *http.Request) {
	c, err := p.Keys.Read(token.Click, r.PathValue("token"))
	if err != nil {
		p.lost(w, r)
		return
	}
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		p.lost(w, r)
		return
	}
	sum := sha256.Sum256([]byte(c.URL))
	p.note(r, c, channel.Feedback{URL: c.URL}, channel.Clicked, hex.EncodeToString(sum[:6]))
	w.Header().Set("Location", c.URL)
	w.WriteHeader(http.StatusFound)
}

// note records what a person did with a message, unless they refuse that. Nobody waits long for it.
func (p *pages) note(r *http.Request, c token.Claims, f channel.Feedback, name, key string) {
	if r.Method != http.MethodGet {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), trackTime)
	defer cancel()
	x, err := p.person(ctx, c.Person)
	if err != nil || x.Preferences.NoTrack {
		if err != nil && heed.CodeOf(err) != heed.NotFound {
			p.Log.Warn("an open or click is not recorded", "error", err)
		}
		return
	}
	f.Message, f.Person, f.Channel, f.Purpose = c.Message, c.Person, "email", c.Purpose
	if c.Channel != "" {
		f.Channel = c.Channel
	}
	if _, err := p.Sink.Write(ctx, []heed.Event{f.Event(name, key, p.Clock.Now())}); err != nil {
		p.Log.Warn("an open or click is not recorded", "error", err)
	}
}
