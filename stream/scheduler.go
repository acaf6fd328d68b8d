package stream

import (
	"context"
	"log/slog"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Scheduler wakes the people whose time has come.
type Scheduler struct {
	Engine *Engine
	// Horizon is the time up to which events have been folded; waits do not expire beyond it.
	Horizon func() heed.Time
	Logger  *slog.Logger
	woken   counter
}

// How many people one transaction wakes, and how often to look when nobody was due.
const (
	wakeBatch = 2000
	wakeEvery = 100 * time.Millisecond
)

// Woken counts the people woken so far.
func (s *Scheduler) Woken() int64 { return s.woken.Value() }

// Run works until ctx is done.
func (s *Scheduler) Run(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := s.once(ctx)
		if err != nil && ctx.Err() == nil {
			s.Logger.Error("waking people failed; trying again", "error", err)
		}
		if n < wakeBatch || err != nil {
			select {
			case <-ctx.Done():
			case <-time.After(wakeEvery):
			}
		}
	}
}

func (s *Scheduler) once(ctx context.Context) (n int, err error) {
	ctx, cancel := context.WithTimeout(ctx, foldTime)
	defer cancel()
	now := min(s.Engine.Clock.Now(), s.Horizon())
	ids, err := s.Engine.wake(ctx, now, wakeBatch, nil)
	if err != nil && len(ids) > 0 && ctx.Err() == nil && !db.Trouble(err) {
		err = s.apart(ctx, now, ids, err)
	}
	s.woken.add(len(ids))
	return len(ids), err
}
