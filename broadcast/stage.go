package broadcast

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/stream"
)

// by is how the messages of a broadcast say who wants them.
const by = "broadcast:"

// By is what Intent.By says of a broadcast's messages.
func By(name string) string { return by + name }

// Stage turns a BroadcastTurn into a message that is wanted, and notes what becomes of the messages of broadcasts. It
// is not safe for use by several workers at once: each has its own.
type Stage struct {
	log   *slog.Logger
	plans map[string]*started // what a broadcast was started with does not change

	// What follows lives for one batch.
	turns    []turn
	withdraw []turn
	later    []postponed
	decided  []decided
	happened []happened
	merges   merges
	erased   []heed.ID
}

var _ stream.Stage = (*Stage)(nil)

type started struct {
	run  *Run
	plan *plan // nil: it cannot be understood
}

type turn struct {
	broadcast, state, variant, reason string
	person, message                   heed.ID
}

// decided is what a MessageDecided event says; see the ledger's type of that name.
type decided struct {
	Message heed.ID   `json:"message"`
	Outcome string    `json:"outcome"`
	Reason  string    `json:"reason"`
	Rule    string    `json:"rule"`
	Text    string    `json:"text"`
	Until   heed.Time `json:"until"`
}

// postponed is a turn that comes later.
type postponed struct {
	broadcast string
	person    heed.ID
	decided
}

type happened struct {
	message heed.ID
	what    string
	at      heed.Time
}

// New returns the stage.
func New(log *slog.Logger) *Stage {
	return &Stage{log: log.With("stage", "broadcast"), plans: map[string]*started{}}
}

// Name implements stream.Stage.
func (s *Stage) Name() string { return "broadcast" }

// Begin implements stream.Stage: it reads the broadcasts whose turn comes in this batch.
func (s *Stage) Begin(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	s.turns, s.withdraw, s.later, s.decided, s.happened, s.erased = s.turns[:0], s.withdraw[:0], s.later[:0], s.decided[:0], s.happened[:0], nil
	for _, e := range b.Events {
		if (e.Type == heed.BroadcastTurn || e.Type == heed.MessageWithdrawn) && e.Name != "" {
			if err := s.know(ctx, tx, e.Name); err != nil {
				return err
			}
		}
	}
	var err error
	if s.merges, err = mergesOf(ctx, tx, b); err != nil {
		return err
	}
	for name := range s.merges.promised {
		if err := s.know(ctx, tx, name); err != nil {
			return err
		}
	}
	return nil
}

// know reads what a broadcast was started with, once.
func (s *Stage) know(ctx context.Context, tx db.Tx, name string) error {
	if s.plans[name] != nil {
		return nil
	}
	x, err := scanRun(tx.QueryRow(ctx, "broadcast.run", name))
	if errors.Is(err, db.ErrNoRows) {
		return nil // a journey of that name takes something back
	}
	if err != nil {
		return err
	}
	p, err := x.plan()
	if err != nil {
		s.log.Error("a broadcast cannot be understood and does not go on", "broadcast", x.Name, "error", err)
		p = nil
	}
	s.plans[x.Name] = &started{x, p}
	return nil
}

// Apply implements stream.Stage.
func (s *Stage) Apply(b *stream.Batch, p *heed.Person, e *heed.Event) {
	if b.Rebuild {
		return
	}
	switch e.Type {
	case heed.BroadcastTurn:
		if x := s.plans[e.Name]; x != nil && x.plan != nil {
			s.turn(b, p, e, x)
		}
	case heed.MessageWithdrawn:
		if x := s.plans[e.Name]; x != nil && x.run.ID == e.Ref {
			s.withdraw = append(s.withdraw, turn{broadcast: e.Name, person: e.Person})
		}
	case heed.MessageDecided:
		if name, ours := strings.CutPrefix(e.Source, by); ours {
			s.told(name, e)
		} else if e.Intent != nil && strings.HasPrefix(e.Intent.By, by) {
			s.decision(e)
		}
	case heed.Feedback:
		s.feedback(e)
	case heed.PeopleMerged:
		if !e.Loser.IsZero() && e.Loser != e.Person {
			s.merge(b, e)
		}
	case heed.PersonErased:
		s.erased = append(s.erased, e.Person)
	}
}

// turn decides what a broadcast means for one person, and wants the message.
func (s *Stage) turn(b *stream.Batch, p *heed.Person, e *heed.Event, x *started) {
	t := turn{broadcast: e.Name, person: e.Person}
	_, inside := segmentsOf(p)[x.plan.segment]
	switch {
	case p == nil || p.Rev == 0: // merged away or erased since; if merged, the row has gone along
		t.state, t.reason = Skipped, Gone
		s.turns = append(s.turns, t)
		return
	case !inside:
		t.state, t.reason = Skipped, LeftSegment
		s.turns = append(s.turns, t)
		if !e.Ref.IsZero() {
			b.Emit(x.plan.told(x.run, e.Person, left, b.Now))
		}
		return
	case x.plan.heldOut(p.ID):
		t.state = HeldOut
	default:
		t.state, t.message = Wanted, messageID(e.Name, x.run.BegunAt, p.ID)
	}
	v := x.plan.variant(p.ID)
	t.variant = v.Name
	if t.state == Wanted {
		in := x.plan.intent(p.ID, t.message, v, x.run.ID, b.Now)
		if !b.Emit(&heed.Event{Type: heed.MessageWanted, Person: p.ID, Name: in.Channel, Ref: in.ID, Intent: in}) {
			return // it stays waiting and comes again
		}
	}
	s.turns = append(s.turns, t)
	about, _ := json.Marshal(map[string]any{"variant": t.variant, "held_out": t.state == HeldOut}) // always encodes
	b.Record(&heed.Event{Type: heed.BroadcastTurn, Person: p.ID, Name: e.Name, Ref: t.message, Source: By(e.Name), Channel: x.plan.channel,
		Direction: heed.Outbound, Timestamp: b.Now, ReceivedAt: b.Now, Properties: about})
}

