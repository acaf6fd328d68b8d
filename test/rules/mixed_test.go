package rules

import (
	"context"
	"encoding/json"
	"slices"

	"pgregory.net/rapid"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/rule"
)

// mixed forgets some of the counters and asks again, with Go in the place of history for what is not counted.
func (w *world) mixed(t *rapid.T, rules []*rule.Rule, needs []rule.CounterSpec, people map[heed.ID]*heed.Person, want [][]string) {
	ctx := context.Background()
	lost := map[string]bool{}
	for _, c := range needs {
		if _, ok := lost[c.ID]; !ok {
			lost[c.ID] = rapid.Bool().Draw(t, "lost")
		}
	}
	for _, d := range w.states {
		err := d.Write(ctx, func(tx db.Tx) error {
			if _, err := tx.Exec(ctx, "test.clear"); err != nil {
				return err
			}
			for id, p := range people {
				less := *p
				less.Counters = map[string]*heed.Counter{}
				for id, c := range p.Counters {
					if !lost[id] {
						less.Counters[id] = c
					}
				}
				doc, err := json.Marshal(&less)
				if err != nil {
					return err
				}
				if _, err := tx.Exec(ctx, "test.put", id, p.Stage, p.FirstSeen, p.LastSeen, string(doc), openCases(p)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range rules {
			w.split(t, d, r, lost, people, want[i])
		}
	}
}

func (w *world) split(t *rapid.T, d db.DB, r *rule.Rule, lost map[string]bool, people map[heed.ID]*heed.Person, want []string) {
	m, err := r.Split(func(c rule.CounterSpec) bool { return !lost[c.ID] })
	if err != nil {
		t.Fatal(r, err)
	}
	var sets [][]heed.ID
	for _, part := range m.Parts {
		if part.Eval(&heed.Person{}, nil, now) || !part.EventOnly() {
			t.Fatalf("%s: history is asked %s", r, part)
		}
		var those []heed.ID
		for id, p := range people {
			if part.Eval(p, nil, now) {
				those = append(those, id)
			}
		}
		sets = append(sets, those)
	}
	ctx := context.Background()
	var got []string
	var from, cond string
	err = d.Read(ctx, func(q db.Querier) error {
		var args []any
		if from, cond, args, err = m.StateSQL(rule.Dialect(d.Dialect()), now, sets); err != nil {
			return err
		}
		rows, err := q.QuerySQL(ctx, "SELECT p.id FROM "+from+" WHERE "+cond+" ORDER BY p.id", args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id heed.ID
			if err := rows.Scan(&id); err != nil {
				return err
			}
			got = append(got, id.String())
		}
		return rows.Err()
	})
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("%s, split by %s: %v\n%s WHERE %s\nmixed says %v\nGo says %v", r, d.Dialect(), err, from, cond, got, want)
	}
}
