package ledger

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"weak"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide"
	"github.com/heedcx/heed/stream"
)

// Stage decides what a batch wants. It implements stream.Stage and stream.Settler, and may serve several batches at
// once.
type Stage struct {
	l  *Ledger
	mu sync.Mutex
	// What a batch needs between Begin and Flush. The keys are weak, because a batch that is rolled back tells nobody.
	works map[weak.Pointer[stream.Batch]]*work
}

// Stage returns the stage that decides. One is enough for all workers.
func (l *Ledger) Stage() *Stage {
	return &Stage{l: l, works: map[weak.Pointer[stream.Batch]]*work{}}
}

// Name implements stream.Stage.
func (s *Stage) Name() string { return "decide" }

// work is what one batch has done so far.
type work struct {
	ids      *sequence
	o        *decide.Policy
	messages map[heed.ID]*message
	changed  []*message // to be written, in the order of their first change
	rows     []Row
	wanted   map[heed.ID]*wish
	todo     []heed.ID // people whose wishes are to be settled, in order
	feedback []outcome
	moves    [][2]heed.ID // loser, survivor
	erased   []heed.ID
}

// wish is what is to be decided about one person.
type wish struct {
	intents []*heed.Intent
	look    look
	queued  bool
	count   int // wanted in this batch so far
}

// look says which held messages are decided again.
type look uint8

const (
	atDue  look = iota + 1 // whose time has come
	atNews                 // also what waits for something to happen
	atAll                  // all: the person is not the same any more
)

// Begin implements stream.Stage.
func (s *Stage) Begin(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	w := &work{ids: &s.l.ids, messages: map[heed.ID]*message{}, wanted: map[heed.ID]*wish{}}
	if !b.Rebuild {
		var err error
		if w.o, err = s.l.Policy(ctx, tx, b.Revision); err != nil {
			return err
		}
		if err := w.load(ctx, tx, b); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for k := range s.works {
		if k.Value() == nil {
			delete(s.works, k)
		}
	}
	s.works[weak.Make(b)] = w
	return nil
}

func (s *Stage) work(b *stream.Batch) *work {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.works[weak.Make(b)]
}

// load reads the messages that the batch may have to change: what is held, and what journey runs, or a broadcast that is
// stopped, have reserved. The state of the latter cannot change while the batch holds the person, because Claim locks the
// person as well.
func (w *work) load(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	var held, running []heed.ID
	stopped := map[heed.ID]bool{}
	for _, e := range b.Events {
		if e.Type == heed.MessageWithdrawn {
			stopped[e.Person] = true
		}
	}
	for _, p := range b.People {
		for i := range p.Pending {
			held = append(held, p.Pending[i].Message)
		}
		if (len(p.Runs) > 0 || stopped[p.ID]) && len(p.Contacts) > 0 {
			running = append(running, p.ID)
		}
	}
	slices.SortFunc(held, func(a, b heed.ID) int { return bytes.Compare(a[:], b[:]) })
	take := func(r db.Row) error {
		m, err := scanMessage(r)
		if err == nil {
			w.messages[m.ID] = m
		}
		return err
	}
	arg := make([]any, 1)
	err := tx.Each(ctx, "ledger.message", len(held),
		func(i int) []any { arg[0] = held[i]; return arg },
		func(_ int, r db.Row) error { return take(r) })
	if err != nil || len(running) == 0 {
		return err
	}
	rows, err := tx.Query(ctx, "ledger.reserved_of_people", db.JSON(running))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := take(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Apply implements stream.Stage.
func (s *Stage) Apply(b *stream.Batch, p *heed.Person, e *heed.Event) {
	if b.Rebuild {
		return
	}
	w := s.work(b)
	switch e.Type {
	case heed.MessageWanted:
		if p != nil && e.Intent != nil {
			in := *e.Intent
			in.Person = p.ID
			w.want(p, &in, b.Now)
		}
	case heed.SendMessage:
		s.command(w, b, p, e)
	case heed.MessageWithdrawn:
		if p != nil {
			w.withdraw(b, p, e.Ref)
		}
	case heed.MessageDecided:
		if p != nil && p.Rev > 0 && e.Source != "" && e.Intent != nil {
			w.told(b, p, e)
		}
		w.news(p)
	case heed.Wake:
		if p != nil && len(p.Pending) > 0 {
			v := w.of(p.ID)
			v.look = max(v.look, atDue)
		}
	case heed.Feedback:
		w.take(p, e)
		w.news(p)
	case heed.PeopleMerged:
		w.merge(b, p, e)
	case heed.PersonErased:
		w.erase(e.Person)
	default:
		w.news(p)
	}
}

// news looks again at what waits for something to happen rather than for a time.
func (w *work) news(p *heed.Person) {
	if p == nil {
		return
	}
	for i := range p.Pending {
		if m := &p.Pending[i]; m.Until >= m.Expires {
			v := w.of(p.ID)
			v.look = max(v.look, atNews)
			return
		}
	}
}

// of returns the wishes about a person and puts the person on the list of those to be settled.
func (w *work) of(id heed.ID) *wish {
	v := w.wanted[id]
	if v == nil {
		v = &wish{}
		w.wanted[id] = v
	}
	if !v.queued {
		v.queued = true
		w.todo = append(w.todo, id)
	}
	return v
}

// want notes an intent; it is decided when the whole batch has been seen. One that is known already is not wanted
// twice: a message's id is its idempotency key.
func (w *work) want(p *heed.Person, in *heed.Intent, now heed.Time) {
	if in.ID.IsZero() {
		in.ID = heed.NewID(now)
	}
	if in.Asked == 0 {
		in.Asked = now
	}
	if w.messages[in.ID] != nil {
		return
	}
	for i := range p.Contacts {
		if p.Contacts[i].Message == in.ID {
			return
		}
	}
	v := w.of(p.ID)
	for _, other := range v.intents {
		if other.ID == in.ID {
			return
		}
	}
	v.intents = append(v.intents, in)
}

// mark notes that m is to be written.
func (w *work) mark(m *message) {
	if !m.dirty {
		m.dirty = true
		w.changed = append(w.changed, m)
	}
}

// Flush implements stream.Stage.
func (s *Stage) Flush(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	w := s.work(b)
	s.mu.Lock()
	delete(s.works, weak.Make(b))
	s.mu.Unlock()
	if w == nil || b.Rebuild {
		return nil
	}
	if s.l.wake != nil {
		for _, channel := range w.reserved() {
			b.After(func() { s.l.wake(channel) })
		}
	}
	return w.write(ctx, tx, b.Now)
}

// reserved are the channels on which the batch has reserved messages: few, or none.
func (w *work) reserved() (channels []string) {
	for _, m := range w.changed {
		if m.State == heed.MessageReserved && !slices.Contains(channels, m.Channel) {
			channels = append(channels, m.Channel)
		}
	}
	return channels
}
