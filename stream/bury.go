package stream

import (
	"context"
	"encoding/json"

	"github.com/heedcx/heed"
)

// buryRecord puts aside a record that is no envelope, once in this process's life: it comes again when the rest of its
// batch could not be stored.
func (w *Worker) buryRecord(ctx context.Context, rec Record, reason error) error {
	if rec.Seq <= w.unread {
		return nil
	}
	err := w.bury(ctx, &heed.Event{Partition: rec.Partition, Seq: rec.Seq}, "decode", reason)
	if err == nil {
		w.unread = rec.Seq
	}
	return err
}

func (w *Worker) buryEvent(ctx context.Context, e *heed.Event, reason error) error {
	return w.bury(ctx, e, "fold", reason)
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
