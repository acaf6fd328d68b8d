package ledger

import (
	"context"
	"encoding/json"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide"
	"github.com/heedcx/heed/stream"
)

// maxWanted bounds what one batch may want for one person: more is a loop, not an intent.
const maxWanted = 100

// Settle implements stream.Settler: it decides everything that is wanted for one person at this moment, so that what
// arrives in any order in one batch is arbitrated as one.
func (s *Stage) Settle(b *stream.Batch) bool {
	if b.Rebuild {
		return false
	}
	w := s.work(b)
	if w == nil || len(w.todo) == 0 {
		return false
	}
	id := w.todo[0]
	w.todo = w.todo[1:]
	v := w.wanted[id]
	v.queued = false
	if p := b.Person(id); p != nil {
		w.settle(b, p, v)
	}
	v.intents, v.look = v.intents[:0], 0
	return true
}

func (w *work) settle(b *stream.Batch, p *heed.Person, v *wish) {
	var cs []decide.Candidate
	if v.look > 0 {
		cs = w.due(p, b.Now, v.look)
	}
	for _, in := range v.intents {
		if v.count++; v.count > maxWanted {
			w.decided(b, p, &decide.Candidate{Intent: in}, heed.Decision{Outcome: heed.Drop, Reason: decide.TooMany,
				Text: "dropped: one moment wanted more messages for them than can be meant"})
			continue
		}
		cs = append(cs, decide.Candidate{Intent: in})
	}
	w.o.Round(cs, p, b.Now, func(c *decide.Candidate, d heed.Decision) { w.decided(b, p, c, d) })
	w.crowd(b, p)
	for i := range p.Pending {
		p.WakeBy(min(p.Pending[i].Until, p.Pending[i].Expires))
	}
}

// due takes out of p.Pending what has to be decided again.
func (w *work) due(p *heed.Person, now heed.Time, look look) []decide.Candidate {
	var cs []decide.Candidate
	kept := p.Pending[:0]
	for _, h := range p.Pending {
		again := h.Until <= now || h.Expires <= now
		switch look {
		case atNews:
			again = again || h.Until >= h.Expires
		case atAll:
			again = again || h.Reason != decide.Arbitration // whose window stays open
		}
		if !again {
			kept = append(kept, h)
			continue
		}
		m := w.messages[h.Message]
		if m == nil || m.State != heed.MessageHeld {
			p.Dirty = true // it was erased or withdrawn elsewhere
			continue
		}
		m.Person = p.ID // a split may have cut it off with the ids that it came from
		cs = append(cs, decide.Candidate{Intent: &m.Intent, Waited: true})
	}
	p.Pending = kept
	return cs
}

// decided makes a decision effective: in the person's document, in the message, in the ledger, and for the journey.
func (w *work) decided(b *stream.Batch, p *heed.Person, c *decide.Candidate, d heed.Decision) {
	in := c.Intent
	m := w.messages[in.ID]
	fresh := m == nil
	if fresh {
		m = &message{fresh: true}
		m.Intent, m.Made, m.Expires = *in, b.Now, w.o.Expires(in)
		if pu := w.o.Purpose(in.Purpose); pu != nil {
			m.Class = pu.Class
		}
		m.Address, _ = w.o.Address(p, in.Channel)
		w.messages[in.ID] = m
		in = &m.Intent
	}
	was, wasDue := m.Reason, m.Due
	inputs := w.o.Inputs(c, p, b.Now)
	m.Reason, m.Due, m.Changed, m.Detail = d.Reason, b.Now, b.Now, ""
	switch d.Outcome {
	case heed.Send:
		m.State = heed.MessageReserved
		m.Address, _ = w.o.Address(p, in.Channel)
		w.o.Reserve(p, in, b.Now)
	case heed.Hold:
		m.State, m.Due, m.Detail = heed.MessageHeld, m.Expires, d.Text
		if d.Until > 0 {
			m.Due = min(d.Until, m.Expires)
		}
		p.Pending = append(p.Pending, m.pending(d.Rule))
		p.Dirty = true
	default:
		m.State, m.Due, m.Detail = heed.MessageDropped, 0, d.Text
		p.Dirty = p.Dirty || !fresh
	}
	if !fresh && d.Outcome == heed.Hold && was == m.Reason && wasDue == m.Due {
		return // looked at again, and nothing is new
	}
	w.mark(m)
	w.rows = append(w.rows, w.ids.rowOf(in, d, inputs, b.Now))
	tell := decided(in, d, b.Now)
	b.Emit(&tell)
	note := tell
	b.Record(&note)
}

