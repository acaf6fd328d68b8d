// Package clock tells the time. Everything that decides by time takes a Clock, so that tests and rehearsals run on a
// virtual one.
package clock

import (
	"sync"
	"time"

	"github.com/heedcx/heed"
)

// Clock tells the time.
type Clock interface {
	Now() heed.Time
}

// System is the machine's clock that never runs backwards: when the wall clock is set back, it goes on from where it
// was at the monotonic clock's pace until the wall clock has caught up, and says so in SetBack.
type System struct {
	mu   sync.Mutex
	base time.Time // has a monotonic reading
	lead time.Duration
}

// NewSystem returns the machine's clock.
func NewSystem() *System { return &System{base: time.Now()} }

// Now implements Clock.
func (s *System) Now() heed.Time { return heed.At(s.read(time.Now())) }

// read turns a reading of both clocks into our time.
func (s *System) read(now time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	ours := s.base.Round(0).Add(now.Sub(s.base)) // wall at the base plus monotonic time since
	wall := now.Round(0)
	s.lead = ours.Sub(wall)
	if s.lead < 0 { // the wall clock runs ahead: follow it
		s.base, s.lead = now, 0
		return wall
	}
	if s.lead < time.Second { // drift and small corrections
		return ours
	}
	return ours
}

// SetBack is how far the wall clock is behind ours because it was set back; 0 when it was not.
func (s *System) SetBack() time.Duration {
	s.read(time.Now())
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lead < time.Second {
		return 0
	}
	return s.lead
}

// Virtual is a clock that only moves when told to.
type Virtual struct {
	mu  sync.Mutex
	now heed.Time
}

// NewVirtual returns a clock that stands at t.
func NewVirtual(t heed.Time) *Virtual { return &Virtual{now: t} }

// Now implements Clock.
func (v *Virtual) Now() heed.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now
}

// Set moves the clock to t.
func (v *Virtual) Set(t heed.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.now = t
}

// Advance moves the clock by d.
func (v *Virtual) Advance(d time.Duration) { v.Set(v.Now().Add(d)) }
