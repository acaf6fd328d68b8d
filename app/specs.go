package app

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
)

// apply checks the wanted specs together with those in force and stores what differs.
func (a *App) apply(ctx context.Context, wanted spec.Set, by string) error {
	return applySpecs(ctx, a.DB, wanted, nil, by, a.clock.Now())
}

// applySpecs puts specs in force and deletes others, all or nothing. What remains must not refer to what is deleted.
func applySpecs(ctx context.Context, d db.DB, wanted spec.Set, gone []spec.Key, by string, now heed.Time) error {
	var current spec.Set
	err := d.Read(ctx, func(q db.Querier) (err error) {
		current, err = spec.Current(ctx, q)
		return err
	})
	if err != nil {
		return err
	}
	all := spec.Set{}
	for k, s := range current {
		all[k] = s
	}
	for k, s := range wanted {
		all[k] = s
	}
	for _, k := range gone {
		if !all.Has(k.Kind, k.Name) {
			return heed.Errorf(heed.NotFound, "There is no %s %q to delete.", k.Kind, k.Name)
		}
		delete(all, k)
	}
	var only func(spec.Key) bool
	if len(gone) == 0 {
		only = func(k spec.Key) bool { return wanted.Has(k.Kind, k.Name) }
	}
	if err := Checks().Check(all, only); err != nil {
		return err
	}
	_, err = spec.Apply(ctx, d, spec.Plan(current, all, true), by, now)
	return err
}
