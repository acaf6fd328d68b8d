package identity

import (
	"context"
	"log/slog"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/stream"
)

// Settled is the first stage while memory is rebuilt from the stream: it says whose an event is by the graph as it
// stands, and changes nothing in the graph. What was merged, cut apart or erased since the event happened has happened.
type Settled struct{ *Stage }

var _ stream.Stage = Settled{}

// NewSettled returns the stage.
func NewSettled(log *slog.Logger) Settled { return Settled{New(log)} }

// Begin implements stream.Stage.
func (s Settled) Begin(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	s.reset()
	if s.revision != b.Revision {
		c, err := LoadConfig(ctx, tx)
		if err != nil {
			return err
		}
		s.config, s.revision = c, b.Revision
	}
	if err := s.load(ctx, tx, b.Events); err != nil {
		return err
	}
	for i, e := range b.Events {
		if !e.Type.Derived() {
			e.Person = s.owner(i, e)
		}
	}
	return nil
}

// owner is whose the i-th event is now; zero when it is nobody's.
func (s Settled) owner(i int, e *heed.Event) heed.ID {
	switch e.Type {
	case heed.MergePeople, heed.SplitPerson, heed.ErasePerson:
		return heed.ID{} // done already
	}
	if id, ok := s.config.preset(e); ok {
		return s.presets[id]
	}
	if nodes := s.nodesAt(i); len(nodes) > 0 && !nodes[0].forgotten(e) {
		return nodes[0].person
	}
	return heed.ID{}
}

// Flush implements stream.Stage. There is nothing to write.
func (s Settled) Flush(context.Context, db.Tx, *stream.Batch) error { return nil }
