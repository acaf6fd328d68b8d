package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

var errProbe = errors.New("stream: a probe is rolled back")

// find tells which events make a transaction fail, by halves. An error is the store's: then no event is to blame.
func (w *Worker) find(ctx context.Context, events []*heed.Event) (map[*heed.Event]error, error) {
	err := w.Engine.probe(ctx, events)
	if err == nil || len(events) == 0 {
		return nil, ctx.Err()
	}
	if down := w.down(ctx, err); down != nil {
		return nil, down
	}
	if len(events) == 1 {
		return map[*heed.Event]error{events[0]: err}, nil
	}
	bad := map[*heed.Event]error{}
	for _, half := range [][]*heed.Event{events[:len(events)/2], events[len(events)/2:]} {
		found, err := w.find(ctx, half)
		if err != nil {
			return nil, err
		}
		maps.Copy(bad, found)
	}
	return bad, nil
}

// down returns an error when it is the store that failed with err: what it cannot take now is no dead letter.
func (w *Worker) down(ctx context.Context, err error) error {
	if !db.Trouble(err) {
		if err = w.Engine.DB.Write(ctx, func(db.Tx) error { return nil }); err == nil {
			return nil
		}
	}
	return fmt.Errorf("the state store does not take writes: %w", err)
}

// bury puts an event on topic Dead.
func (w *Worker) bury(ctx context.Context, e *heed.Event, stage string, reason error) error {
	w.stats.DeadLetters.add(1)
	w.Logger.Error("event put aside as a dead letter", "partition", e.Partition, "seq", e.Seq, "index", e.Index, "stage", stage, "error", reason)
	return PutDeadLetter(ctx, w.Log, DeadLetter{
		ID: heed.NewID(w.Engine.Clock.Now()).String(), At: w.Engine.Clock.Now(), Stage: stage, Source: e.Source, Reason: reason.Error(),
		Partition: e.Partition, Seq: e.Seq, Index: e.Index, Event: describe(e),
	})
}

// maxDeadEvent bounds what a dead letter keeps of its event, in bytes.
const maxDeadEvent = 64 << 10

func describe(e *heed.Event) heed.RawValue {
	text, err := json.Marshal(map[string]any{
		"type": e.Type.String(), "messageId": e.MessageID, "userId": e.UserID, "anonymousId": e.AnonymousID, "event": e.Name,
		"timestamp": e.Timestamp.String(), "properties": heed.RawValue(e.Properties),
	})
	if err != nil || len(text) > maxDeadEvent {
		return ""
	}
	return heed.RawValue(text)
}

// PutDeadLetter appends d to topic Dead.
func PutDeadLetter(ctx context.Context, log Log, d DeadLetter) error {
	text, err := json.Marshal(d)
	if err != nil {
		return err
	}
	_, err = log.Append(ctx, Dead, 0, text)
	return err
}

// probe takes events through the stages and rolls everything back.
func (g *Engine) probe(ctx context.Context, events []*heed.Event) error {
	err := guarded(func() error {
		return g.DB.Write(ctx, func(tx db.Tx) error {
			if err := g.run(ctx, tx, g.batch(events)); err != nil {
				return err
			}
			return errProbe
		})
	})
	if errors.Is(err, errProbe) {
		return nil
	}
	return err
}
