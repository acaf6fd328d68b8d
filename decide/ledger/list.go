package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide"
)

// Filter says which messages or decisions a list holds. What is empty does not narrow it. Lists are newest first;
// the next page starts After the last id of this one.
type Filter struct {
	Person  heed.ID
	Message heed.ID // decisions only
	Journey string
	Node    string
	Run     heed.ID // messages only
	Channel string
	Purpose string
	State   heed.MessageState // messages only
	Reason  string
	Outcome heed.Outcome // decisions only
	Dry     *bool        // decisions only: asked without sending, or not
	Since   heed.Time    // made or decided at or after
	Until   heed.Time    // before
	After   heed.ID
	Limit   int // 1 to 1000; 0 is 50
}

const (
	defaultPage = 50
	maxPage     = 1000
)

func (f *Filter) limit() int {
	if f.Limit <= 0 {
		return defaultPage
	}
	return min(f.Limit, maxPage)
}

// where collects conditions and their arguments.
type where struct {
	text strings.Builder
	args []any
}

func (w *where) add(condition string, arg any) {
	w.args = append(w.args, arg)
	w.text.WriteString(" AND ")
	fmt.Fprintf(&w.text, condition, fmt.Sprintf("$%d", len(w.args)))
}

func (w *where) id(column string, id heed.ID) {
	if !id.IsZero() {
		w.add(column+" = %s", id)
	}
}

func (w *where) word(column, v string) {
	if v != "" {
		w.add(column+" = %s", v)
	}
}

func (w *where) dry(is *bool) {
	if is == nil {
		return
	}
	dry := 0
	if *is {
		dry = 1
	}
	w.add("dry = %s", dry)
}

// common adds what both tables have. Ids sort by time, so that a stretch of time is a stretch of the primary key.
func (f *Filter) common(w *where) {
	w.id("person", f.Person)
	w.word("journey", f.Journey)
	w.word("node", f.Node)
	w.word("channel", f.Channel)
	w.word("purpose", f.Purpose)
	w.word("reason", f.Reason)
	if !f.After.IsZero() {
		w.add("id < %s", f.After)
	}
}

// Messages lists messages.
func (l *Ledger) Messages(ctx context.Context, f Filter) ([]MessageRow, error) {
	var w where
	f.common(&w)
	if f.Channel != "" && f.Channel != "email" {
		w.text.WriteString(" AND channel <> 'email'") // there is an index of these
	}
	w.id("run", f.Run)
	w.word("state", string(f.State))
	if f.Since > 0 {
		w.add("made >= %s", f.Since)
	}
	if f.Until > 0 {
		w.add("made < %s", f.Until)
	}
	w.args = append(w.args, f.limit())
	sql := `SELECT id, person, channel, purpose, class, state, reason, journey, node, run, address, made, due, expires,
  sent_at, changed_at, provider, detail, attempts, intent FROM message WHERE 1 = 1` + w.text.String() +
		fmt.Sprintf(" ORDER BY id DESC LIMIT $%d", len(w.args))
	var out []MessageRow
	err := l.db.Read(ctx, func(q db.Querier) error {
		ms, err := messagesOf(q.QuerySQL(ctx, sql, w.args...))
		for _, m := range ms {
			out = append(out, m.row())
		}
		return err
	})
	return out, err
}

// MessageRow is a message with the reason of its latest decision.
type MessageRow struct {
	heed.Message
	Reason  string    `json:"reason"`
	Changed heed.Time `json:"changed"`
}

func (m *message) row() MessageRow {
	return MessageRow{Message: m.Message, Reason: m.Reason, Changed: m.Changed}
}

// Decisions lists decisions.
func (l *Ledger) Decisions(ctx context.Context, f Filter) ([]Row, error) {
	w := f.decisions()
	w.args = append(w.args, f.limit())
	sql := `SELECT id, at, person, message, journey, node, channel, purpose, outcome, reason, rule, text, until, dry, asked_by, inputs
FROM decision WHERE 1 = 1` + w.text.String() + fmt.Sprintf(" ORDER BY id DESC LIMIT $%d", len(w.args))
	var out []Row
	err := l.db.Read(ctx, func(q db.Querier) (err error) {
		out, err = decisionsOf(q.QuerySQL(ctx, sql, w.args...))
		return err
	})
	return out, err
}

func (f *Filter) decisions() where {
	var w where
	f.common(&w)
	w.id("message", f.Message)
	w.word("outcome", string(f.Outcome))
	if f.Outcome != "" && f.Outcome != heed.Send {
		w.text.WriteString(" AND outcome <> 'send'") // there is an index of these
	}
	w.dry(f.Dry)
	// A decision's id is made at its time: a stretch of time is a stretch of the primary key.
	if f.Since > 0 {
		w.add("id >= %s", floor(f.Since))
		w.add("at >= %s", f.Since)
	}
	if f.Until > 0 {
		w.add("id < %s", floor(f.Until.Add(1e6)))
		w.add("at < %s", f.Until)
	}
	return w
}

// floor is not after any id made at t.
func floor(t heed.Time) heed.ID {
	id := heed.MakeID(t, [10]byte{})
	clear(id[6:])
	return id
}

