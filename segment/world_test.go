package segment_test

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/rule"
	"github.com/heedcx/heed/segment"
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

// idOf makes an id out of a name of at most seven letters, and nameOf finds the name again.
func idOf(name string) heed.ID {
	var tail [10]byte
	copy(tail[3:], name)
	return heed.MakeID(1_000_000, tail)
}

func nameOf(id heed.ID) string { return strings.TrimRight(string(id[9:]), "\x00") }

// world is the stages on one engine, a clock, and everything that ever happened.
type world struct {
	t       testing.TB
	db      db.DB
	clock   *clock.Virtual
	engine  *stream.Engine // of partition 0
	second  *stream.Engine // of partition 1
	heard   *listener
	builder *segment.Builder
	mu      sync.Mutex
	seq     [2]uint64
	past    []heed.Event
	owner   map[heed.ID]heed.ID // key > person; a person's first key is their id
}

func queries() []string { return []string{stream.Queries, segment.Queries, memoryQueries} }

func newWorld(t testing.TB, d db.DB) *world {
	w := &world{t: t, db: d, clock: clock.NewVirtual(heed.Time(1_790_000_000_000_000)), heard: &listener{}, owner: map[heed.ID]heed.ID{}}
	engine := func(then ...stream.Stage) *stream.Engine {
		m := &memory{}
		return &stream.Engine{DB: d, Clock: w.clock, Stages: append([]stream.Stage{m, segment.New(slog.New(slog.DiscardHandler))}, then...), Sleepers: m}
	}
	w.engine, w.second = engine(w.heard), engine()
	w.builder = &segment.Builder{DB: d, Engine: engine(w.heard), History: w, Keys: segment.KeysFunc(w.people), Log: slog.New(slog.DiscardHandler), Batch: 2}
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) put(kind, name, body string, deleted bool) {
	w.t.Helper()
	ctx := context.Background()
	w.must(w.db.Write(ctx, func(tx db.Tx) error {
		_, err := spec.Put(ctx, tx, spec.Spec{Kind: kind, Name: name, Body: heed.RawJSON(body), Deleted: deleted, MadeAt: w.clock.Now()})
		return err
	}))
}

// process takes events through the stages as the worker of partition 0 does.
func (w *world) process(events ...*heed.Event) {
	w.t.Helper()
	w.must(w.work(0, w.engine, events...))
}

func (w *world) work(part int, engine *stream.Engine, events ...*heed.Event) error {
	w.mu.Lock()
	w.seq[part]++
	seq := w.seq[part]
	for i, e := range events {
		if !e.Type.Derived() {
			e.Partition, e.Seq, e.Index = part, seq, i
			w.past = append(w.past, *e) // under its key
			if _, ok := w.owner[e.Person]; !ok {
				w.owner[e.Person] = e.Person
			}
			e.Person = w.owner[e.Person]
		}
	}
	w.mu.Unlock()
	return engine.Process(context.Background(), events, func(tx db.Tx, b *stream.Batch) error {
		_, err := tx.Exec(context.Background(), "memory.advance", part, seq)
		return err
	})
}

func (w *world) wake() {
	w.t.Helper()
	for {
		n, err := w.engine.WakeDue(context.Background(), w.clock.Now(), 100)
		w.must(err)
		if n == 0 {
			return
		}
	}
}

func (w *world) build() {
	w.t.Helper()
	for range 1000 {
		more, err := w.builder.Step(context.Background())
		w.must(err)
		if !more {
			return
		}
	}
	w.t.Fatal("building does not end")
}

func (w *world) person(id heed.ID) *heed.Person {
	w.t.Helper()
	ctx := context.Background()
	var p *heed.Person
	w.must(w.db.Read(ctx, func(q db.Querier) error {
		var doc string
		x := &heed.Person{ID: id}
		err := q.QueryRow(ctx, "memory.load", id).Scan(&x.Rev, &x.Wake, &doc)
		if err == db.ErrNoRows {
			return nil
		}
		p = x
		if err != nil {
			return err
		}
		return json.Unmarshal([]byte(doc), x)
	}))
	return p
}

// members are the segments of a person; the document and the table must say the same.
func (w *world) members(id heed.ID) []string {
	w.t.Helper()
	ctx := context.Background()
	var doc, table []string
	if p := w.person(id); p != nil {
		for name := range p.Segments {
			doc = append(doc, name)
		}
	}
	slices.Sort(doc)
	w.must(w.db.Read(ctx, func(q db.Querier) error {
		rows, err := q.Query(ctx, "segment.of_person", id)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			var since heed.Time
			if err := rows.Scan(&name, &since); err != nil {
				return err
			}
			table = append(table, name)
		}
		return rows.Err()
	}))
	w.counted()
	if !slices.Equal(doc, table) {
		w.t.Errorf("the document of %s says %v, the table %v", nameOf(id), doc, table)
	}
	return doc
}

// What follows makes the world a segment.History over everything that happened, and segment.Keys.

func (w *world) people(_ context.Context, _ db.Querier, keys []heed.ID) ([]heed.ID, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []heed.ID
	for _, k := range keys {
		out = append(out, w.owner[k])
	}
	return out, nil
}

func (w *world) Reached(context.Context) (stream.Position, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return stream.Position{0: w.seq[0], 1: w.seq[1]}, nil
}

func (w *world) Counters(_ context.Context, specs []rule.CounterSpec, until stream.Position, after heed.ID) iter.Seq2[segment.Counted, error] {
	return func(yield func(segment.Counted, error) bool) {
		keys := map[heed.ID]*heed.Person{}
		x := rule.NewIndex(specs)
		var order []heed.ID
		w.mu.Lock()
		past := slices.Clone(w.past)
		w.mu.Unlock()
		for i := range past {
			e := &past[i]
			if e.Seq > until[e.Partition] || slices.Compare(e.Person[:], after[:]) <= 0 {
				continue
			}
			if keys[e.Person] == nil {
				keys[e.Person] = &heed.Person{}
				order = append(order, e.Person)
			}
			x.Fold(keys[e.Person], e, nil)
		}
		slices.SortFunc(order, func(a, b heed.ID) int { return slices.Compare(a[:], b[:]) })
		for _, key := range order {
			for id, c := range keys[key].Counters {
				if !yield(segment.Counted{Key: key, ID: id, Counter: *c}, nil) {
					return
				}
			}
		}
	}
}

func (w *world) People(_ context.Context, r *rule.Rule, now heed.Time, limit int) (int64, []heed.ID, error) {
	people := map[heed.ID]*heed.Person{}
	x := rule.NewIndex(r.Counters())
	for i := range w.past {
		id := w.owner[w.past[i].Person]
		if people[id] == nil {
			people[id] = &heed.Person{ID: id}
		}
		x.Fold(people[id], &w.past[i], nil)
	}
	var out []heed.ID
	for id, p := range people {
		if r.Eval(p, nil, now) {
			out = append(out, id)
		}
	}
	return int64(len(out)), out[:min(limit, len(out))], nil
}

// counted compares how many the counts say with how many the table has.
func (w *world) counted() {
	w.t.Helper()
	ctx := context.Background()
	w.must(w.db.Read(ctx, func(q db.Querier) error {
		got, err := segment.Counts(ctx, q)
		if err != nil {
			return err
		}
		want := map[string]int64{}
		rows, err := q.Query(ctx, "segment.members_by_segment")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			var n int64
			if err := rows.Scan(&name, &n); err != nil {
				return err
			}
			want[name] = n
		}
		if !maps.Equal(got, want) {
			w.t.Errorf("the counts say %v, the table has %v", got, want)
		}
		return rows.Err()
	}))
}
