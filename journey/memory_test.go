package journey_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/journey"
	"github.com/heedcx/heed/rule"
	"github.com/heedcx/heed/stream"
)

// memoryQueries are the fake memory's; the table is profile's.
const memoryQueries = `
-- name: fake.load
SELECT rev, wake, doc FROM person WHERE id = $1 FOR UPDATE;
-- name: fake.load (sqlite)
SELECT rev, wake, doc FROM person WHERE id = $1;
-- name: fake.put
INSERT INTO person (id, rev, wake, stage, first_seen, last_seen, doc) VALUES ($1, $2, $3, '', 0, 0, $4)
ON CONFLICT (id) DO UPDATE SET rev = excluded.rev, wake = excluded.wake, doc = excluded.doc;
-- name: fake.delete
DELETE FROM person WHERE id = $1;
-- name: fake.due
SELECT id FROM person WHERE wake > 0 AND wake <= $1 ORDER BY wake, id LIMIT $2 FOR UPDATE SKIP LOCKED;
-- name: fake.due (sqlite)
SELECT id FROM person WHERE wake > 0 AND wake <= $1 ORDER BY wake, id LIMIT $2;
-- name: fake.next
SELECT COALESCE(MIN(wake), 0) FROM person WHERE wake > 0;
-- name: fake.ids
SELECT id FROM person WHERE id > $1 ORDER BY id LIMIT $2;
`

// memory is a tiny profile and segment: documents, traits, counters, memberships, merges.
type memory struct {
	mu       sync.Mutex
	revision int64
	index    *rule.Index
	gone     []heed.ID
	lost     map[heed.ID]string // documents of losers before the merge
}

func (m *memory) Name() string { return "memory" }

func (m *memory) Begin(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.index == nil || m.revision != b.Revision {
		specs, err := journey.Counters(ctx, tx)
		if err != nil {
			return err
		}
		m.index, m.revision = rule.NewIndex(specs), b.Revision
	}
	m.gone = nil
	ids := map[heed.ID]bool{}
	for _, e := range b.Events {
		ids[e.Person] = true
		if e.Type == heed.PeopleMerged || e.Type == heed.SplitPerson {
			ids[e.Loser] = true
		}
	}
	delete(ids, heed.ID{})
	sorted := slices.SortedFunc(maps.Keys(ids), func(a, b heed.ID) int { return slices.Compare(a[:], b[:]) })
	for _, id := range sorted {
		p := &heed.Person{ID: id}
		b.People[id] = p
	}
	return tx.Each(ctx, "fake.load", len(sorted), func(i int) []any { return []any{sorted[i]} }, func(i int, r db.Row) error {
		p := b.People[sorted[i]]
		var doc string
		if err := r.Scan(&p.Rev, &p.Wake, &doc); err != nil {
			return err
		}
		return json.Unmarshal([]byte(doc), p)
	})
}

func (m *memory) Apply(b *stream.Batch, p *heed.Person, e *heed.Event) {
	if p == nil {
		return
	}
	m.index.Fold(p, e, nil)
	p.Dirty = true
	switch e.Type {
	case heed.Wake:
		p.Wake = 0
	case heed.Identify:
		m.identify(p, e)
	case heed.SegmentEntered:
		if p.Segments == nil {
			p.Segments = map[string]heed.Member{}
		}
		p.Segments[e.Name] = heed.Member{Since: b.Now}
	case heed.SegmentLeft:
		delete(p.Segments, e.Name)
	case heed.PeopleMerged:
		loser := b.People[e.Loser]
		doc, _ := json.Marshal(loser)
		if m.lost == nil {
			m.lost = map[heed.ID]string{}
		}
		m.lost[e.Loser] = string(doc)
		p.Runs = append(p.Runs, loser.Runs...)
		for k, c := range loser.Counters {
			rule.Merge(rule.CounterOf(p, k), c, 0)
		}
		for k, t := range loser.Traits {
			if p.Traits == nil {
				p.Traits = map[string]heed.Trait{}
			}
			if had, ok := p.Traits[k]; !ok || had.At < t.At {
				p.Traits[k] = t
			}
		}
		p.WakeBy(loser.Wake)
		delete(b.People, e.Loser)
		m.gone = append(m.gone, e.Loser)
	case heed.SplitPerson:
		l := &heed.Person{ID: e.Loser}
		_ = json.Unmarshal([]byte(m.lost[e.Loser]), l)
		b.People[e.Loser] = l
		p.Runs = slices.DeleteFunc(p.Runs, func(r heed.Run) bool {
			return slices.ContainsFunc(l.Runs, func(x heed.Run) bool { return x.ID == r.ID })
		})
	case heed.PersonErased:
		delete(b.People, p.ID)
		m.gone = append(m.gone, p.ID)
	}
}

