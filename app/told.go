package app

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/decide/ledger"
)

// told answers what was said to people, and why or why not, from the ledger.
type told struct{ ledger *ledger.Ledger }

// Decide implements api.Decider.
func (t told) Decide(ctx context.Context, in heed.Intent) (heed.Decision, error) {
	return t.ledger.Ask(ctx, in)
}

// Decisions implements api.Decisions.
func (t told) Decisions(ctx context.Context, q api.DecisionQuery) ([]api.LedgerEntry, error) {
	rows, err := t.ledger.Decisions(ctx, ledgerFilter(q))
	out := make([]api.LedgerEntry, len(rows))
	for i := range rows {
		out[i] = ledgerEntry(&rows[i])
	}
	return out, err
}

func ledgerFilter(q api.DecisionQuery) ledger.Filter {
	return ledger.Filter{Person: q.Person, Message: q.Message, Journey: q.Journey, Channel: q.Channel, Purpose: q.Purpose, Outcome: heed.Outcome(q.Outcome), Reason: q.Reason,
		Since: q.Since, Until: q.Until, After: q.Before, Limit: q.Limit}
}

func ledgerEntry(r *ledger.Row) api.LedgerEntry {
	return api.LedgerEntry{ID: r.ID, At: r.At, Intent: r.Intent(), Decision: r.Decision(), Inputs: r.Inputs, Dry: r.Dry}
}

// Messages implements api.Messages.
func (t told) Messages(ctx context.Context, q api.MessageQuery) ([]heed.Message, error) {
	rows, err := t.ledger.Messages(ctx, ledger.Filter{
		Person: q.Person, State: heed.MessageState(q.State), Channel: q.Channel, Purpose: q.Purpose, Journey: q.Journey, After: q.Before, Limit: q.Limit,
	})
	out := make([]heed.Message, len(rows))
	for i := range rows {
		out[i] = rows[i].Message
	}
	return out, err
}

// Message implements api.Messages.
func (t told) Message(ctx context.Context, id heed.ID) (heed.Message, error) {
	row, err := t.ledger.Message(ctx, id)
	return row.Message, err
}

// Tries implements api.Deliveries.
func (t told) Tries(ctx context.Context, id heed.ID) ([]api.Try, error) {
	list, err := t.ledger.Tries(ctx, id)
	out := make([]api.Try, len(list))
	for i, x := range list {
		out[i] = api.Try{At: api.Time(x.At), Millis: float64(x.Took.Microseconds()) / 1000, Status: x.Status, Detail: x.Detail, By: x.By}
	}
	return out, err
}

// Resend implements api.Deliveries.
func (t told) Resend(ctx context.Context, id heed.ID, by string) (heed.Message, error) {
	return t.ledger.Resend(ctx, id, by)
}
