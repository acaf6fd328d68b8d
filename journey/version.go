package journey

import (
	"strconv"

	"github.com/heedcx/heed"
)

// version finds the plan that the run follows, and moves or ends the run when a new version says so. decided means that
// there is nothing more to do for now.
func (x *step) version() (goesOn, decided bool) {
	r := x.run
	latest := x.s.latest[r.Journey]
	if latest == nil {
		return x.leave(reasonDeleted, true), true
	}
	x.plan = latest
	if r.Version == latest.version {
		return true, latest.broken()
	}
	switch {
	case latest.broken():
	case latest.onPublish == publishExit:
		return x.leave(reasonVersion, true), true
	case latest.onPublish == publishMigrate:
		return x.migrate(latest)
	}
	old := x.s.oldVersion(r.Journey, r.Version)
	if old == nil || old.version < 0 {
		// Its version is gone, which only a store that was tampered with can bring about. The newest is the best guess.
		return x.migrate(latest)
	}
	x.plan = old
	return true, old.broken()
}

// broken says whether the plan is of a version that cannot be read: a run in it stands still.
func (p *plan) broken() bool { return len(p.places) == 0 }

// migrate takes the run into the newest version: to the node of the same id, where it goes on waiting since it came
// there. A node of the same id but another type is begun anew.
func (x *step) migrate(latest *plan) (goesOn, decided bool) {
	r := x.run
	if latest.broken() {
		return true, true
	}
	to := latest.byID[r.Node]
	if to == nil {
		return x.leave(reasonLost, true), true
	}
	old := x.s.oldVersion(r.Journey, r.Version)
	if old == nil || old.byID[r.Node] == nil || old.byID[r.Node].kind != to.kind {
		if !r.Message.IsZero() && !x.withdraw() {
			return true, true
		}
		r.Since, r.Due, r.Message = 0, x.now, heed.ID{}
	} else if w, ok := to.node.(*waitFor); ok && r.Since > 0 {
		r.Due = w.within.After(r.Since, x.zone())
	}
	r.Version, x.dirty = latest.version, true
	x.s.record(x, "migrated", "")
	return true, false
}

// pause freezes the run or lets it go on, as the journey's newest version says.
func (x *step) pause() bool {
	r := x.run
	if x.frozen {
		if !r.Message.IsZero() {
			// Take the message back: whether it may go is decided anew on resume.
			if !x.withdraw() {
				return true
			}
			r.Since, r.Due, r.Message = 0, x.now, heed.ID{}
		}
		r.Paused, x.dirty = true, true
		x.s.record(x, "paused", "")
		return true
	}
	r.Paused, x.dirty = false, true
	x.s.record(x, "resumed", "")
	if x.s.latest[r.Journey].onResume == resumeExit && r.Due > 0 && r.Due <= x.now {
		return x.leave(reasonResume, true)
	}
	return true
}

func itoa(n int) string { return strconv.Itoa(n) }
