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
	read func() Reading

	mu   sync.Mutex
	base Reading // our time is that of base.Wall plus what has elapsed since
	lead time.Duration
}

// Reading is what the machine's two clocks show at one moment.
type Reading struct {
	Wall    time.Time     // may be set, in either direction
	Elapsed time.Duration // since any moment; never runs back
}

// NewSystem returns the machine's clock.
func NewSystem() *System {
	start := time.Now()
	return FromReadings(func() Reading {
		now := time.Now()
		return Reading{Wall: now.Round(0), Elapsed: now.Sub(start)} // Round strips the monotonic reading that Sub takes
	})
}

// FromReadings returns a System on other clocks than the machine's.
func FromReadings(read func() Reading) *System { return &System{read: read, base: read()} }

// Now implements Clock.
func (s *System) Now() heed.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return heed.At(s.now())
}

// now is called with the lock held.
func (s *System) now() time.Time {
	r := s.read()
	ours := s.base.Wall.Add(r.Elapsed - s.base.Elapsed)
	if s.lead = ours.Sub(r.Wall); s.lead < 0 { // the wall clock runs ahead: follow it
		s.base, s.lead = r, 0
		return r.Wall
	}
	return ours
}

// smallest is what a wall clock may be corrected by without a word.
const smallest = time.Second

// SetBack is how far the wall clock is behind ours because it was set back; 0 when it was not.
func (s *System) SetBack() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.now(); s.lead < smallest {
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
