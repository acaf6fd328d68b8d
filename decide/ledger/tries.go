package ledger

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Try is one attempt to hand a message over, or somebody's wish for another one.
type Try struct {
	At     heed.Time     `json:"at"`
	Took   time.Duration `json:"took,omitempty"`
	Status int           `json:"status,omitempty"` // HTTP; 0 when there was no answer
	Detail string        `json:"detail,omitempty"` // the first words of the answer, or why there was none
	By     string        `json:"by,omitempty"`     // who wanted it sent again; there was no request then
}

// line is how a try is kept: tries of one message are lines of one text.
func (t Try) line() string {
	b, _ := json.Marshal(t) // text and numbers always encode
	return string(b) + "\n"
}

func tryOf(r *heed.SendResult) Try {
	return Try{At: r.At, Took: r.Took, Status: r.Status, Detail: r.Detail}
}

// Tries returns what each attempt to hand a message over came to, the oldest first. Only channels that time their
// requests tell.
func (l *Ledger) Tries(ctx context.Context, id heed.ID) (out []Try, err error) {
	var text string
	err = l.db.Read(ctx, func(q db.Querier) error {
		return missing(q.QueryRow(ctx, "ledger.tries", id).Scan(&text), "message", id)
	})
	for line := range strings.Lines(text) {
		var t Try
		if err := json.Unmarshal([]byte(line), &t); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, err
}

// maxTries bounds what is kept of one message.
const maxTries = 100

// Resend offers a message that a channel has had once more, under the same id: whoever has it already can tell. It
// passes the gate again when a sender claims it, so who has opted out meanwhile gets nothing. A heed.Conflict says why
// it cannot be sent again.
func (l *Ledger) Resend(ctx context.Context, id heed.ID, by string) (heed.Message, error) {
	var m *message
	err := l.db.WriteDurable(ctx, func(tx db.Tx) (err error) {
		if m, err = scanMessage(tx.QueryRow(ctx, "ledger.message_to_resend", id)); err != nil {
			return missing(err, "message", id)
		}
		switch m.State {
		case heed.MessageSent, heed.MessageDelivered, heed.MessageFailed, heed.MessageUnknown:
		case heed.MessageReserved, heed.MessageSending:
			return heed.Errorf(heed.Conflict, "This message is on its way already.")
		default:
			return heed.Errorf(heed.Conflict, "This message is %s: the channel has never had it, so there is nothing to send again.", m.State)
		}
		if m.Attempts >= maxTries {
			return heed.Errorf(heed.Conflict, "This message was sent %d times: that is the most.", m.Attempts)
		}
		now := l.clock.Now()
		o, err := l.current(ctx, tx)
		if err != nil {
			return err
		}
		m.Asked = now // it is wanted now, so it is as fresh as one that is wanted for the first time
		m.State, m.Due, m.Expires, m.Changed, m.Detail = heed.MessageReserved, now, o.Expires(&m.Intent), now, "sent again by "+by
		_, err = tx.Exec(ctx, "ledger.resend", id, now, m.Expires, m.Detail, Try{At: now, By: by}.line(), m.rest())
		return err
	})
	if err != nil {
		return heed.Message{}, err
	}
	if l.wake != nil {
		l.wake(m.Channel)
	}
	return m.Message, nil
}