func (m *memory) identify(p *heed.Person, e *heed.Event) {
	var traits map[string]json.RawMessage
	if json.Unmarshal(e.Properties, &traits) != nil {
		return
	}
	if p.Traits == nil {
		p.Traits = map[string]heed.Trait{}
	}
	for k, v := range traits {
		if string(v) == "null" {
			delete(p.Traits, k)
			continue
		}
		if k == "zone" {
			_ = json.Unmarshal(v, &p.Preferences.Zone)
			continue
		}
		p.Traits[k] = heed.Trait{Value: heed.RawValue(v), At: e.Timestamp}
	}
}

func (m *memory) Flush(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	for _, id := range m.gone {
		if _, err := tx.Exec(ctx, "fake.delete", id); err != nil {
			return err
		}
	}
	people := slices.SortedFunc(maps.Values(b.People), func(a, b *heed.Person) int { return slices.Compare(a.ID[:], b.ID[:]) })
	for _, p := range people {
		doc, err := json.Marshal(p)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "fake.put", p.ID, p.Rev+1, p.Wake, string(doc)); err != nil {
			return err
		}
	}
	return nil
}

func (m *memory) Due(ctx context.Context, tx db.Tx, now heed.Time, limit int) ([]heed.ID, error) {
	return readIDs(tx.Query(ctx, "fake.due", now, limit))
}

func (m *memory) IDs(ctx context.Context, q db.Querier, after heed.ID, limit int) ([]heed.ID, error) {
	return readIDs(q.Query(ctx, "fake.ids", after[:], limit))
}

func readIDs(rows db.Rows, err error) ([]heed.ID, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []heed.ID
	for rows.Next() {
		var id heed.ID
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, rows.Err()
}

func (m *memory) nextWake(w *world) heed.Time {
	var t heed.Time
	w.must(w.d.Read(w.ctx, func(q db.Querier) error { return q.QueryRow(w.ctx, "fake.next").Scan(&t) }))
	return t
}

func (w *world) load(id heed.ID) *heed.Person {
	p := &heed.Person{ID: id}
	var doc string
	err := w.d.Write(w.ctx, func(tx db.Tx) error { return tx.QueryRow(w.ctx, "fake.load", id).Scan(&p.Rev, &p.Wake, &doc) })
	if err == db.ErrNoRows {
		return p
	}
	w.must(err)
	w.must(json.Unmarshal([]byte(doc), p))
	return p
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// decider answers every wish as it was told to, and remembers what is held in the document, as decide does.
type decider struct {
	w      *world
	mu     sync.Mutex
	answer heed.Outcome
}

func (d *decider) Name() string                                      { return "decide" }
func (d *decider) Begin(context.Context, db.Tx, *stream.Batch) error { return nil }
func (d *decider) Flush(context.Context, db.Tx, *stream.Batch) error { return nil }

func (d *decider) Apply(b *stream.Batch, p *heed.Person, e *heed.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := b.Now.Std().Format("2006-01-02 15:04:05")
	who := d.w.names[e.Person]
	switch e.Type {
	case heed.MessageWanted:
		in := e.Intent
		d.w.say("%s %s wants %s by %s for %s at %s/%s: %s%s", at, who, in.Template, in.Channel, in.Purpose, in.Journey, in.Node, d.answer, plain(in.Vars))
		if d.answer == heed.Hold {
			p.Pending = append(p.Pending, heed.Pending{Message: in.ID, Run: in.Run})
		}
		b.Emit(&heed.Event{Type: heed.MessageDecided, Person: e.Person, Ref: in.ID, Name: string(d.answer)})
	case heed.MessageDecided:
		if heed.Outcome(e.Name) != heed.Hold {
			p.Pending = slices.DeleteFunc(p.Pending, func(h heed.Pending) bool { return h.Message == e.Ref })
		}
	case heed.MessageWithdrawn:
		n := len(p.Pending)
		p.Pending = slices.DeleteFunc(p.Pending, func(h heed.Pending) bool { return h.Run == e.Ref })
		d.w.say("%s %s takes back what %s wanted: %s", at, who, e.Name, fmt.Sprint(n-len(p.Pending)))
	}
}
