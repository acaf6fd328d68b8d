package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide"
	"github.com/heedcx/heed/stream"
)

// maxClaim bounds one claim, so that a transaction stays short.
const maxClaim = 5000

// Claim takes at most limit messages of the channel that are reserved and due, the longest due first. It decides about
// each once more, on the person's document as it is in the same transaction: whoever opted out meanwhile gets nothing,
// and what waited for the channel to come back does not go out at night. What may not go any more is dropped or held
// again, and what it had reserved is freed. When Claim returns, the mark "sending" is on disk; a crash after that
// repeats and loses nothing, it leaves the message unknown.
func (l *Ledger) Claim(ctx context.Context, channel string, limit int) ([]heed.Claimed, error) {
	limit = min(limit, maxClaim)
	if limit <= 0 {
		return nil, nil
	}
	doubt := l.doubtful(channel)
	// An empty outbox must not take the writer, let alone wait for the disk.
	err := l.anyDue(ctx, channel)
	if errors.Is(err, db.ErrNoRows) && len(doubt) == 0 {
		return nil, nil
	}
	if err != nil && !errors.Is(err, db.ErrNoRows) {
		return nil, err
	}
	var c *claim
	err = l.db.WriteDurable(ctx, func(tx db.Tx) error {
		c = &claim{l: l, now: l.clock.Now(), doubt: doubt} // a new one for each attempt
		return c.run(ctx, tx, channel, limit)
	})
	if err != nil {
		if c != nil {
			for i := range c.taken {
				doubt = append(doubt, c.taken[i].Message.ID)
			}
		}
		l.setDoubtful(channel, doubt)
		return nil, fmt.Errorf("claim messages of channel %s: %w", channel, err)
	}
	l.setDoubtful(channel, nil)
	if news := c.news(); len(news) > 0 && l.notify != nil {
		if err := l.notify(ctx, news); err != nil {
			l.log.Warn("a message was refused at the last moment, and journeys could not be told", "channel", channel, "error", err)
		}
	}
	return c.taken, nil
}

// lookTime bounds the question whether anything is due: a store that does not answer it is asked again.
const lookTime = 15 * time.Second

// anyDue returns db.ErrNoRows when nothing is due.
func (l *Ledger) anyDue(ctx context.Context, channel string) error {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	return l.db.Read(ctx, func(q db.Querier) error {
		var one int64
		return q.QueryRow(ctx, "ledger.any_due", channel, l.clock.Now()).Scan(&one)
	})
}

type claim struct {
	l       *Ledger
	now     heed.Time
	taken   []heed.Claimed
	refused []*message // dropped or held again
	reasons []heed.Decision
	rows    []Row
	changed map[heed.ID]*heed.Person
	doubt   []heed.ID // given back first
}

// doubtful lists what the last claims of the channel took when their commit was not answered: perhaps it is marked
// "sending", but nobody was handed it, so it can be given back.
func (l *Ledger) doubtful(channel string) []heed.ID {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.doubt[channel])
}

func (l *Ledger) setDoubtful(channel string, ids []heed.ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(ids) == 0 {
		delete(l.doubt, channel)
		return
	}
	l.doubt[channel] = ids
}

func (c *claim) run(ctx context.Context, tx db.Tx, channel string, limit int) error {
	// Claims of one channel go one after the other, in all processes; so nobody waits for a message that another
	// claim holds, and locks are always taken in the order channel, people, messages.
	var n int64
	if err := tx.QueryRow(ctx, "ledger.lock_channel", channel).Scan(&n); err != nil {
		return err
	}
	err := tx.ExecEach(ctx, "ledger.give_back", len(c.doubt), func(i int) []any { return []any{c.doubt[i], c.l.owner, c.now} })
	if err != nil {
		return err
	}
	due, err := messagesOf(tx.Query(ctx, "ledger.due", channel, c.now, limit))
	if err != nil || len(due) == 0 {
		return err
	}
	people, err := c.l.people.Load(ctx, tx, peopleOf(due))
	if err != nil {
		return err
	}
	if tx.Dialect() == db.Postgres { // while we waited for the people, a worker may have taken a message back
		if due, err = stillReserved(ctx, tx, due); err != nil {
			return err
		}
	}
	o, err := c.l.current(ctx, tx)
	if err != nil {
		return err
	}
	c.changed = map[heed.ID]*heed.Person{}
	for _, m := range due {
		c.check(o, m, people[m.Person])
	}
	return c.write(ctx, tx)
}

