package journey

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/draw"
	"github.com/heedcx/heed/stream"
)

// step is what a node knows while it acts for one run: who, why now, and where in which journey.
type step struct {
	s    *work
	b    *stream.Batch
	p    *heed.Person
	e    *heed.Event // what made us look; a Wake when it is time alone
	plan *plan
	at   *place
	run  *heed.Run
	now  heed.Time
	// when is the moment that the step belongs to, the same on every attempt at a batch: the run's due time, or when
	// the event was received.
	when   heed.Time
	frozen bool // the journey is paused: time does not act
	loc    *time.Location
	path   []string // nodes passed in this step, for the fact
	held   bool     // held out on the way
	dirty  bool
}

// zone is the person's time zone along the brand's chain; UTC when the chain ends without one. Decide has its own,
// stricter reading: it never sends on a zone that nobody declared.
func (x *step) zone() *time.Location {
	if x.loc == nil {
		x.loc = x.s.zoneOf(x.p)
	}
	return x.loc
}

// due says whether the run's time has come.
func (x *step) due() bool { return !x.frozen && x.run.Due > 0 && x.run.Due <= x.now }

// until sets when the run goes on.
func (x *step) until(t heed.Time) {
	if x.run.Due != t {
		x.run.Due, x.dirty = t, true
	}
}

// later leaves the node untouched and comes back in a minute, when a budget says not now.
func (x *step) later() move {
	x.run.Since, x.run.Due, x.dirty = 0, x.now.Add(laterBy), true
	return still()
}

// id makes the id of what this visit of the node brings about. The same run, node and visit give the same id.
func (x *step) id(what string) heed.ID {
	h := sha256.New()
	h.Write(x.run.ID[:])
	h.Write([]byte(x.at.id))
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(x.run.Steps))
	h.Write(n[:])
	h.Write([]byte(what))
	var tail [10]byte
	copy(tail[:], h.Sum(nil))
	return heed.MakeID(x.when, tail)
}

// whenOf is the moment of an event, see step.when: when it was received; for the answer about a message, when that was
// made, unless the answer was long in coming. For other facts that a batch derives it is the batch's own time: what was
// rolled back has left nothing behind that the same id would have to be recognised by.
func whenOf(b *stream.Batch, e *heed.Event) heed.Time {
	switch {
	case e.Type == heed.MessageDecided:
		if made := madeAt(e.Ref); b.Now.Sub(made) < time.Hour {
			return made
		}
	case e.ReceivedAt > 0 && !e.Type.Derived():
		return e.ReceivedAt
	}
	return b.Now
}

// madeAt is the time in an id.
func madeAt(id heed.ID) heed.Time {
	var ms [8]byte
	copy(ms[2:], id[:6])
	return heed.Time(binary.BigEndian.Uint64(ms[:])) * 1000
}

// share places a person in [0,1) for one purpose, always the same.
func share(p heed.ID, journey, node string) float64 { return draw.Share(p, journey, node) }
