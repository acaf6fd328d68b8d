package ledger

import (
	"context"
	"errors"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/rule"
)

// CheckSpec says what is wrong with a spec of kind purpose, rule, cap or quiet_hours, and with the parts of the brand
// that deciding reads. It is made for spec.Checks.
func CheckSpec(s spec.Spec, all spec.Set) []error {
	docs := []decide.Doc{{Kind: s.Kind, Name: s.Name, Body: s.Body}}
	if s.Kind != spec.Purpose {
		docs = append(docs, docsOf(all.Of(spec.Purpose))...)
	}
	_, found := decide.Compile(docs, decide.Rules)
	var errs []error
	for _, err := range found {
		e, ok := errors.AsType[*heed.Error](err)
		if !ok {
			errs = append(errs, err)
			continue
		}
		field, mine := strings.CutPrefix(e.Field, s.Kind+" "+s.Name)
		if !mine || field != "" && !strings.HasPrefix(field, ": ") {
			continue // another document's
		}
		c := *e
		c.Field = strings.TrimPrefix(field, ": ")
		errs = append(errs, &c)
	}
	return append(errs, checkNames(s, all)...)
}

// checkNames looks up the segments and purposes that a relationship rule asks about.
func checkNames(s spec.Spec, all spec.Set) []error {
	if s.Kind != spec.Rule {
		return nil
	}
	r, err := decide.RuleOf(decide.Doc{Kind: s.Kind, Name: s.Name, Body: s.Body})
	if err != nil {
		return nil // said already
	}
	var errs []error
	for _, err := range r.Check(rule.Names{
		Segment: func(name string) bool { return all.Has(spec.Segment, name) },
		Purpose: func(name string) bool { return all.Has(spec.Purpose, name) },
	}) {
		errs = append(errs, heed.FieldErrorf("forbid", "%s", heed.MessageOf(err)))
	}
	return errs
}

// Counters lists what the brand's relationship rules need counted, for profile.
func Counters(ctx context.Context, q db.Querier) ([]rule.CounterSpec, error) {
	specs, err := spec.Latest(ctx, q, spec.Rule)
	if err != nil {
		return nil, err
	}
	return decide.Counters(docsOf(specs)), nil
}
