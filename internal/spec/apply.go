package spec

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Apply stores the changes of a plan, all of them or none. When a spec has changed since the plan was made, nothing is
// stored and the error is a Conflict.
func Apply(ctx context.Context, d db.DB, changes []Change, by string, now heed.Time) (done []Spec, err error) {
	err = d.WriteDurable(ctx, func(tx db.Tx) error {
		done, err = ApplyTx(ctx, tx, changes, by, now)
		return err
	})
	if err != nil {
		return nil, err
	}
	return done, nil
}

// ApplyTx is Apply inside a transaction of the caller's.
func ApplyTx(ctx context.Context, tx db.Tx, changes []Change, by string, now heed.Time) ([]Spec, error) {
	// The revision's row lock comes first: from here on nobody else changes a spec.
	if _, err := tx.Exec(ctx, "spec.bump"); err != nil {
		return nil, err
	}
	current, err := Current(ctx, tx)
	if err != nil {
		return nil, err
	}
	var done []Spec
	for _, c := range changes {
		if c.Action == Unchanged {
			continue
		}
		if has := current[Key{c.Kind, c.Name}].Version; has != c.From {
			return nil, heed.Errorf(heed.Conflict, "%s %s has changed since the plan was made (it was version %d, now it is %d): plan again", c.Kind, c.Name, c.From, has)
		}
		s, err := Put(ctx, tx, Spec{Kind: c.Kind, Name: c.Name, Body: c.Body, Deleted: c.Action == Delete, MadeAt: now, MadeBy: by})
		if err != nil {
			return nil, err
		}
		done = append(done, s)
	}
	return done, nil
}
