package broadcast

import (
	"context"
	"errors"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
)

// latest returns the document of that name, which must be at the version that the caller has seen.
func latest(ctx context.Context, q db.Querier, name string, version int) (spec.Spec, error) {
	specs, err := spec.Latest(ctx, q, spec.Broadcast)
	if err != nil {
		return spec.Spec{}, err
	}
	for _, s := range specs {
		if s.Name != name {
			continue
		}
		if version != 0 && s.Version != version {
			return s, heed.Errorf(heed.Conflict, "The broadcast has changed since you looked at it (it is at version %d now): look at it again, then start it.", s.Version)
		}
		return s, nil
	}
	return spec.Spec{}, heed.Errorf(heed.NotFound, "There is no broadcast %q.", cut(name))
}

// Start lets a broadcast begin, with its document as it is: what is changed in the document later does not reach it. A
// broadcast is sent once; Conflict when it was started before or is not at the version that the caller names (0: any).
func Start(ctx context.Context, d db.DB, name string, version int, by string, now heed.Time) error {
	return d.WriteDurable(ctx, func(tx db.Tx) error {
		s, err := latest(ctx, tx, name, version)
		if err != nil {
			return err
		}
		all, err := spec.Current(ctx, tx)
		if err != nil {
			return err
		}
		p, errs := compile(s, all) // what it refers to may have been deleted since it was saved
		if err := errors.Join(errs...); err != nil {
			return heed.Errorf(heed.Invalid, "The broadcast cannot be started: %s", heed.MessageOf(errs[0]))
		}
		n, err := tx.Exec(ctx, "broadcast.put_run", name, heed.NewID(now), s.Version, string(s.Body), Scheduled, now, by, p.begins(now))
		if err == nil && n == 0 {
			err = heed.Errorf(heed.Conflict, "The broadcast %q was started before. It is sent once: make a copy under another name to send it again.", name)
		}
		return err
	})
}

// Pause keeps a broadcast from wanting more messages, or lets it go on. What is with a sender already goes out.
func Pause(ctx context.Context, d db.DB, name string, pause bool) error {
	on := 0
	if pause {
		on = 1
	}
	return change(ctx, d, name, func(tx db.Tx) (int64, error) { return tx.Exec(ctx, "broadcast.set_paused", name, on) })
}

// Stop ends a broadcast for good, and takes back what it wanted and has not gone out.
func Stop(ctx context.Context, d db.DB, name, by string, now heed.Time) error {
	return change(ctx, d, name, func(tx db.Tx) (int64, error) { return tx.Exec(ctx, "broadcast.stop", name, by, now) })
}

func change(ctx context.Context, d db.DB, name string, f func(tx db.Tx) (int64, error)) error {
	return d.WriteDurable(ctx, func(tx db.Tx) error {
		x, err := scanRun(tx.QueryRow(ctx, "broadcast.run", name))
		if errors.Is(err, db.ErrNoRows) {
			return heed.Errorf(heed.Conflict, "The broadcast %q has not been started.", cut(name))
		}
		if err != nil {
			return err
		}
		n, err := f(tx)
		if err == nil && n == 0 {
			err = heed.Errorf(heed.Conflict, "The broadcast %q is %s: there is nothing left to change.", name, x.State)
		}
		return err
	})
}

// StartCheck has the audience of a broadcast looked at; an earlier look is forgotten.
func StartCheck(ctx context.Context, d db.DB, name, by string, now heed.Time) error {
	return d.WriteDurable(ctx, func(tx db.Tx) error {
		s, err := latest(ctx, tx, name, 0)
		if err != nil {
			return err
		}
		// First the row, whose lock a process that looks holds: then it writes nothing more of the earlier look.
		if _, err := tx.Exec(ctx, "broadcast.put_check", name, s.Version, string(s.Body), now, by); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "broadcast.clear_check", name)
		return err
	})
}
