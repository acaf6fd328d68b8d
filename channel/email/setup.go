package email

import (
	netmail "net/mail"
	"strconv"
	"strings"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/internal/spec"
)

// Setup is the spec of kind channel with name email. All of it is optional.
//
//	kind: channel
//	name: email
//	from: {name: Lumen & Loom, email: hello@mail.lumen.example}   # instead of the brand's sender
//	bounce_address: bounces@mail.lumen.example    # return address; each mail gets bounces+TAG@...
//	tracking: {opens: true, clicks: true}         # off unless said; always off for who refuses it
//	dkim: [{domain: lumen.example, selector: heed1, key_file: /etc/heed/dkim.pem}]
//	throttle: {default: 100/s, gmail.com: 20/s}   # per receiving domain
//	feedback: {provider: sendgrid, public_key: MFkw...}   # its reports, at /webhooks/email
type Setup struct {
	From          *channel.From     `json:"from,omitempty"`
	BounceAddress string            `json:"bounce_address,omitempty"`
	Tracking      Tracking          `json:"tracking,omitzero"`
	DKIM          []DKIM            `json:"dkim,omitempty"`
	Throttle      map[string]string `json:"throttle,omitempty"`
	// Feedback is how the provider reports of mails by webhook, at /webhooks/email.
	Feedback *channel.FeedbackSetup `json:"feedback,omitempty"`
}

// Tracking says what is measured of mails that people receive.
type Tracking struct {
	Opens  bool `json:"opens,omitempty"`
	Clicks bool `json:"clicks,omitempty"`
}

// CheckSpec says everything that is wrong with the email channel's spec; nil for other specs. It reads the DKIM keys.
func CheckSpec(s spec.Spec) []error {
	if s.Kind != spec.Channel || s.Name != "email" || s.Deleted {
		return nil
	}
	_, errs := parseSetup(s)
	return errs
}

// ready is a Setup with its keys loaded and its rates parsed.
type ready struct {
	Setup
	signers  []*signer
	throttle *channel.Throttle
}

func parseSetup(s spec.Spec) (*ready, []error) {
	setup, err := spec.Decode[Setup](s)
	if err != nil {
		return nil, []error{err}
	}
	r := &ready{Setup: setup}
	var errs []error
	bad := func(field, format string, args ...any) {
		errs = append(errs, heed.FieldErrorf("channel email: "+field, format, args...))
	}
	if setup.From != nil {
		if _, err := netmail.ParseAddress(setup.From.Email); err != nil {
			bad("from.email", "%q is not an e-mail address", setup.From.Email)
		}
	}
	if a := setup.BounceAddress; a != "" {
		local, domain, ok := strings.Cut(a, "@")
		if _, err := netmail.ParseAddress(a); err != nil || !ok || domain == "" || strings.Contains(local, "+") || len(local) > 14 {
			bad("bounce_address", "%q: want a plain address such as bounces@example.com, with at most 14 characters before the @", a)
		}
	}
	for i, d := range setup.DKIM {
		sg, err := d.signer()
		if err != nil {
			bad("dkim["+strconv.Itoa(i)+"]", "%v", err)
			continue
		}
		r.signers = append(r.signers, sg)
	}
	rates := map[string]channel.Rate{}
	for domain, text := range setup.Throttle {
		rate, err := parseRate(text)
		if err != nil {
			bad("throttle."+domain, "%v", err)
			continue
		}
		if domain == "default" {
			domain = ""
		}
		rates[strings.ToLower(domain)] = rate
	}
	r.throttle = channel.NewThrottle(rates)
	return r, errs
}

// parseRate reads 20/s, 500/m, 10000/h.
func parseRate(s string) (channel.Rate, error) {
	n, per, ok := strings.Cut(s, "/")
	num, err := strconv.Atoi(strings.TrimSpace(n))
	unit, known := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[strings.TrimSpace(per)]
	if !ok || err != nil || num < 1 || !known {
		return channel.Rate{}, heed.Errorf(heed.Invalid, "%q is not a rate: write 20/s, 500/m, 10000/h or 100000/d", s)
	}
	return channel.Rate{N: num, Per: unit}, nil
}
