package bounce

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/channel/token"
	"github.com/heedcx/heed/internal/clock"
)

// SoftBounced is the Feedback event for trouble that may pass: a full mailbox, a refusal of the content, a delay that
// became a failure. It suppresses nothing.
const SoftBounced = "soft_bounced"

// Messages finds whose message an id is.
type Messages interface {
	// Message returns the message, or an error with code heed.NotFound.
	Message(ctx context.Context, id heed.ID) (heed.Message, error)
}

// Intake turns reports into Feedback events.
type Intake struct {
	Keys     *token.Keys
	Messages Messages
	Sink     channel.Sink
	Clock    clock.Clock
	Log      *slog.Logger
}

// Take reads one mail that came in for the address to. It returns ErrNotReport for mail that is no report of ours,
// which may be thrown away; any other error is transient and the mail should be kept.
//
// A report is believed only when it names a message that we sent: by the signed tag of the return address, or by the
// message's id, which only those who handled the mail have seen. What it says of other addresses is not used.
func (in *Intake) Take(ctx context.Context, to string, raw io.Reader) error {
	rep, err := Parse(raw)
	if err != nil {
		return err
	}
	id := rep.Message
	tagged := false
	if local, _, ok := strings.Cut(to, "@"); ok {
		if _, tag, ok := strings.Cut(local, "+"); ok {
			if t, err := in.Keys.ReadBounceTag(tag); err == nil {
				id, tagged = t, true
			}
		}
	}
	if id.IsZero() {
		in.Log.Warn("a report does not say which message it is about", "to", channel.Clean(to, 100))
		return ErrNotReport
	}
	m, err := in.Messages.Message(ctx, id)
	if heed.CodeOf(err) == heed.NotFound {
		return ErrNotReport
	}
	if err != nil {
		return err
	}
	events := in.events(rep, m, tagged)
	if len(events) == 0 {
		return nil // delayed, or about somebody else: nothing to do
	}
	_, err = in.Sink.Write(ctx, events)
	return err
}

func (in *Intake) events(rep *Report, m heed.Message, tagged bool) []heed.Event {
	now := in.Clock.Now()
	f := channel.Feedback{Message: m.ID, Person: m.Person, Channel: m.Channel, Purpose: m.Purpose, Journey: m.Journey, Address: m.Address}
	if rep.Complaint {
		if rep.Type == "not-spam" {
			return nil
		}
		f.Detail = "complaint: " + rep.Type
		return []heed.Event{f.Event(string(heed.MessageComplained), "", now)}
	}
	for _, r := range rep.Recipients {
		// A mail of ours has one recipient. The report may name where it was forwarded to; with the tag that is the
		// same mail, without it only the address we wrote to counts.
		if !tagged && !strings.EqualFold(r.Address, m.Address) {
			continue
		}
		f.Hard, f.Detail = r.Hard, strings.TrimSpace(r.Status+" "+r.Detail)
		switch {
		case r.Action == "delivered":
			return []heed.Event{f.Event(string(heed.MessageDelivered), "", now)}
		case r.Action == "failed" && r.Hard:
			return []heed.Event{f.Event(string(heed.MessageBounced), "", now)}
		case r.Action == "failed":
			return []heed.Event{f.Event(SoftBounced, "", now)}
		}
	}
	return nil
}

// Handle is Take as channel/mailbox calls it for each mail that it catches.
func (in *Intake) Handle(ctx context.Context, _, to string, data []byte) error {
	err := in.Take(ctx, to, bytes.NewReader(data))
	if errors.Is(err, ErrNotReport) {
		return nil
	}
	return err
}
