package stream

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Stage is one step of what a worker does with a batch. All I/O happens in Begin and Flush, for the whole batch at
// once; Apply is called per event, in order, and touches memory only.
//
// Stages run in a fixed order (identity, profile, segment, journey, decide). Whatever one concludes it hands on with
// Batch.Emit as a derived event, which then passes all stages from the first, so that a journey that sets a trait can
// move a person into a segment that starts another journey.
type Stage interface {
	Name() string
	// Begin loads what the stage needs for the batch. It runs once per attempt: after a rollback it runs again.
	Begin(ctx context.Context, tx db.Tx, b *Batch) error
	// Apply takes in one event. p is nil for an event that belongs to nobody.
	Apply(b *Batch, p *heed.Person, e *heed.Event)
	// Flush writes what Begin and Apply changed.
	Flush(ctx context.Context, tx db.Tx, b *Batch) error
}

// Settler is a Stage that also concludes for the batch as a whole. When every event has passed, the engine calls Settle
// again and again until it reports false: once for each person is usual, because what it emits each time is carried
// through the stages before the next call, within the bound of MaxDerived. decide arbitrates there among everything
// that wants to go at the same moment.
type Settler interface {
	Settle(b *Batch) bool
}

// Preparer is a Stage that has much to work out before it writes. When every event has passed, Prepare runs beside the
// Flush of the stages before it; it reads the batch, and changes only what no other stage's Flush touches.
type Preparer interface {
	Prepare(b *Batch) error
}

// Batch is what passes the stages in one transaction.
type Batch struct {
	// Now is the time by which the batch decides, the same for all of it.
	Now heed.Time
	// Events are in order and without duplicates. Identity sets their Person and may insert PeopleMerged events.
	Events []*heed.Event
	// People are the documents of everyone whom an event touches, loaded and locked by profile. A person that is new
	// has Rev 0.
	People map[heed.ID]*heed.Person
	// Revision counts changes of the brand's specs; a stage reloads its specs when it differs from what it has.
	Revision int64
	// Rebuild is set while memory is rebuilt from the stream: stages fold, but start nothing and send nothing.
	Rebuild bool

	queue []*heed.Event
	facts []*heed.Event
	after []func()
	steps int
}

// After has f called when the batch has committed, and never when it was rolled back. f must not block: the worker
// waits for it.
func (b *Batch) After(f func()) { b.after = append(b.after, f) }

// MaxDerived bounds the derived events that one event may cause, so that journeys that feed each other stop.
const MaxDerived = 200

// Emit hands on a derived event. It is applied after the current event has passed all stages. It reports false, and
// drops the event, when the current event has caused MaxDerived of them.
func (b *Batch) Emit(e *heed.Event) bool {
	if b.steps >= MaxDerived {
		return false
	}
	b.steps++
	if e.Timestamp == 0 {
		e.Timestamp = b.Now
	}
	b.queue = append(b.queue, e)
	return true
}

// Record puts a derived event on the facts stream when the batch commits, for the history store. It does not pass
// the stages.
func (b *Batch) Record(e *heed.Event) {
	if e.Timestamp == 0 {
		e.Timestamp = b.Now
	}
	b.facts = append(b.facts, e)
}

// Person returns the document of id, nil when it is not part of the batch.
func (b *Batch) Person(id heed.ID) *heed.Person {
	if id.IsZero() {
		return nil
	}
	return b.People[id]
}

// apply carries every event, and what it derives, through the stages.
func (b *Batch) apply(stages []Stage) {
	for _, e := range b.Events {
		b.steps = 0
		b.one(stages, e)
		for i := 0; i < len(b.queue); i++ {
			b.one(stages, b.queue[i])
		}
		b.queue = b.queue[:0]
	}
	b.settle(stages)
}

func (b *Batch) settle(stages []Stage) {
	for again := true; again; {
		again = false
		for _, s := range stages {
			if s, ok := s.(Settler); ok {
				b.steps = 0
				again = s.Settle(b) || again
				for i := 0; i < len(b.queue); i++ {
					b.one(stages, b.queue[i])
				}
				b.queue = b.queue[:0]
			}
		}
	}
}

func (b *Batch) one(stages []Stage, e *heed.Event) {
	for _, s := range stages {
		// Asked for anew each time: a merge or an erasure may have replaced the document.
		s.Apply(b, b.Person(e.Person), e)
	}
}
