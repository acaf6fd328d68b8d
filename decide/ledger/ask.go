package ledger

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide"
	"github.com/heedcx/heed/internal/spec"
)

// Ask answers "may I?" without sending anything, for an agent on the phone or another system. in.Person says about
// whom. The answer is put on record as a dry decision. It does not compete: the asker is there now.
func (l *Ledger) Ask(ctx context.Context, in heed.Intent) (heed.Decision, error) {
	if in.Person.IsZero() {
		return heed.Decision{}, heed.FieldErrorf("person", "is missing: say about whom you ask")
	}
	if err := checkIntent(&in); err != nil {
		return heed.Decision{}, err
	}
	now := l.clock.Now()
	if in.Asked == 0 {
		in.Asked = now
	}
	in.ID = heed.ID{} // nothing becomes of it
	var d heed.Decision
	err := l.db.Write(ctx, func(tx db.Tx) error {
		o, err := l.current(ctx, tx)
		if err != nil {
			return err
		}
		people, err := l.people.Load(ctx, tx, []heed.ID{in.Person})
		if err != nil {
			return err
		}
		p := people[in.Person]
		c := &decide.Candidate{Intent: &in, Waited: true}
		d = asked(o.DecideOne(c, p, now))
		row := l.ids.rowOf(&in, d, o.Inputs(c, p, now), now)
		row.Dry = true
		if p == nil {
			row.Person = heed.ID{}
		}
		return putRows(ctx, tx, []Row{row})
	})
	return d, err
}

// asked words a yes as the answer that it is: beside "sent" in the ledger nobody would know that nothing went out.
func asked(d heed.Decision) heed.Decision {
	switch d.Reason {
	case decide.OK:
		d.Text = "may go: nothing speaks against it"
	case decide.Critical:
		_, passed, _ := strings.Cut(d.Text, "any other message would have been ")
		d.Text = "may go because it is service-critical; any other message would be " + passed
	}
	return d
}

// Command makes the SendMessage event by which the API, or any other program with an API key, asks for one message.
// It goes onto the stream like every event, and is decided by the worker that folds it; the message's id, by which
// its story can be read, is the intent's. who names the person: identifiers, or none when in.Person is set.
func Command(in heed.Intent, who []heed.Identifier, source string, now heed.Time) (heed.Event, error) {
	if in.ID.IsZero() {
		in.ID = heed.NewID(now)
	}
	if in.Asked == 0 {
		in.Asked = now
	}
	if err := checkIntent(&in); err != nil {
		return heed.Event{}, err
	}
	if len(who) == 0 {
		if in.Person.IsZero() {
			return heed.Event{}, heed.FieldErrorf("person", "is missing: name the person by id or by an identifier")
		}
		who = []heed.Identifier{{Namespace: PersonNamespace, Value: in.Person.String()}}
	}
	body, err := json.Marshal(&in)
	if err != nil {
		return heed.Event{}, heed.Errorf(heed.Invalid, "The request cannot be encoded: %v", err)
	}
	e := heed.Event{Type: heed.SendMessage, MessageID: "send:" + in.ID.String(), Source: source, Name: in.Channel, Timestamp: now, ReceivedAt: now,
		Properties: body, Channel: in.Channel, Direction: heed.Outbound, Touchpoint: "Message"}
	for _, id := range who {
		switch id.Namespace {
		case heed.UserID:
			e.UserID = id.Value
		case heed.AnonymousID:
			e.AnonymousID = id.Value
		default:
			e.IDs = append(e.IDs, id)
		}
	}
	return e, nil
}

// WantMessage asks for one message: it puts the command of [Command] onto the stream with the given writer and
// returns the message's id.
func (l *Ledger) WantMessage(ctx context.Context, in heed.Intent, who []heed.Identifier, source string, write func(context.Context, []heed.Event) error) (heed.ID, error) {
	now := l.clock.Now()
	if in.ID.IsZero() {
		in.ID = heed.NewID(now)
	}
	e, err := Command(in, who, source, now)
	if err != nil {
		return heed.ID{}, err
	}
	return in.ID, write(ctx, []heed.Event{e})
}

// Replayed is a decision and what the same inputs give when it is made again.
type Replayed struct {
	Stored Row           `json:"stored"`
	Again  heed.Decision `json:"again"`
	Same   bool          `json:"same"`   // the outcome, reason, rule and moment agree
	Policy bool          `json:"policy"` // it was replayed with the very policy of that time
}

// Replay makes a decision of the ledger again, with the policy that was in force then.
func (l *Ledger) Replay(ctx context.Context, id heed.ID) (Replayed, error) {
	var out Replayed
	err := l.db.Read(ctx, func(q db.Querier) (err error) {
		if out.Stored, err = scanDecision(q.QueryRow(ctx, "ledger.decision", id)); err != nil {
			return missing(err, "decision", id)
		}
		o, err := l.policyAt(ctx, q, out.Stored.At)
		if err != nil {
			return err
		}
		if len(out.Stored.Inputs) <= len("{}") {
			return heed.Errorf(heed.Conflict, "This decision cannot be replayed: its inputs are not on record, or its person was erased.")
		}
		out.Again, out.Policy, err = decide.Replay(o, out.Stored.Inputs)
		return err
	})
	s, a := out.Stored, out.Again
	out.Same = s.Outcome == a.Outcome && s.Reason == a.Reason && s.Rule == a.Rule && s.Until == a.Until
	return out, err
}

// policyAt compiles what was in force at t.
func (l *Ledger) policyAt(ctx context.Context, q db.Querier, t heed.Time) (*decide.Policy, error) {
	var docs []decide.Doc
	rows, err := q.Query(ctx, "ledger.specs_at", t)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s spec.Spec
		var body string
		if err := rows.Scan(&s.Kind, &s.Name, &body); err != nil {
			return nil, err
		}
		docs = append(docs, decide.Doc{Kind: s.Kind, Name: s.Name, Body: []byte(body)})
	}
	o, _ := decide.Compile(docs, l.lang)
	return o, rows.Err()
}
