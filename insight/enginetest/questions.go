package enginetest

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/rule"
	"github.com/heedcx/heed/stream"
)

func testCounters(w *world) {
	w.assign("ana", 1)
	w.assign("ana-phone", 1)
	w.assign("bea", 2)
	var times []heed.Time
	var seq uint64
	for range 4 {
		e := w.event("ana", "Order Completed")
		times = append(times, e.Timestamp)
		seq = w.put(0, e, w.event("bea", "Product Viewed"))
	}
	e := w.event("ana-phone", "Order Completed")
	times = append(times, e.Timestamp)
	w.put(1, e, w.event("", "Order Completed"))
	w.put(0, w.event("bea", "Order Completed"))
	w.catchUp()
	r, err := rule.Parse(`did "Order Completed" at least 2 times within 90d`)
	w.ok(err)
	ask := func(until map[int]uint64, after heed.ID) map[heed.ID]heed.Counter {
		w.t.Helper()
		text, args, err := rule.CountersSQL(w.store.Dialect(), r.Counters(), until, after)
		w.ok(err)
		got := map[heed.ID]heed.Counter{}
		w.ok(w.store.Counters(w.ctx, text, args, func(key heed.ID, counter string, c heed.Counter) error {
			if counter != r.Counters()[0].ID || key.String() <= after.String() && !after.IsZero() {
				w.t.Errorf("got %s of %s", counter, key)
			}
			got[key] = c
			return nil
		}))
		return got
	}
	all := map[int]uint64{0: seq + 2, 1: 99}
	got := ask(all, heed.ID{})
	want := heed.Counter{N: 4, First: times[0], Last: times[3], Recent: []heed.Time{times[3], times[2]}}
	if c := got[UserKey("ana")]; c.N != want.N || c.First != want.First || c.Last != want.Last || !slices.Equal(c.Recent, want.Recent) {
		w.t.Errorf("got %+v, want %+v", c, want)
	}
	if len(got) != 3 || got[UserKey("bea")].N != 1 || got[UserKey("ana-phone")].Last != times[4] {
		w.t.Errorf("got %+v", got)
	}
	if got := ask(map[int]uint64{0: seq - 2, 1: 0}, heed.ID{}); len(got) != 1 || got[UserKey("ana")].N != 3 {
		w.t.Errorf("until: got %+v", got)
	}
	first := slices.SortedFunc(maps.Keys(got), func(a, b heed.ID) int { return strings.Compare(a.String(), b.String()) })[0]
	if got := ask(all, first); len(got) != 2 {
		w.t.Errorf("after %s: got %+v", first, got)
	}
	text, args, err := rule.CountersSQL(w.store.Dialect(), r.Counters(), all, heed.ID{})
	w.ok(err)
	stop := errors.New("stop")
	if err := w.store.Counters(w.ctx, text, args, func(heed.ID, string, heed.Counter) error { return stop }); !errors.Is(err, stop) {
		w.t.Errorf("got %v", err)
	}
	for bad, code := range map[string]heed.Code{"nonsense(": heed.Invalid, "SELECT 1; DROP TABLE event; --": heed.Invalid, "DROP TABLE event": heed.Forbidden} {
		if err := w.store.Counters(w.ctx, bad, nil, nil); heed.CodeOf(err) != code {
			w.t.Errorf("%q: got %v", bad, err)
		}
	}
	// The whole rule finds the people, over all their keys.
	text, args, err = r.HistorySQL(w.store.Dialect(), times[4]+1)
	w.ok(err)
	var people []heed.ID
	w.ok(w.store.Query(w.ctx, text, args, insight.Limits{}, func(r insight.Row) error {
		var p heed.ID
		err := r.Scan(&p)
		people = append(people, p)
		return err
	}))
	if !slices.Equal(people, []heed.ID{PersonID(1)}) {
		w.t.Errorf("got %v", people)
	}
	if !w.follower.Reached(stream.Position{0: seq}) || w.follower.Reached(stream.Position{0: seq + 100}) {
		w.t.Error("the follower does not know what history holds")
	}
}