// check decides whether m may still go.
func (c *claim) check(o *decide.Policy, m *message, p *heed.Person) {
	again := &decide.Candidate{Intent: &m.Intent, Waited: true} // caps do not count a message against itself
	d := o.DecideOne(again, p, c.now)
	if d.Outcome == heed.Send {
		m.Address, _ = o.Address(p, m.Channel)
		m.State = heed.MessageSending
		c.late(o, m, p)
		c.taken = append(c.taken, heed.Claimed{Message: m.Message, Person: p})
		return
	}
	c.rows = append(c.rows, c.l.ids.rowOf(&m.Intent, d, o.Inputs(again, p, c.now), c.now))
	c.refused, c.reasons = append(c.refused, m), append(c.reasons, d)
	m.State, m.Reason, m.Detail = heed.MessageDropped, d.Reason, d.Text
	if p == nil {
		return
	}
	if decide.Release(p, m.ID) {
		c.changed[p.ID] = p
	}
	if d.Outcome == heed.Hold {
		m.State, m.Due = heed.MessageHeld, m.Expires
		if d.Until > 0 {
			m.Due = min(d.Until, m.Expires)
		}
		p.Pending = append(p.Pending, m.pending(d.Rule))
		p.WakeBy(m.Due)
		c.changed[p.ID] = p
	}
}

// lateBy is how long a message may have waited for a sender and still count for caps from when it was reserved, so that
// a sender that keeps up writes no documents.
const lateBy = heed.Time(5 * time.Minute / time.Microsecond)

// late lets a message that has waited for its channel to come back count from now on: it is now that they get it, and a
// week without a mail server must not be followed by one with twice as many mails as the cap allows.
func (c *claim) late(o *decide.Policy, m *message, p *heed.Person) {
	for i := range p.Contacts {
		if k := &p.Contacts[i]; k.Message == m.ID && k.At > c.now-lateBy {
			return
		}
	}
	o.Reserve(p, &m.Intent, c.now)
	c.changed[p.ID] = p
}

