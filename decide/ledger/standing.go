package ledger

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Standing is how many messages are not at their end, for metrics.
type Standing struct {
	Messages   map[heed.MessageState]int64 // held, reserved, sending, unknown
	HeldPeople int64                       // people for whom something is held
}

// Standing counts what waits. It does not look at messages that have come to their end.
func (l *Ledger) Standing(ctx context.Context) (Standing, error) {
	var held, reserved, sending, unknown int64
	var s Standing
	err := l.db.Read(ctx, func(q db.Querier) error {
		return q.QueryRow(ctx, "ledger.standing").Scan(&held, &s.HeldPeople, &reserved, &sending, &unknown)
	})
	s.Messages = map[heed.MessageState]int64{
		heed.MessageHeld: held, heed.MessageReserved: reserved, heed.MessageSending: sending, heed.MessageUnknown: unknown,
	}
	return s, err
}
