package app

import (
	"github.com/heedcx/heed"
	"github.com/heedcx/heed/broadcast"
	"github.com/heedcx/heed/channel/email"
	"github.com/heedcx/heed/channel/template"
	"github.com/heedcx/heed/channel/webhook"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/identity"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/journey"
	"github.com/heedcx/heed/profile"
	"github.com/heedcx/heed/segment"
)

// Checks are the stages' checkers of specs, by kind. Nothing that one refuses is stored.
func Checks() spec.Checks {
	return spec.Checks{
		spec.Brand: func(s spec.Spec, all spec.Set) []error {
			errs := identity.CheckSpec(spec.Brand, s, all)
			errs = append(errs, profile.CheckSpec(spec.Brand, s, all)...)
			return append(errs, ledger.CheckSpec(s, all)...)
		},
		spec.Source:    checkSource,
		spec.Segment:   segment.CheckSpec,
		spec.Lifecycle: segment.CheckSpec,
		spec.Journey:   journey.CheckSpec,
		spec.Template: func(s spec.Spec, _ spec.Set) []error {
			return append(template.CheckSpec(s), webhook.CheckSpec(s)...)
		},
		spec.Purpose:    ledger.CheckSpec,
		spec.Rule:       ledger.CheckSpec,
		spec.Cap:        ledger.CheckSpec,
		spec.QuietHours: ledger.CheckSpec,
		spec.Channel:    checkChannel,
		spec.Broadcast:  broadcast.CheckSpec,
	}
}

// checkChannel checks a spec of kind channel: one per channel that this program has.
func checkChannel(s spec.Spec, _ spec.Set) []error {
	switch s.Name {
	case "email":
		return append(email.CheckSpec(s), checkFeedback(s)...)
	case "webhook":
		return append(webhook.CheckSpec(s), checkFeedback(s)...)
	}
	if s.Deleted {
		return nil
	}
	return []error{heed.FieldErrorf("channel "+s.Name, "there is no such channel: email and webhook can be set up")}
}