func (c *claim) write(ctx context.Context, tx db.Tx) error {
	args := make([]any, 4)
	err := tx.ExecEach(ctx, "ledger.take", len(c.taken), func(i int) []any {
		m := &c.taken[i].Message
		args[0], args[1], args[2], args[3] = m.ID, c.l.owner, c.now, m.Address
		return args
	})
	if err != nil {
		return err
	}
	if len(c.refused) > 0 {
		if err := c.refuse(ctx, tx); err != nil {
			return err
		}
	}
	people := make([]*heed.Person, 0, len(c.changed))
	for _, p := range c.changed {
		people = append(people, p)
	}
	slices.SortFunc(people, func(a, b *heed.Person) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	if len(people) == 0 {
		return nil
	}
	return c.l.people.Save(ctx, tx, people)
}

// refuse writes what may not go any more.
func (c *claim) refuse(ctx context.Context, tx db.Tx) error {
	err := tx.ExecEach(ctx, "ledger.refuse", len(c.refused), func(i int) []any {
		m := c.refused[i]
		return []any{m.ID, m.Reason, m.Detail, c.now, string(m.State), m.Due}
	})
	if err != nil {
		return err
	}
	if err := putRows(ctx, tx, c.rows); err != nil {
		return err
	}
	facts := make([]*heed.Event, len(c.refused))
	for i, m := range c.refused {
		e := decided(&m.Intent, c.reasons[i], c.now)
		facts[i] = &e
	}
	return stream.PutFacts(ctx, tx, c.now, facts)
}

// news tells journeys what was dropped, as Feedback events of that name.
func (c *claim) news() []heed.Event {
	var out []heed.Event
	for i, m := range c.refused {
		if m.State != heed.MessageDropped {
			continue
		}
		e := decided(&m.Intent, c.reasons[i], c.now)
		out = append(out, heed.Event{
			Type: heed.Feedback, Name: string(heed.MessageDropped), MessageID: "feedback:" + m.ID.String() + ":dropped", Source: "heed",
			Timestamp: c.now, ReceivedAt: c.now, Properties: e.Properties, Channel: m.Channel, Direction: heed.Outbound, Touchpoint: "Message",
			IDs: []heed.Identifier{{Namespace: PersonNamespace, Value: m.Person.String()}},
		})
	}
	return out
}

// PersonNamespace is the namespace by which an event names its person by id; identity resolves it.
const PersonNamespace = "person_id"

func messagesOf(rows db.Rows, err error) ([]*message, error) {
	return db.List(rows, err, scanMessage)
}

// peopleOf lists the people of the messages, each once, in order.
func peopleOf(ms []*message) []heed.ID {
	ids := make([]heed.ID, len(ms))
	for i, m := range ms {
		ids[i] = m.Person
	}
	slices.SortFunc(ids, func(a, b heed.ID) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(ids)
}

// stillReserved locks the messages and leaves out those that are not reserved any more.
func stillReserved(ctx context.Context, tx db.Tx, ms []*message) ([]*message, error) {
	ids := make([]heed.ID, len(ms))
	for i, m := range ms {
		ids[i] = m.ID
	}
	rows, err := tx.Query(ctx, "ledger.lock_reserved", db.JSON(ids))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	locked := make(map[heed.ID]bool, len(ms))
	for rows.Next() {
		var id heed.ID
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		locked[id] = true
	}
	return slices.DeleteFunc(ms, func(m *message) bool { return !locked[m.ID] }), rows.Err()
}

// Record stores what came of claimed messages: sent, failed, bounced, unknown, or reserved with RetryAt, which offers
// the message again then. What is not sending or unknown any more (a bounce has overtaken the record) stays as it is.
func (l *Ledger) Record(ctx context.Context, results []heed.SendResult) error {
	if len(results) == 0 {
		return nil
	}
	now := l.clock.Now()
	var done, again, timed []heed.SendResult
	sorted := slices.SortedFunc(slices.Values(results), func(a, b heed.SendResult) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	for _, r := range sorted { // rows are locked in one order
		if r.Took > 0 { // whatever has become of the message meanwhile
			timed = append(timed, r)
		}
		switch {
		case r.State == heed.MessageReserved:
			again = append(again, r)
		case rank(r.State) > 0:
			done = append(done, r)
		default:
			return heed.Errorf(heed.Invalid, "%q is not what can come of a message", r.State)
		}
	}
	// What is to be offered again has no event on the stream to tell so: it must not be lost with the state store.
	write := l.db.Write
	if len(again) > 0 {
		write = l.db.WriteDurable
	}
	return write(ctx, func(tx db.Tx) error {
		args := make([]any, 6)
		err := tx.ExecEach(ctx, "ledger.record", len(done), func(i int) []any {
			r := &done[i]
			sent := heed.Time(0)
			if r.State != heed.MessageFailed && r.State != heed.MessageUnknown {
				sent = r.At
			}
			args[0], args[1], args[2], args[3], args[4], args[5] = r.ID, string(r.State), sent, now, r.Provider, r.Detail
			return args
		})
		if err != nil {
			return err
		}
		err = tx.ExecEach(ctx, "ledger.requeue", len(again), func(i int) []any {
			r := &again[i]
			return []any{r.ID, r.RetryAt, now, r.Detail}
		})
		if err != nil || len(timed) == 0 {
			return err
		}
		return tx.ExecEach(ctx, "ledger.put_try", len(timed), func(i int) []any { return []any{timed[i].ID, tryOf(&timed[i]).line()} })
	})
}

// RetryLater gives claimed messages back, to be offered again at the given moment.
func (l *Ledger) RetryLater(ctx context.Context, ids []heed.ID, at heed.Time, why string) error {
	results := make([]heed.SendResult, len(ids))
	for i, id := range ids {
		results[i] = heed.SendResult{ID: id, State: heed.MessageReserved, RetryAt: at, Detail: why}
	}
	return l.Record(ctx, results)
}

// staleClaim is after how long a claim of another process counts as lost with it.
const staleClaim = heed.Time(15 * time.Minute / time.Microsecond)

// Recover marks as unknown what this process, before it was restarted, had marked sending and never recorded, and
// what others have left so for a quarter of an hour; it returns how many. They are never sent again by themselves:
// later feedback tells what became of them. Call it before the first Claim.
func (l *Ledger) Recover(ctx context.Context) (int, error) {
	before := l.clock.Now() - staleClaim
	if l.db.Dialect() == db.SQLite {
		before = heed.Never // nobody else can have claimed anything
	}
	return l.unknown(ctx, l.owner, before)
}

// RecoverLost is Recover for what anybody has left so for a quarter of an hour, this process included: one that does not
// come back, or a record that a crash of the state store took along. Call it now and then.
func (l *Ledger) RecoverLost(ctx context.Context) (int, error) {
	return l.unknown(ctx, "", l.clock.Now()-staleClaim)
}

func (l *Ledger) unknown(ctx context.Context, owner string, before heed.Time) (int, error) {
	var n int64
	err := l.db.Write(ctx, func(tx db.Tx) (err error) {
		n, err = tx.Exec(ctx, "ledger.recover", owner, before, l.clock.Now(), "the process ended between handing it over and writing that down")
		return err
	})
	if err == nil && n > 0 {
		l.log.Warn("messages may or may not have gone out before a process ended; they are unknown and are not sent again", "messages", n)
	}
	return int(n), err
}