// told puts on record what somebody has decided who asked the gate and wants no message for now: the turn of a broadcast
// that is put off. The event's source says who; of the ledger's own decisions it says nothing.
func (w *work) told(b *stream.Batch, p *heed.Person, e *heed.Event) {
	var d Decided
	if json.Unmarshal(e.Properties, &d) != nil {
		return
	}
	in := *e.Intent
	in.Person = p.ID
	said := heed.Decision{Outcome: heed.Outcome(d.Outcome), Reason: d.Reason, Rule: d.Rule, Text: d.Text, Until: d.Until}
	var inputs []byte
	if said.Reason != decide.Withdrawn {
		inputs = w.o.Inputs(&decide.Candidate{Intent: &in, Waited: true}, p, b.Now)
	}
	w.rows = append(w.rows, w.ids.rowOf(&in, said, inputs, b.Now))
	note := decided(&in, said, b.Now)
	b.Record(&note)
}

// Told is told of somebody whose document nobody can read: the row has no inputs.
func (l *Ledger) Told(ctx context.Context, tx db.Tx, in *heed.Intent, d heed.Decision, now heed.Time) error {
	if err := putRows(ctx, tx, []Row{l.ids.rowOf(in, d, nil, now)}); err != nil {
		return err
	}
	note := decided(in, d, now)
	return stream.PutFacts(ctx, tx, now, []*heed.Event{&note})
}

// withdraw takes back what a journey run wanted and no sender has claimed, and frees what it had reserved.
func (w *work) withdraw(b *stream.Batch, p *heed.Person, run heed.ID) {
	if run.IsZero() {
		return
	}
	cancel := func(m *message) {
		m.State, m.Reason, m.Due, m.Changed = heed.MessageCanceled, decide.Withdrawn, 0, b.Now
		m.Detail = "canceled: the journey that wanted it has ended or moved on"
		if m.Journey == "" {
			m.Detail = "canceled: the broadcast that wanted it was stopped"
		}
		w.mark(m)
		d := heed.Decision{Outcome: heed.Drop, Reason: decide.Withdrawn, Text: m.Detail}
		w.rows = append(w.rows, w.ids.rowOf(&m.Intent, d, nil, b.Now))
		note := decided(&m.Intent, d, b.Now)
		b.Record(&note)
	}
	if v := w.wanted[p.ID]; v != nil {
		kept := v.intents[:0]
		for _, in := range v.intents {
			if in.Run != run {
				kept = append(kept, in)
				continue
			}
			m := &message{fresh: true}
			m.Intent, m.Made, m.Expires = *in, b.Now, w.o.Expires(in)
			w.messages[in.ID] = m
			cancel(m)
		}
		v.intents = kept
	}
	kept := p.Pending[:0]
	for _, h := range p.Pending {
		if h.Run != run {
			kept = append(kept, h)
			continue
		}
		p.Dirty = true
		if m := w.messages[h.Message]; m != nil && m.State == heed.MessageHeld {
			cancel(m)
		}
	}
	p.Pending = kept
	for i := len(p.Contacts) - 1; i >= 0; i-- {
		m := w.messages[p.Contacts[i].Message]
		if m != nil && m.Run == run && m.State == heed.MessageReserved {
			decide.Release(p, m.ID)
			cancel(m)
		}
	}
}
