package app

import (
	"context"

	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
)

// apply checks the wanted specs together with those in force and stores what differs.
func (a *App) apply(ctx context.Context, wanted spec.Set, by string) error {
	var current spec.Set
	err := a.DB.Read(ctx, func(q db.Querier) (err error) {
		current, err = spec.Current(ctx, q)
		return err
	})
	if err != nil {
		return err
	}
	changes := spec.Plan(current, wanted, false)
	all := spec.Set{}
	for k, s := range current {
		all[k] = s
	}
	for k, s := range wanted {
		all[k] = s
	}
	if err := Checks().Check(all, func(k spec.Key) bool { return wanted.Has(k.Kind, k.Name) }); err != nil {
		return err
	}
	_, err = spec.Apply(ctx, a.DB, changes, by, a.clock.Now())
	return err
}
