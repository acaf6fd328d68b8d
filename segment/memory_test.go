package segment_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/rule"
	"github.com/heedcx/heed/stream"
)

const memoryQueries = `
-- name: memory.load
SELECT rev, wake, doc FROM person WHERE id = $1;
-- name: memory.lock
SELECT rev, wake, doc FROM person WHERE id = $1 FOR UPDATE;
-- name: memory.lock (sqlite)
SELECT rev, wake, doc FROM person WHERE id = $1;
-- name: memory.put
INSERT INTO person (id, rev, wake, stage, first_seen, last_seen, doc) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (id) DO UPDATE SET rev = excluded.rev, wake = excluded.wake, stage = excluded.stage, first_seen = excluded.first_seen, last_seen = excluded.last_seen, doc = excluded.doc;
-- name: memory.delete
DELETE FROM person WHERE id = $1;
-- name: memory.due
SELECT id FROM person WHERE wake > 0 AND wake <= $1 ORDER BY wake, id LIMIT $2;
-- name: memory.advance
INSERT INTO stream_position (part, seq) VALUES ($1, $2) ON CONFLICT (part) DO UPDATE SET seq = excluded.seq;
`

// memory stands in for the stages before: it keeps documents, and folds what the tests need.
type memory struct{ gone []heed.ID }

func (m *memory) Name() string { return "memory" }

func (m *memory) Begin(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	m.gone = nil
	events := slices.Clone(b.Events) // locks are taken in one order
	slices.SortFunc(events, func(a, b *heed.Event) int { return slices.Compare(a.Person[:], b.Person[:]) })
	for _, e := range events {
		for _, id := range []heed.ID{e.Person, e.Loser} {
			if id.IsZero() || b.People[id] != nil {
				continue
			}
			p := &heed.Person{ID: id}
			var doc string
			err := tx.QueryRow(ctx, "memory.lock", id).Scan(&p.Rev, &p.Wake, &doc)
			if err == nil {
				err = json.Unmarshal([]byte(doc), p)
			}
			if err != nil && err != db.ErrNoRows {
				return err
			}
			b.People[id] = p
		}
	}
	return nil
}

func (m *memory) Apply(b *stream.Batch, p *heed.Person, e *heed.Event) {
	if p == nil {
		return
	}
	switch e.Type {
	case heed.Wake:
		p.Wake, p.Dirty = 0, true
	case heed.PersonErased:
		m.gone = append(m.gone, p.ID)
		delete(b.People, p.ID)
	case heed.PeopleMerged:
		l := b.People[e.Loser]
		for id, c := range l.Counters {
			rule.Merge(rule.CounterOf(p, id), c, 0)
		}
		for name, x := range l.Segments {
			if p.Segments == nil {
				p.Segments = map[string]heed.Member{}
			}
			p.Segments[name] = x
		}
		p.Dirty = true
		m.gone = append(m.gone, l.ID)
		delete(b.People, l.ID)
	case heed.Identify:
		var traits map[string]json.RawMessage
		if err := json.Unmarshal(e.Properties, &traits); err != nil {
			panic(err)
		}
		if p.Traits == nil {
			p.Traits = map[string]heed.Trait{}
		}
		for k, v := range traits {
			p.Traits[k] = heed.Trait{Value: heed.RawValue(v), At: e.Timestamp}
		}
		p.Known = e.Timestamp
	case heed.Track:
		if e.Name == "Order Completed" {
			p.Orders.Count++
			p.Orders.Last = max(p.Orders.Last, e.Timestamp)
			if p.Orders.First == 0 {
				p.Orders.First = e.Timestamp
			}
		}
	}
	if !e.Type.Derived() {
		if p.FirstSeen == 0 {
			p.FirstSeen = e.Timestamp
		}
		p.LastSeen, p.Dirty = max(p.LastSeen, e.Timestamp), true
	}
}

func (m *memory) Flush(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	for _, id := range m.gone {
		if _, err := tx.Exec(ctx, "memory.delete", id); err != nil {
			return err
		}
	}
	for _, p := range b.People {
		if !p.Dirty {
			continue
		}
		doc, err := json.Marshal(p)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "memory.put", p.ID, p.Rev+1, p.Wake, p.Stage, p.FirstSeen, p.LastSeen, string(doc)); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) Due(ctx context.Context, tx db.Tx, now heed.Time, limit int) ([]heed.ID, error) {
	return db.IDs(tx.Query(ctx, "memory.due", now, limit))
}

// listener stands in for the stages after: it notes what the segment stage tells.
type listener struct {
	heard []string
	fail  bool
}

func (l *listener) Name() string                                      { return "listener" }
func (l *listener) Begin(context.Context, db.Tx, *stream.Batch) error { return nil }
func (l *listener) Flush(context.Context, db.Tx, *stream.Batch) error {
	if l.fail {
		return errors.New("told to fail")
	}
	return nil
}
func (l *listener) Apply(_ *stream.Batch, _ *heed.Person, e *heed.Event) {
	switch e.Type {
	case heed.SegmentEntered:
		l.heard = append(l.heard, nameOf(e.Person)+" entered "+e.Name)
	case heed.SegmentLeft:
		l.heard = append(l.heard, nameOf(e.Person)+" left "+e.Name)
	case heed.StageChanged:
		l.heard = append(l.heard, nameOf(e.Person)+" became "+e.Name)
	}
}