func segmentsOf(p *heed.Person) map[string]heed.Member {
	if p == nil {
		return nil
	}
	return p.Segments
}

// intent is the message that the broadcast wants for one person.
func (p *plan) intent(person, id heed.ID, v variantDoc, run heed.ID, now heed.Time) *heed.Intent {
	vars, _ := json.Marshal(map[string]string{"broadcast": p.name, "variant": v.Name}) // always encodes
	return &heed.Intent{ID: id, Person: person, Channel: p.channel, Purpose: p.purpose, Topic: p.topic, Template: v.Template, Priority: p.priority,
		About: p.about, TTL: p.ttl, Run: run, Vars: heed.RawValue(vars), Asked: now, By: By(p.name)}
}

// told is the event by which a broadcast says what it has decided about a turn itself, without wanting a message. The
// ledger puts it on record, except of those who are held out: to them no message was meant to go.
func (p *plan) told(x *Run, person heed.ID, d heed.Decision, now heed.Time) *heed.Event {
	id := messageID(x.Name, x.BegunAt, person)
	about, _ := json.Marshal(decided{id, string(d.Outcome), d.Reason, d.Rule, d.Text, d.Until}) // always encodes
	e := &heed.Event{Type: heed.MessageDecided, Person: person, Name: string(d.Outcome), Ref: id, Source: By(x.Name), Channel: p.channel,
		Direction: heed.Outbound, Timestamp: now, ReceivedAt: now, Properties: about}
	if !p.heldOut(person) {
		e.Intent = p.intent(person, id, p.variant(person), x.ID, now)
	}
	return e
}

func (s *Stage) told(broadcast string, e *heed.Event) {
	var d decided
	if json.Unmarshal(e.Properties, &d) != nil {
		return
	}
	if d.Outcome == string(heed.Hold) {
		s.later = append(s.later, postponed{broadcast, e.Person, d})
	} else if !s.merges.closed[e.Ref] {
		s.withdraw = append(s.withdraw, turn{broadcast: broadcast, person: e.Person})
	}
}

func (s *Stage) decision(e *heed.Event) {
	var d decided
	if json.Unmarshal(e.Properties, &d) == nil && d.Message == e.Ref {
		s.decided = append(s.decided, d)
	}
}

// feedback notes what a channel learned of a message; most are of no broadcast, which the update finds out.
func (s *Stage) feedback(e *heed.Event) {
	switch e.Name {
	case "sent", "delivered", "opened", "clicked", "bounced", "failed", "unsubscribed", "complained":
		var f struct {
			Message heed.ID `json:"message"`
		}
		if json.Unmarshal(e.Properties, &f) == nil && !f.Message.IsZero() {
			s.happened = append(s.happened, happened{f.Message, e.Name, e.Timestamp})
		}
	case string(heed.MessageDropped): // refused when a sender wanted it
		var d decided
		if json.Unmarshal(e.Properties, &d) == nil && !d.Message.IsZero() {
			d.Outcome = string(heed.Drop)
			s.decided = append(s.decided, d)
		}
	}
}

// Flush implements stream.Stage.
func (s *Stage) Flush(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	err := tx.ExecEach(ctx, "broadcast.turn", len(s.turns), func(i int) []any {
		t := &s.turns[i]
		return []any{t.broadcast, t.person, t.state, t.variant, b.Now, t.message, t.reason}
	})
	if err != nil {
		return err
	}
	err = tx.ExecEach(ctx, "broadcast.postpone", len(s.later), func(i int) []any {
		l := &s.later[i]
		return []any{l.broadcast, l.person, l.Until, l.Reason, l.Rule, l.Text}
	})
	if err != nil {
		return err
	}
	err = tx.ExecEach(ctx, "broadcast.decided", len(s.decided), func(i int) []any {
		d := &s.decided[i]
		return []any{d.Message, d.Outcome, d.Reason, d.Rule, d.Text, d.Until}
	})
	if err != nil {
		return err
	}
	err = tx.ExecEach(ctx, "broadcast.withdrawn", len(s.withdraw), func(i int) []any {
		return []any{s.withdraw[i].broadcast, s.withdraw[i].person}
	})
	if err != nil {
		return err
	}
	err = tx.ExecEach(ctx, "broadcast.happened", len(s.happened), func(i int) []any {
		h := &s.happened[i]
		return []any{h.message, h.what, h.at}
	})
	if err != nil {
		return err
	}
	if err := s.merges.flush(ctx, tx); err != nil {
		return err
	}
	if err := tx.ExecEach(ctx, "broadcast.erase", len(s.erased), func(i int) []any { return []any{s.erased[i]} }); err != nil {
		return err
	}
	gone := append(s.erased, s.merges.losers...) // from what was checked before; it is looked at again anyway
	return tx.ExecEach(ctx, "broadcast.erase_check", len(gone), func(i int) []any { return []any{gone[i]} })
}
