package clock_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/clock"
)

// machine is a pair of clocks that the test sets.
type machine struct{ clock.Reading }

func newMachine() (*machine, *clock.System) {
	m := &machine{clock.Reading{Wall: time.Date(2026, 5, 9, 12, 0, 0, 0, time.UTC)}}
	return m, clock.FromReadings(func() clock.Reading { return m.Reading })
}

// pass lets time pass on both clocks.
func (m *machine) pass(d time.Duration) { m.Wall, m.Elapsed = m.Wall.Add(d), m.Elapsed+d }

// set sets the wall clock only.
func (m *machine) set(d time.Duration) { m.Wall = m.Wall.Add(d) }

func want(t *testing.T, s *clock.System, at string, back time.Duration) {
	t.Helper()
	if got := s.Now().Std().Format("15:04:05"); got != at {
		t.Errorf("it is %s, want %s", got, at)
	}
	if got := s.SetBack(); got != back {
		t.Errorf("set back by %s, want %s", got, back)
	}
}

func TestClockSetBackAnHour(t *testing.T) {
	m, s := newMachine()
	m.pass(10 * time.Minute)
	want(t, s, "12:10:00", 0)
	m.set(-time.Hour)
	want(t, s, "12:10:00", time.Hour) // time stands, and never runs back
	m.pass(time.Second)
	want(t, s, "12:10:01", time.Hour) // and goes on at its own pace
	m.pass(29*time.Minute + 59*time.Second)
	want(t, s, "12:40:00", time.Hour)
	m.set(20 * time.Minute) // somebody corrects a part of it
	want(t, s, "12:40:00", 40*time.Minute)
	m.set(40 * time.Minute)
	want(t, s, "12:40:00", 0) // it has caught up, and Heed says no more
	m.pass(time.Minute)
	want(t, s, "12:41:00", 0)
}

func TestClockSetForwardIsFollowed(t *testing.T) {
	m, s := newMachine()
	m.set(3 * time.Hour)
	want(t, s, "15:00:00", 0)
	m.pass(time.Minute)
	want(t, s, "15:01:00", 0)
	m.set(-3 * time.Hour) // it had been wrong
	want(t, s, "15:01:00", 3*time.Hour)
}

func TestSmallCorrectionsGoWithoutAWord(t *testing.T) {
	m, s := newMachine()
	m.pass(time.Minute)
	m.set(-900 * time.Millisecond)
	want(t, s, "12:01:00", 0)
	m.set(-200 * time.Millisecond)
	want(t, s, "12:01:00", 1100*time.Millisecond)
}

func TestTheMachinesOwnClock(t *testing.T) {
	s := clock.NewSystem()
	before := heed.At(time.Now())
	got := s.Now()
	if after := heed.At(time.Now()); got < before || got > after {
		t.Errorf("%s is not between %s and %s", got, before, after)
	}
	if back := s.SetBack(); back != 0 {
		t.Errorf("set back by %s", back)
	}
}

// TestNeverBack sets the wall clock at random: our time never runs back, never slower than time passes, and is never
// ahead of what the wall clock has shown, carried on.
func TestNeverBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, s := newMachine()
		last, highest := s.Now(), m.Wall
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			passed := time.Duration(rapid.Int64Range(0, int64(2*time.Hour)).Draw(t, "passed")).Truncate(time.Microsecond)
			m.pass(passed)
			highest = highest.Add(passed)
			if rapid.Bool().Draw(t, "set it") {
				m.set(time.Duration(rapid.Int64Range(-int64(3*time.Hour), int64(3*time.Hour)).Draw(t, "by")).Truncate(time.Microsecond))
			}
			if m.Wall.After(highest) {
				highest = m.Wall
			}
			now, back := s.Now(), s.SetBack()
			if now < last.Add(passed) {
				t.Fatalf("it is %s, %s after %s", now, passed, last)
			}
			if now != heed.At(highest) {
				t.Fatalf("it is %s, want %s", now, heed.At(highest))
			}
			if want := highest.Sub(m.Wall); back != want && (want >= time.Second || back != 0) {
				t.Fatalf("set back by %s, want %s", back, want)
			}
			last = now
		}
	})
}
