package enginetest

import (
	"fmt"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
)

func testValues(w *world) {
	put := func(props string, n int) {
		var list []heed.Event
		for range n {
			e := w.event("ana", "Plan Chosen")
			e.Properties = heed.RawJSON(props)
			list = append(list, e)
		}
		w.put(0, list...)
	}
	put(`{"plan":"pro \"plus\"","seats":5,"by":{"team":"sales","trial":true}}`, 4)
	put(`{"plan":"basic","seats":5,"by":{"team":"sales","trial":false},"note":["a"]}`, 3)
	put(`{"plan":"rare","note":null}`, 2)
	put(`{"note":"a \"note\""}`, 3)
	other := w.event("ana", "Plan Left")
	other.Properties = heed.RawJSON(`{"plan":"basic"}`)
	w.put(1, other, other, other)
	w.catchUp()
	ask := func(limit int, path ...string) []insight.Value {
		w.t.Helper()
		got, err := w.store.Values(w.ctx, insight.ValueQuery{Type: "track", Name: "Plan Chosen", Property: path, AtLeast: 3, Limit: limit})
		w.ok(err)
		return got
	}
	for _, c := range []struct {
		path  string
		limit int
		got   []insight.Value
		want  []insight.Value
	}{
		{"plan", 9, ask(9, "plan"), []insight.Value{{JSON: `"pro \"plus\""`, Count: 4}, {JSON: `"basic"`, Count: 3}}},
		{"plan, one", 1, ask(1, "plan"), []insight.Value{{JSON: `"pro \"plus\""`, Count: 4}}},
		{"seats", 9, ask(9, "seats"), []insight.Value{{JSON: "5", Count: 7}}},
		{"by.team", 9, ask(9, "by", "team"), []insight.Value{{JSON: `"sales"`, Count: 7}}},
		{"by.trial", 9, ask(9, "by", "trial"), []insight.Value{{JSON: "true", Count: 4}, {JSON: "false", Count: 3}}},
		{"by", 9, ask(9, "by"), nil},
		{"note", 9, ask(9, "note"), []insight.Value{{JSON: `"a \"note\""`, Count: 3}}},
		{"what nobody sent", 9, ask(9, `it's "odd"`), nil},
	} {
		if !slices.Equal(c.got, c.want) {
			w.t.Errorf("%s: got %+v, want %+v", c.path, c.got, c.want)
		}
	}
	// What is rare is looked for further back.
	often := w.event("ana", "Visited")
	list := make([]heed.Event, insight.ValueLooks[0].Rows+100)
	for i := range list {
		list[i] = often
	}
	w.put(0, list...)
	w.catchUp()
	if got := ask(9, "seats"); len(got) != 1 || got[0].Count != 7 {
		w.t.Errorf("the rare: got %+v", got)
	}
}

// testPortable tries what the questions of others are made of that are sent to either engine: see docs/insight.md.
func testPortable(w *world) {
	w.assign("ana", 1)
	w.assign("bea", 2)
	a, b := w.event("ana", "moved"), w.event("bea", "ended")
	a.Properties = heed.RawJSON(`{"version":3,"path":["a","b"],"held":true,"node":"x \"y\""}`)
	b.Properties = nil
	w.put(0, a, b)
	w.catchUp()
	p := w.store.Dialect().Property
	var got []string
	ask := func(sql string, args ...any) {
		w.t.Helper()
		w.ok(w.store.Query(w.ctx, sql, args, insight.Limits{}, func(r insight.Row) error {
			cells := make([]any, len(r.Columns()))
			for i := range cells {
				cells[i] = new(any)
			}
			err := r.Scan(cells...)
			line := ""
			for _, c := range cells {
				line += fmt.Sprint(*c.(*any), " ")
			}
			got = append(got, line)
			return err
		}))
	}
	ask("SELECT e.name, " + p("version") + ", " + p("path") + ", " + p("held") + ", " + p("node") + ", " + p("none") + " FROM event e ORDER BY e.ts")
	ask("SELECT e.name FROM event e WHERE "+p("path")+` LIKE '["%' AND `+p("version")+" = $1", "3")
	ask("SELECT h - CAST($1 AS BIGINT), count(*) FROM (SELECT CAST(floor(e.ts / 3600000000.0) AS BIGINT) AS h FROM event e) AS hours GROUP BY h ORDER BY h", int64(Epoch)/3_600_000_000)
	ask("SELECT CAST(person AS VARCHAR), count(*) OVER () FROM (SELECT DISTINCT person FROM keymap) AS everybody ORDER BY reverse(CAST(person AS VARCHAR)) LIMIT 1")
	ask(fmt.Sprintf("SELECT min_by(e.name, -e.ts), max(e.name) FROM event e JOIN (SELECT key FROM keymap WHERE person IN (%s)) AS k ON k.key = e.key", w.store.Dialect().IDs([]heed.ID{PersonID(1), PersonID(2)})))
	want := []string{`moved 3 ["a","b"] true "x \"y\""  `, "ended      ", "moved ", "1 1 ", "2 1 ", PersonID(1).String() + " 2 ", "ended moved "}
	if !slices.Equal(got, want) {
		w.t.Errorf("got  %q\nwant %q", got, want)
	}
}
