package rules

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	duckdb "github.com/duckdb/duckdb-go/v2"
	"pgregory.net/rapid"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/rule"
)

const queries = `
-- name: test.clear
DELETE FROM person;

-- name: test.put
INSERT INTO person (id, rev, wake, stage, first_seen, last_seen, doc) VALUES ($1, 1, 0, $2, $3, $4, $5);
`

// Every target gives the same answer to every rule for every person.
func TestTargetsAgree(t *testing.T) {
	w := &world{history: openHistory(t)}
	t.Run("state", func(t *testing.T) {
		w.states = []db.DB{testx.SQLite(t, queries), testx.Postgres(t, queries)}
		rapid.Check(t, func(t *rapid.T) { w.check(t, 6, anyLeaf) })
	})
	t.Run("history", func(t *testing.T) {
		w.states = nil
		rapid.Check(t, func(t *rapid.T) { w.check(t, 3, eventLeaf) })
	})
}

type world struct {
	states  []db.DB
	history *sql.DB
}

func openHistory(t *testing.T) *sql.DB {
	h, err := sql.Open("duckdb", "?threads=1&memory_limit=512MB")
	if err != nil {
		t.Fatal(err)
	}
	h.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = h.Close() })
	exec(t, h, `CREATE TABLE event (key UUID, ts BIGINT, type VARCHAR, name VARCHAR, touchpoint VARCHAR, channel VARCHAR, source VARCHAR, department VARCHAR, direction VARCHAR, properties VARCHAR, part INTEGER, seq BIGINT, idx INTEGER)`)
	exec(t, h, `CREATE TABLE keymap (key UUID, person UUID)`)
	return h
}

func exec(t interface{ Fatal(...any) }, h *sql.DB, text string, args ...any) {
	if _, err := h.Exec(text, args...); err != nil {
		t.Fatal(text, err)
	}
}

func (w *world) check(t *rapid.T, n int, leaf func(*rapid.T) *rule.Expr) {
	var rules []*rule.Rule
	var needs []rule.CounterSpec
	for range n {
		r, err := rule.New(tree(t, 3, leaf))
		if err != nil {
			t.Fatalf("a generated rule is refused: %v", err)
		}
		roundTrip(t, r)
		rules, needs = append(rules, r), append(needs, r.Counters()...)
	}
	index := rule.NewIndex(rule.Union(needs))
	people := map[heed.ID]*heed.Person{}
	events := map[heed.ID][]heed.Event{}
	for i := range rapid.IntRange(1, 4).Draw(t, "people") {
		p := person(t, heed.MakeID(now, [10]byte{byte(i + 1)}))
		p.Counters = nil
		events[p.ID] = happened(t)
		for i := range events[p.ID] {
			events[p.ID][i].Seq = uint64(i + 1)
			index.Fold(p, &events[p.ID][i], nil)
		}
		people[p.ID] = p
	}
	want := make([][]string, len(rules))
	for i, r := range rules {
		for _, id := range slices.SortedFunc(maps.Keys(people), func(a, b heed.ID) int { return slices.Compare(a[:], b[:]) }) {
			if w.eval(t, r, people[id]) {
				want[i] = append(want[i], id.String())
			}
		}
	}
	for _, d := range w.states {
		w.state(t, d, rules, people, want)
	}
	if w.states != nil {
		w.mixed(t, rules, needs, people, want)
	}
	if w.states == nil {
		w.inHistory(t, rules, index, people, events, want)
	}
}

func roundTrip(t *rapid.T, r *rule.Rule) {
	again, err := rule.Parse(r.String())
	if err != nil || again.String() != r.String() {
		t.Fatalf("%s does not read back: %v %v", r, again, err)
	}
	a, _ := json.Marshal(r.Expr())
	b, _ := json.Marshal(again.Expr())
	if string(a) != string(b) {
		t.Fatalf("%s reads back as another tree:\n%s\n%s", r, a, b)
	}
}

// eval also checks what NextChange promises: until then, the answer stays.
func (w *world) eval(t *rapid.T, r *rule.Rule, p *heed.Person) bool {
	got := r.Eval(p, nil, now)
	with, next := r.EvalNext(p, now)
	if with != got {
		t.Fatalf("%s: Eval says %v, EvalNext %v", r, got, with)
	}
	if next <= now {
		t.Fatalf("%s: the next change %v is not after now", r, next)
	}
	for _, at := range []heed.Time{now + 1, now + day, now + 6*day, now + 29*day, now + 31*day, now + 400*day, next - 1} {
		if at < next && at < now+10_000*day && r.Eval(p, nil, at) != got {
			t.Fatalf("%s: the answer changed by %v, before the next change at %v", r, at, next)
		}
	}
	return got
}

