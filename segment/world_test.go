package segment_test

import (
	"context"
	"encoding/json"
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
	"github.com/heedcx/heed/segment"
	"github.com/heedcx/heed/stream"
)

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