func testCounts(w *world) {
	w.assign("ana", 1)
	w.assign("bea", 2)
	var events []heed.Event
	for i := range 36 { // hourly from 13:00 on the day before the clocks change in Europe
		e := w.event([]string{"ana", "bea", ""}[i%3], []string{"a", "b"}[i%2])
		events = append(events, e)
	}
	w.put(0, events...)
	w.catchUp()
	ask := func(q insight.CountQuery) []insight.Count {
		w.t.Helper()
		got, err := w.store.CountBy(w.ctx, q)
		w.ok(err)
		return got
	}
	check := func(got []insight.Count, want ...insight.Count) {
		w.t.Helper()
		if !slices.Equal(got, want) {
			w.t.Errorf("got %+v, want %+v", got, want)
		}
	}
	check(ask(insight.CountQuery{By: insight.ByName, People: true}), insight.Count{Value: "a", Events: 18, People: 2}, insight.Count{Value: "b", Events: 18, People: 2})
	check(ask(insight.CountQuery{By: insight.ByDay, People: true}),
		insight.Count{Value: "2026-03-28", Events: 11, People: 2}, insight.Count{Value: "2026-03-29", Events: 24, People: 2}, insight.Count{Value: "2026-03-30", Events: 1, People: 0})
	// 29 March has 23 hours in Berlin.
	check(ask(insight.CountQuery{By: insight.ByDay, Zone: "Europe/Berlin", People: true}),
		insight.Count{Value: "2026-03-28", Events: 10, People: 2}, insight.Count{Value: "2026-03-29", Events: 23, People: 2}, insight.Count{Value: "2026-03-30", Events: 3, People: 2})
	check(ask(insight.CountQuery{By: insight.ByChannel, Limit: 1, People: true, Filter: insight.Filter{Names: []string{"a"}, To: Epoch.Add(6 * time.Hour)}}),
		insight.Count{Value: "shop", Events: 3, People: 2})
	check(ask(insight.CountQuery{By: insight.ByName}), insight.Count{Value: "a", Events: 18}, insight.Count{Value: "b", Events: 18})
	// Nepal is 5:45 ahead.
	check(ask(insight.CountQuery{By: insight.ByDay, Zone: "Asia/Kathmandu", Filter: insight.Filter{To: Epoch.Add(13 * time.Hour)}}),
		insight.Count{Value: "2026-03-28", Events: 6}, insight.Count{Value: "2026-03-29", Events: 6})
	hours := ask(insight.CountQuery{By: insight.ByHour})
	if len(hours) != 36 || hours[0].Value != "2026-03-28T13:00" {
		w.t.Errorf("got %+v", hours)
	}
	move := w.event("ana", "loyal")
	move.Type, move.Properties = heed.StageChanged, heed.RawJSON(`{"from":"new"}`)
	fresh := w.event("bea", "known")
	fresh.Type, fresh.Properties = heed.StageChanged, nil
	again := w.event("bea", "loyal")
	again.Type, again.Properties = heed.StageChanged, move.Properties
	w.put(0, move, fresh, again)
	w.catchUp()
	check(ask(insight.CountQuery{By: insight.ByMove, Filter: insight.Filter{Types: []string{heed.StageChanged.String()}}}),
		insight.Count{Value: "new>loyal", Events: 2}, insight.Count{Value: ">known", Events: 1})
	for _, bad := range []insight.CountQuery{{By: "properties"}, {By: insight.ByDay, Zone: "Mars/Base"}, {By: insight.ByDay, Zone: "a'b"}, {By: insight.ByDay, Limit: -1}} {
		if _, err := w.store.CountBy(w.ctx, bad); heed.CodeOf(err) != heed.Invalid {
			w.t.Errorf("%+v: got %v", bad, err)
		}
	}
}

func testCatalogue(w *world) {
	a, b, c := w.event("ana", "Order Completed"), w.event("ana", "Order Completed"), w.event("ana", "Help Opened")
	b.Properties = heed.RawJSON(`{"revenue":"unknown","gift wrap":true,"items":[1],"nested":{"a":1},"nothing":null}`)
	c.Properties = nil
	w.put(0, a, b, c)
	w.catchUp()
	got, err := w.store.Catalogue(w.ctx)
	w.ok(err)
	if len(got) != 2 || got[0].Name != "Order Completed" || got[0].Count != 2 || got[0].First != a.Timestamp || got[0].Last != b.Timestamp || got[1].Properties != nil {
		w.t.Fatalf("got %+v", got)
	}
	want := []insight.KnownProperty{{Name: "revenue", Kind: "mixed", Share: 1}, {Name: "coupon", Kind: "text", Share: .5}, {Name: "gift wrap", Kind: "boolean", Share: .5},
		{Name: "items", Kind: "list", Share: .5}, {Name: "nested", Kind: "object", Share: .5}, {Name: "nothing", Kind: "mixed", Share: .5}}
	if !slices.Equal(got[0].Properties, want) {
		w.t.Errorf("got %+v\nwant %+v", got[0].Properties, want)
	}
}

// What happens seldom is not forgotten because something else happens often.
func testCatalogueOfTheRare(w *world) {
	rare := w.event("ana", "Warranty Claimed")
	rare.Properties = heed.RawJSON(`{"part":"zip"}`)
	w.put(0, rare)
	often := w.event("ana", "Visited")
	often.Properties = nil
	list := make([]heed.Event, insight.SampleRows+100)
	for i := range list {
		list[i] = often
	}
	w.put(0, list...)
	w.catchUp()
	got, err := w.store.Catalogue(w.ctx)
	w.ok(err)
	want := []insight.KnownProperty{{Name: "part", Kind: "text", Share: 1}}
	if len(got) != 2 || got[1].Name != "Warranty Claimed" || !slices.Equal(got[1].Properties, want) || got[0].Properties != nil {
		w.t.Errorf("got %+v", got)
	}
}

