package ledger

import (
	"context"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide"
)

const restoreBatch = 500

// Restore puts reservations and held messages back into the documents of people after their memory was rebuilt from
// the stream: the tables of this package are not part of a rebuild, and without it caps would start from nothing. It
// may run again; it returns how many people it changed.
func (l *Ledger) Restore(ctx context.Context) (int, error) {
	n := 0
	var after heed.ID
	for {
		var ids []heed.ID
		changed := 0
		err := l.db.Write(ctx, func(tx db.Tx) (err error) {
			ids, changed, err = l.restore(ctx, tx, after)
			return err
		})
		n += changed
		if err != nil || len(ids) == 0 {
			return n, err
		}
		after = ids[len(ids)-1]
	}
}

func (l *Ledger) restore(ctx context.Context, tx db.Tx, after heed.ID) (ids []heed.ID, changed int, err error) {
	o, err := l.current(ctx, tx)
	if err != nil {
		return nil, 0, err
	}
	now := l.clock.Now()
	since := now - o.Remembers()
	rows, err := tx.Query(ctx, "ledger.people_to_restore", after[:], since, restoreBatch)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var id heed.ID
		if err := rows.Scan(&id); err != nil {
			return nil, 0, err
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil || len(ids) == 0 {
		return ids, 0, err
	}
	rows.Close()
	people, err := l.people.Load(ctx, tx, ids)
	if err != nil {
		return nil, 0, err
	}
	var dirty []*heed.Person
	err = tx.Each(ctx, "ledger.messages_to_restore", len(ids),
		func(i int) []any { return []any{ids[i], since} },
		func(i int, r db.Row) error {
			m, err := scanMessage(r)
			p := people[ids[i]]
			if err != nil || p == nil || !m.putBack(o, p) {
				return err
			}
			if len(dirty) == 0 || dirty[len(dirty)-1] != p {
				dirty = append(dirty, p)
			}
			return nil
		})
	if err != nil || len(dirty) == 0 {
		return ids, 0, err
	}
	return ids, len(dirty), l.people.Save(ctx, tx, dirty)
}

// putBack says whether the document lacked the message.
func (m *message) putBack(o *decide.Policy, p *heed.Person) bool {
	if m.State == heed.MessageHeld {
		if slices.ContainsFunc(p.Pending, func(h heed.Pending) bool { return h.Message == m.ID }) {
			return false
		}
		p.Pending = append(p.Pending, m.pending(""))
		p.WakeBy(m.Due)
		p.Dirty = true
		return true
	}
	if slices.ContainsFunc(p.Contacts, func(c heed.Contact) bool { return c.Message == m.ID }) {
		return false
	}
	at := m.SentAt
	if at == 0 {
		at = m.Due // when it was reserved, or offered again
	}
	o.Reserve(p, &m.Intent, at)
	return true
}

// pending is the message as the person's document holds it.
func (m *message) pending(rule string) heed.Pending {
	return heed.Pending{Message: m.ID, Until: m.Due, Expires: m.Expires, Channel: m.Channel, Purpose: m.Purpose, Priority: m.Priority,
		Since: m.Made, Rule: rule, Reason: m.Reason, Journey: m.Journey, Run: m.Run}
}

// Backlog is what waits for a sender of one channel.
type Backlog struct {
	Due    int64     `json:"due"`              // reserved, and might go now
	Oldest heed.Time `json:"oldest,omitempty"` // since when
	Taken  int64     `json:"taken"`            // with the senders of all channels
}

// Backlog tells how much waits for the senders of a channel, for readiness and metrics.
func (l *Ledger) Backlog(ctx context.Context, channel string) (Backlog, error) {
	var b Backlog
	err := l.db.Read(ctx, func(q db.Querier) error {
		if err := q.QueryRow(ctx, "ledger.waiting", channel, l.clock.Now()).Scan(&b.Due, &b.Oldest); err != nil {
			return err
		}
		return q.QueryRow(ctx, "ledger.sending").Scan(&b.Taken)
	})
	return b, err
}
