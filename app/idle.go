package app

import (
	"context"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/heedcx/heed/db"
)

const (
	idleEvery = 5 * time.Second
	idleShare = 0.03 // of one processor: below it nothing is going on but housekeeping
)

// idle gives caches and garbage back to the system when there is nothing to do, once until there is again: Heed often
// shares a machine with other programs, and a brand sleeps at night.
func (a *App) idle(ctx context.Context) {
	tick := time.NewTicker(idleEvery)
	defer tick.Stop()
	last, given := used(), false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := used()
		quiet := now-last < time.Duration(idleShare*float64(idleEvery))
		last = now
		if !quiet || given {
			given = given && quiet
			continue
		}
		a.shrink(ctx)
		debug.FreeOSMemory()
		trimHeap()
		if err := letGoOfProgram(); err != nil {
			a.log.Warn("the program's own pages could not be given back", "error", err)
		}
		last, given = used(), true
	}
}

// shrink lets the engines give back what they have cached.
func (a *App) shrink(ctx context.Context) {
	engines := map[string]any{"state": a.DB}
	if a.history != nil {
		engines["history"] = a.history.store
	}
	for name, e := range engines {
		if s, ok := e.(db.Shrinker); ok {
			if err := s.Shrink(ctx); err != nil {
				a.log.Warn("a cache could not be given back", "engine", name, "error", err)
			}
		}
	}
}

// used is the processor time that this process has had.
func used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