func decisionsOf(rows db.Rows, err error) ([]Row, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Row
	for rows.Next() {
		d, err := scanDecision(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, rows.Err()
}

// Count is how many decisions had one reason.
type Count struct {
	Outcome heed.Outcome `json:"outcome"`
	Reason  string       `json:"reason"`
	Rule    string       `json:"rule,omitempty"`
	N       int64        `json:"n"`
}

// Story is everything about one message: why it was sent, why not, and what came of it.
type Story struct {
	Message   MessageRow `json:"message"`
	Decisions []Row      `json:"decisions"` // oldest first
	Now       string     `json:"now"`       // where it stands, as one sentence
}

// Story tells the story of one message.
func (l *Ledger) Story(ctx context.Context, id heed.ID) (Story, error) {
	var s Story
	err := l.db.Read(ctx, func(q db.Querier) (err error) {
		if s.Message, err = l.message(ctx, q, id); err != nil {
			return err
		}
		s.Decisions, err = decisionsOf(q.Query(ctx, "ledger.decisions_of_message", id))
		return err
	})
	if err == nil {
		s.Now = s.Message.sentence(s.Decisions)
	}
	return s, err
}

// Message returns one message.
func (l *Ledger) Message(ctx context.Context, id heed.ID) (out MessageRow, err error) {
	err = l.db.Read(ctx, func(q db.Querier) (err error) {
		out, err = l.message(ctx, q, id)
		return err
	})
	return out, err
}

// message finds one, also one that nobody has wanted yet, but about which was decided already: the turn of a broadcast
// that was put off, or does not come. Of that the decisions are all that there is.
func (l *Ledger) message(ctx context.Context, q db.Querier, id heed.ID) (MessageRow, error) {
	m, err := scanMessage(q.QueryRow(ctx, "ledger.message", id))
	if err == nil {
		return m.row(), nil
	}
	if !errors.Is(err, db.ErrNoRows) {
		return MessageRow{}, err
	}
	told, err := decisionsOf(q.Query(ctx, "ledger.decisions_of_message", id))
	if err != nil {
		return MessageRow{}, err
	}
	if len(told) == 0 || told[len(told)-1].Outcome == heed.Send {
		return MessageRow{}, missing(db.ErrNoRows, "message", id)
	}
	first, last := told[0], told[len(told)-1]
	m = &message{Reason: last.Reason, Changed: last.At}
	m.Intent, m.Made, m.Due, m.Detail = last.Intent(), first.At, last.Until, last.Text
	m.Asked = first.At
	switch {
	case last.Outcome == heed.Hold:
		m.State = heed.MessageHeld
	case last.Reason == decide.Withdrawn:
		m.State = heed.MessageCanceled
	default:
		m.State = heed.MessageDropped
	}
	o, err := l.current(ctx, q)
	if err != nil {
		return MessageRow{}, err
	}
	if pu := o.Purpose(m.Purpose); pu != nil {
		m.Class = pu.Class
	}
	return m.row(), nil
}

// MessageByProvider returns the latest message to which the next hop gave this id.
func (l *Ledger) MessageByProvider(ctx context.Context, id string) (MessageRow, error) {
	var out MessageRow
	err := l.db.Read(ctx, func(q db.Querier) error {
		m, err := scanMessage(q.QueryRow(ctx, "ledger.message_by_provider", id))
		if err == nil {
			out = m.row()
		}
		if errors.Is(err, db.ErrNoRows) {
			return heed.Errorf(heed.NotFound, "There is no message that its next hop called %.100q.", id)
		}
		return err
	})
	return out, err
}

// Decision returns one decision.
func (l *Ledger) Decision(ctx context.Context, id heed.ID) (Row, error) {
	var d Row
	err := l.db.Read(ctx, func(q db.Querier) (err error) {
		d, err = scanDecision(q.QueryRow(ctx, "ledger.decision", id))
		return missing(err, "decision", id)
	})
	return d, err
}

func missing(err error, what string, id heed.ID) error {
	if errors.Is(err, db.ErrNoRows) {
		return heed.Errorf(heed.NotFound, "There is no %s %s.", what, id)
	}
	return err
}

// sentence says where a message stands.
func (m *MessageRow) sentence(ds []Row) string {
	last := ""
	if len(ds) > 0 {
		last = ds[len(ds)-1].Text
	}
	detail := ""
	if m.Detail != "" {
		detail = ": " + m.Detail
	}
	switch m.State {
	case heed.MessageReserved:
		return "It may go, counts against the caps, and waits for a sender" + detail + "."
	case heed.MessageSending:
		return "A sender has it."
	case heed.MessageSent:
		return "It went out at " + m.SentAt.String() + detail + "."
	case heed.MessageDelivered:
		return "It was delivered" + detail + "."
	case heed.MessageBounced:
		return "It came back" + detail + "."
	case heed.MessageComplained:
		return "They complained about it" + detail + "."
	case heed.MessageFailed:
		return "It could not be delivered" + detail + "."
	case heed.MessageUnknown:
		return "It may or may not have gone out, and is not sent again" + detail + "."
	}
	return strings.ToUpper(last[:min(1, len(last))]) + last[min(1, len(last)):] + "."
}
