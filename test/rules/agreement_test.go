package rules

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"slices"
	"testing"

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
INSERT INTO person (id, rev, wake, stage, first_seen, last_seen, doc, open_cases) VALUES ($1, 1, 0, $2, $3, $4, $5, $6);
`

// Every target gives the same answer to every rule for every person.
func TestTargetsAgree(t *testing.T) {
	w := &world{}
	t.Run("state", func(t *testing.T) {
		w.states = []db.DB{testx.SQLite(t, queries), testx.Postgres(t, queries)}
		rapid.Check(t, func(t *rapid.T) { w.check(t, 6, anyLeaf) })
	})
	w.states = nil
	t.Run("duckdb", func(t *testing.T) {
		w.history = &inDuckDB{openHistory(t)}
		rapid.Check(t, func(t *rapid.T) { w.check(t, 3, eventLeaf) })
	})
	t.Run("clickhouse", func(t *testing.T) {
		w.history = openClickHouse(t)
		drawn := 0
		rapid.Check(t, func(t *rapid.T) {
			// ClickHouse takes a tenth of a second for what DuckDB does in milliseconds: a run as usual looks at every
			// fourth case, one with -rapid.checks at all of them.
			if drawn++; drawn%4 == 1 || flag.Lookup("rapid.checks").Value.String() != "100" {
				w.check(t, 3, eventLeaf)
			}
		})
	})
}

type world struct {
	states  []db.DB // or, when there are none,
	history past
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
			if _, err := tx.Exec(ctx, "test.put", id, p.Stage, p.FirstSeen, p.LastSeen, string(doc), openCases(p)); err != nil {
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
	w.history.fill(t, people, events)
	got, sql := w.history.holds(t, rules)
	for i, r := range rules {
		if !slices.Equal(got[i], want[i]) {
			t.Fatalf("%s\nhistory says %v\nGo says %v\n%s\n%+v", r, got[i], want[i], sql[i], events)
		}
	}
	w.counters(t, index, people, events)
}

// counters checks that history up to a position and the events after it make the same counters as all events do.
func (w *world) counters(t *rapid.T, index *rule.Index, people map[heed.ID]*heed.Person, events map[heed.ID][]heed.Event) {
	until := rapid.Uint64Range(0, 9).Draw(t, "until")
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
	w.history.counted(t, index.Specs(), until, func(key heed.ID, id string, c heed.Counter) {
		rule.Merge(rule.CounterOf(got[key], id), &c, max(depth[id], 1))
		if depth[id] == 0 {
			got[key].Counters[id].Recent = nil
		}
	})
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

func openCases(p *heed.Person) (n int) {
	for _, c := range p.Cases {
		if c.Closed == 0 {
			n++
		}
	}
	return n
}