func (w *world) state(t *rapid.T, d db.DB, rules []*rule.Rule, people map[heed.ID]*heed.Person, want [][]string) {
	ctx := context.Background()
	err := d.Write(ctx, func(tx db.Tx) error {
		if _, err := tx.Exec(ctx, "test.clear"); err != nil {
			return err
		}
		for id, p := range people {
			doc, err := json.Marshal(p)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, "test.put", id, p.Stage, p.FirstSeen, p.LastSeen, string(doc)); err != nil {
				return fmt.Errorf("%s: %w", doc, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = d.Read(ctx, func(q db.Querier) error {
		for i, r := range rules {
			cond, args, err := r.StateSQL(rule.Dialect(d.Dialect()), now, 1)
			if err != nil {
				return err
			}
			rows, err := q.QuerySQL(ctx, "SELECT id FROM person p WHERE "+cond+" ORDER BY id", args...)
			if err != nil {
				return fmt.Errorf("%s\n%s: %w", r, cond, err)
			}
			var got []string
			for rows.Next() {
				var id heed.ID
				if err := rows.Scan(&id); err != nil {
					return err
				}
				got = append(got, id.String())
			}
			rows.Close()
			if err := rows.Err(); err != nil {
				return fmt.Errorf("%s\n%s: %w", r, cond, err)
			}
			if !slices.Equal(got, want[i]) {
				return fmt.Errorf("%s: %s\n%s says %v\nGo says %v\n%s %v", d.Dialect(), r, d.Dialect(), got, want[i], cond, args)
			}
		}
		return nil
	})
	if err != nil {
		for _, p := range people {
			doc, _ := json.Marshal(p)
			t.Logf("%s %s", p.ID, doc)
		}
		t.Fatal(err)
	}
}

func (w *world) inHistory(t *rapid.T, rules []*rule.Rule, index *rule.Index, people map[heed.ID]*heed.Person, events map[heed.ID][]heed.Event, want [][]string) {
	exec(t, w.history, "DELETE FROM event")
	exec(t, w.history, "DELETE FROM keymap")
	for id := range people {
		exec(t, w.history, "INSERT INTO keymap VALUES (?, ?)", id.String(), id.String())
		for _, e := range events[id] {
			var props any
			if len(e.Properties) > 0 {
				props = string(e.Properties)
			}
			exec(t, w.history, "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)", id.String(), int64(e.Timestamp), e.Type.String(), e.Name, e.Touchpoint, e.Channel, e.Source, e.Department, string(e.Direction), props, int64(e.Seq), e.Index)
		}
	}
	for i, r := range rules {
		text, args, err := r.HistorySQL(rule.DuckDB, now)
		if err != nil {
			t.Fatal(r, err)
		}
		rows, err := w.history.Query(text, args...)
		if err != nil {
			t.Fatalf("%s\n%s %v: %v", r, text, args, err)
		}
		var got []string
		for rows.Next() {
			var id duckdb.UUID
			if err := rows.Scan(&id); err != nil {
				t.Fatal(err)
			}
			got = append(got, heed.ID(id).String())
		}
		if err := rows.Err(); err != nil {
			t.Fatalf("%s\n%s %v: %v", r, text, args, err)
		}
		if !slices.Equal(got, want[i]) {
			t.Fatalf("%s\nhistory says %v\nGo says %v\n%s\n%+v", r, got, want[i], text, events)
		}
	}
	w.counters(t, index, people, events)
}

// counters checks that history up to a position and the events after it make the same counters as all events do.
func (w *world) counters(t *rapid.T, index *rule.Index, people map[heed.ID]*heed.Person, events map[heed.ID][]heed.Event) {
	until := rapid.Uint64Range(0, 9).Draw(t, "until")
	text, args, err := rule.CountersSQL(rule.DuckDB, index.Specs(), map[int]uint64{0: until}, heed.ID{})
	if err != nil {
		t.Fatal(err)
	}
	got := map[heed.ID]*heed.Person{}
	for id := range people {
		got[id] = &heed.Person{}
		for i := range events[id] {
			if e := &events[id][i]; e.Seq > until {
				index.Fold(got[id], e, nil)
			}
		}
	}
	depth := map[string]int{}
	for _, s := range index.Specs() {
		depth[s.ID] = s.Depth
	}
	rows, err := w.history.Query(text, args...)
	if err != nil {
		t.Fatalf("%s %v: %v", text, args, err)
	}
	for rows.Next() {
		var key duckdb.UUID
		var id string
		var c heed.Counter
		var recent string
		if err := rows.Scan(&key, &id, &c.N, &c.First, &c.Last, &recent); err != nil {
			t.Fatal(err)
		}
		if c.Recent, err = rule.ParseRecent(recent); err != nil {
			t.Fatal(err)
		}
		rule.Merge(rule.CounterOf(got[heed.ID(key)], id), &c, max(depth[id], 1))
		if depth[id] == 0 {
			got[heed.ID(key)].Counters[id].Recent = nil
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for id, p := range got {
		for j := range index.Specs() {
			s := &index.Specs()[j]
			if len(s.Steps) > 0 {
				index.Settle(p, j)
				if a, b := p.Counters[s.ID] != nil, people[id].Counters[s.ID] != nil; a != b {
					t.Fatalf("%s: completed in history and after %v, in all %v\n%+v", s.Text, a, b, events[id])
				}
				continue
			}
			a, _ := json.Marshal(p.Counters[s.ID])
			b, _ := json.Marshal(people[id].Counters[s.ID])
			if string(a) != string(b) {
				t.Fatalf("%s: history up to %d and the rest make %s, all events %s\n%+v", s.Text, until, a, b, events[id])
			}
		}
	}
}