func testQuery(w *world) {
	w.assign("ana", 1)
	w.put(0, w.event("ana", "a"), w.event("ana", "b"))
	w.catchUp()
	var people []heed.ID
	var last heed.Time
	w.ok(w.store.Query(w.ctx, "SELECT k.person, max(e.ts) FROM event e JOIN keymap k ON k.key = e.key WHERE e.name = $1 AND k.person = $2 GROUP BY 1",
		[]any{"b", PersonID(1)}, insight.Limits{}, func(r insight.Row) error {
			var p heed.ID
			err := r.Scan(&p, &last)
			people = append(people, p)
			return err
		}))
	if !slices.Equal(people, []heed.ID{PersonID(1)}) || last != Epoch.Add(2*time.Hour) {
		w.t.Errorf("got %v %v", people, last)
	}
	for text, want := range map[string]heed.Code{
		"SELECT nonsense FROM event":   heed.Invalid,
		"":                             heed.Invalid,
		"SELECT 1; SELECT 2":           heed.Invalid,
		"SELECT 1; DROP TABLE event":   heed.Invalid,
		"DELETE FROM event WHERE true": heed.Forbidden,
		"INSERT INTO keymap SELECT key, key, true FROM event": heed.Forbidden,
		"DROP TABLE event":               heed.Forbidden,
		"SELECT 1 FROM event a, event b": heed.TooLarge,
	} {
		err := w.store.Query(w.ctx, text, nil, insight.Limits{Rows: 3}, func(insight.Row) error { return nil })
		if heed.CodeOf(err) != want {
			w.t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	endless := map[rule.Dialect]string{
		rule.DuckDB:     "SELECT sum(a.range * b.range % 7) FROM range(1000000) a, range(1000000) b",
		rule.ClickHouse: "SELECT sum(a.number * b.number % 7) FROM numbers(1000000) a, numbers(1000000) b",
	}[w.store.Dialect()]
	err := w.store.Query(w.ctx, endless, nil, insight.Limits{Time: 50_000}, func(insight.Row) error { return nil })
	if heed.CodeOf(err) != heed.Unavailable {
		w.t.Errorf("a query without end: got %v", err)
	}
	if n := w.rows(); n != 2 {
		w.t.Errorf("%d rows, want 2", n)
	}
}

func testExport(w *world) {
	w.assign("ana", 1)
	a, b := w.event("ana", "a"), w.event("", "=HYPERLINK(\"x\")")
	b.Properties = nil
	w.put(0, a, b, w.event("ana", "c"))
	w.catchUp()
	f := insight.Filter{Names: []string{"a", b.Name, "it's"}}
	out := map[insight.Format]*bytes.Buffer{}
	for _, format := range []insight.Format{insight.CSV, insight.NDJSON, insight.Parquet} {
		out[format] = &bytes.Buffer{}
		var done, total int64
		n, err := w.store.Export(w.ctx, out[format], format, f, func(d, t int64) { done, total = d, t })
		w.ok(err)
		if n != 2 || done != 2 || total != 2 {
			w.t.Errorf("%s: %d rows, progress %d of %d", format, n, done, total)
		}
	}
	lines, err := csv.NewReader(out[insight.CSV]).ReadAll()
	w.ok(err)
	if len(lines) != 3 || lines[1][0] != PersonID(1).String() || lines[1][1] != a.Timestamp.String() || lines[1][11] != string(a.Properties) ||
		lines[2][4] != "'"+b.Name || lines[2][0] != "" {
		w.t.Errorf("got %q", lines)
	}
	dec := json.NewDecoder(out[insight.NDJSON])
	var first, second map[string]any
	w.ok(dec.Decode(&first))
	w.ok(dec.Decode(&second))
	if first["person"] != PersonID(1).String() || first["properties"].(map[string]any)["revenue"] != 12.5 || second["name"] != b.Name || second["properties"] != nil || second["person"] != nil {
		w.t.Errorf("got %v and %v", first, second)
	}
	if p := out[insight.Parquet].String(); !strings.HasPrefix(p, "PAR1") || !strings.HasSuffix(p, "PAR1") {
		w.t.Errorf("not a Parquet file: %d bytes", len(p))
	}
	if _, err := w.store.Export(w.ctx, &bytes.Buffer{}, "xlsx", f, nil); heed.CodeOf(err) != heed.Invalid {
		w.t.Errorf("got %v", err)
	}
	if !maps.Equal(first["properties"].(map[string]any), map[string]any{"revenue": 12.5, "coupon": "SPRING"}) {
		w.t.Errorf("got %v", first["properties"])
	}
}
