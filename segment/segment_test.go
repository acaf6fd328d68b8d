package segment_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/rule"
	"github.com/heedcx/heed/segment"
)

func TestCheckSpec(t *testing.T) {
	one := func(kind, name, body string) spec.Spec {
		return spec.Spec{Kind: kind, Name: name, Body: heed.RawJSON(body)}
	}
	a, b := one(spec.Segment, "a", `{"rule": "in segment b"}`), one(spec.Segment, "b", `{"rule": "stage is high"}`)
	ladder := one(spec.Lifecycle, "main", `{"stages": [{"name": "low", "rule": "everyone"}, {"name": "high", "rule": "in segment a"}]}`)
	for _, c := range []struct {
		spec spec.Spec
		with []spec.Spec
		want string // part of the only error; "" for none
	}{
		{one(spec.Segment, "x", `{"rule": "did \"A\" within 3d", "title": "X", "enter_existing": true}`), nil, ""},
		{one(spec.Segment, "x", `{"rule": {"kind": "trait", "path": ["plan"], "op": "=", "value": "pro"}}`), nil, ""},
		{one(spec.Segment, "x", `{}`), nil, "rule: which people?"},
		{one(spec.Segment, "x", `{"rule": "did"}`), nil, "expected the name of an event"},
		{one(spec.Segment, "x", `{"rule": "known", "colour": 1}`), nil, "colour"},
		{one(spec.Segment, "x", `{"rule": "event.name = \"A\""}`), nil, "possible in journeys, not here"},
		{one(spec.Segment, "x", `{"rule": "in segment nowhere"}`), nil, `there is no segment "nowhere"`},
		{one(spec.Segment, "x", `{"rule": "stage is nowhere"}`), nil, `there is no stage "nowhere"`},
		{one(spec.Segment, "x", `{"rule": "in segment x"}`), nil, "in a circle: x > x"},
		{a, []spec.Spec{b, ladder}, "in a circle: a > b > lifecycle > a"},
		{ladder, []spec.Spec{a, b}, "in a circle: lifecycle > a > b > lifecycle"},
		{one(spec.Lifecycle, "main", `{"stages": [{"name": "low", "rule": "everyone"}, {"name": "low", "rule": "known"}]}`), nil, "is there twice"},
		{one(spec.Lifecycle, "main", `{"stages": []}`), nil, "want 1 to 24 stages"},
		{one(spec.Lifecycle, "main", `{"stages": [{"name": "low", "rule": "stage is low"}]}`), nil, "cannot ask which stage"},
	} {
		errs := segment.CheckSpec(c.spec, spec.SetOf(append(c.with, c.spec)...))
		text := fmt.Sprint(errs)
		switch {
		case c.want == "" && len(errs) > 0:
			t.Errorf("%s: %v", c.spec.Body, errs)
		case c.want != "" && !strings.Contains(text, c.want):
			t.Errorf("%s: got %v, want %q", c.spec.Body, errs, c.want)
		}
		for _, err := range errs {
			if heed.CodeOf(err) != heed.Invalid {
				t.Errorf("%s: %v has the code %s", c.spec.Body, err, heed.CodeOf(err))
			}
		}
	}
}

// The shipped ladder is a ladder that a brand could have written.
func TestDefaultLadder(t *testing.T) {
	l := segment.DefaultLadder()
	var stages []string
	for _, r := range l.Stages {
		stages = append(stages, fmt.Sprintf(`{"name": %q, "rule": %q}`, r.Name, r.Rule))
	}
	sp := spec.Spec{Kind: spec.Lifecycle, Name: "main", Body: heed.RawJSON(`{"stages": [` + strings.Join(stages, ",") + `]}`)}
	if errs := segment.CheckSpec(sp, spec.SetOf(sp)); len(errs) > 0 {
		t.Fatal(errs)
	}
	now := heed.Time(1_790_000_000_000_000)
	ago := func(days int) heed.Time { return now.Add(-time.Duration(days) * 24 * time.Hour) }
	for _, c := range []struct {
		p    heed.Person
		want string
	}{
		{heed.Person{FirstSeen: ago(1), LastSeen: ago(1)}, "anonymous"},
		{heed.Person{Known: ago(1), FirstSeen: ago(1), LastSeen: ago(1)}, "new"},
		{heed.Person{Known: ago(40), FirstSeen: ago(40), LastSeen: ago(1)}, "active"},
		{heed.Person{Known: ago(300), FirstSeen: ago(300), LastSeen: ago(100)}, "at_risk"},
		{heed.Person{Known: ago(800), FirstSeen: ago(800), LastSeen: ago(400)}, "lapsed"},
		{heed.Person{Orders: heed.Orders{Count: 1, First: ago(3), Last: ago(3)}}, "new"},
		{heed.Person{Orders: heed.Orders{Count: 2, First: ago(60), Last: ago(3)}}, "active"},
		{heed.Person{Orders: heed.Orders{Count: 1, First: ago(170), Last: ago(170)}}, "active"},
		{heed.Person{Orders: heed.Orders{Count: 5, First: ago(300), Last: ago(20)}}, "loyal"},
		{heed.Person{Orders: heed.Orders{Count: 5, First: ago(300), Last: ago(200)}}, "at_risk"},
		{heed.Person{Orders: heed.Orders{Count: 9, First: ago(900), Last: ago(366)}}, "lapsed"},
	} {
		got := ""
		for _, r := range l.Stages {
			if r.Rule.Eval(&c.p, nil, now) {
				got = r.Name
			}
		}
		if got != c.want {
			t.Errorf("%+v is %s, want %s", c.p, got, c.want)
		}
	}
}

func TestPreviewAndLists(t *testing.T) {
	testx.Each(t, queries(), func(t *testing.T, d db.DB) {
		w := newWorld(t, d)
		ctx := context.Background()
		w.segment("buyers", `did "Order Completed"`, false)
		for i := range 25 {
			w.happens(0, fmt.Sprintf("p%02d", i), "does Visit")
			if i%5 == 0 {
				w.happens(0, fmt.Sprintf("p%02d", i), "does Order Completed")
			}
		}
		v := &segment.Previewer{DB: d, History: w}
		for _, c := range []struct {
			rule, from string
			count      int64
			sample     int
			code       heed.Code
		}{
			{`did "Order Completed"`, "memory", 5, 3, ""},
			{`everyone`, "memory", 25, 3, ""},
			{`known`, "memory", 0, 0, ""},
			{`did "Visit" and not did "Order Completed"`, "history", 20, 3, ""},
			{`did "Order Completed" within 3d`, "history", 5, 3, ""}, // counted, but not deep enough
			{`did "Visit" and known`, "both", 0, 0, ""},
			{`did "Visit" and not known`, "both", 25, 3, ""},
			{`not did "Visit" or orders.count > 0`, "both", 5, 3, ""},
			{`orders.count > 0 and did "Visit" and (did "Order Completed" within 3d or known)`, "both", 5, 3, ""},
			{`did "Visit" at most 0 times and not known`, "both", 0, 0, ""},
			{`did "Visit" and event.name = "A"`, "", 0, 0, heed.Invalid},
			{`event.name = "A"`, "", 0, 0, heed.Invalid},
		} {
			r, err := rule.Parse(c.rule)
			w.must(err)
			got, err := v.Preview(ctx, r, w.clock.Now(), 3)
			if heed.CodeOf(err) != c.code {
				t.Errorf("%s: %v", c.rule, err)
			}
			if err == nil && (got.Count != c.count || got.From != c.from || len(got.Sample) != c.sample) {
				t.Errorf("%s: got %+v", c.rule, got)
			}
		}
		r, err := rule.Parse(`did "Visit" and known`)
		w.must(err)
		if _, err := (&segment.Previewer{DB: d}).Preview(ctx, r, w.clock.Now(), 3); heed.CodeOf(err) != heed.Unavailable {
			t.Errorf("without history: %v", err)
		}
		late, cancel := context.WithTimeout(ctx, -1)
		defer cancel()
		r, err = rule.Parse("everyone")
		w.must(err)
		if _, err := v.Preview(late, r, w.clock.Now(), 3); heed.CodeOf(err) != heed.Unavailable {
			t.Errorf("out of time: %v", err)
		}
		w.must(d.Read(ctx, func(q db.Querier) error {
			n, err := segment.Count(ctx, q, "buyers")
			if n != 5 || err != nil {
				t.Errorf("count: %d, %v", n, err)
			}
			var after heed.ID
			var names []string
			for {
				page, err := segment.Members(ctx, q, "buyers", after, 2)
				if err != nil {
					return err
				}
				if len(page) == 0 {
					break
				}
				for _, m := range page {
					names = append(names, nameOf(m.Person))
					after = m.Person
				}
			}
			if got := strings.Join(names, " "); got != "p00 p05 p10 p15 p20" {
				t.Errorf("members: %s", got)
			}
			if _, err := segment.StatusOf(ctx, q, "nowhere"); heed.CodeOf(err) != heed.NotFound {
				t.Errorf("status: %v", err)
			}
			stages, err := segment.Stages(ctx, q)
			if stages["new"] != 5 || stages["anonymous"] != 20 {
				t.Errorf("stages: %v", stages)
			}
			return err
		}))
	})
}

// A rebuild folds the same memory again, and tells nobody.
func TestRebuildIsQuiet(t *testing.T) {
	testx.Each(t, queries(), func(t *testing.T, d db.DB) {
		w := newWorld(t, d)
		w.segment("twice", `did "A" at least 2 times within 10d`, false)
		w.engine.Rebuild = true
		w.happens(0, "ada", "does A")
		w.happens(0, "ada", "does A")
		if got := w.members(idOf("ada")); len(got) != 1 {
			t.Errorf("ada is in %v", got)
		}
		if len(w.heard.heard) > 0 {
			t.Errorf("heard %v", w.heard.heard)
		}
		p := w.person(idOf("ada"))
		if want := w.clock.Now().Add(10 * 24 * time.Hour); p.Wake != want {
			t.Errorf("wakes at %v, want %v", p.Wake, want)
		}
	})
}

// A batch that fails leaves nothing behind, also of what it registered.
func TestRollback(t *testing.T) {
	testx.Each(t, queries(), func(t *testing.T, d db.DB) {
		w := newWorld(t, d)
		w.happens(0, "ada", "does A")
		w.segment("once", `did "A" within 10d`, false)
		w.heard.fail = true
		err := w.work(0, w.engine, &heed.Event{Type: heed.Track, Name: "A", Person: idOf("ada"), Timestamp: w.clock.Now()})
		if err == nil {
			t.Fatal("it did not fail")
		}
		w.past, w.heard.fail, w.seq[0] = w.past[:1], false, w.seq[0]-1
		w.heard.heard = nil
		w.build()
		w.happens(0, "ada", "does B")
		w.build()
		if got := w.members(idOf("ada")); len(got) != 1 {
			t.Errorf("ada is in %v", got)
		}
		if c := w.person(idOf("ada")).Counters; len(c) == 0 {
			t.Error("nothing is counted")
		}
		for id, c := range w.person(idOf("ada")).Counters {
			if c.N != 1 {
				t.Errorf("counter %s: %+v", id, c)
			}
		}
	})
}

// What no rule needs any more leaves people's documents when they are next in hand, and is told from what is counted
// once a rule needs it again.
func TestRetiredCounters(t *testing.T) {
	testx.Each(t, queries(), func(t *testing.T, d db.DB) {
		w := newWorld(t, d)
		var purged atomic.Int64
		for _, s := range w.engine.Stages {
			if s, ok := s.(*segment.Stage); ok {
				s.Purged = &purged
			}
		}
		const often = `did "A" at least 3 times within 10d`
		r, err := rule.Parse(often)
		w.must(err)
		id := r.Counters()[0].ID
		n := func(name string) int64 {
			if c := w.person(idOf(name)).Counters[id]; c != nil {
				return c.N
			}
			return 0
		}
		check := func(when string, ada, bob, cy int64) {
			t.Helper()
			if a, b, c := n("ada"), n("bob"), n("cy"); a != ada || b != bob || c != cy {
				t.Errorf("%s: %d %d %d, want %d %d %d", when, a, b, c, ada, bob, cy)
			}
		}
		w.segment("often", often, false)
		for _, name := range []string{"ada", "bob", "cy"} {
			w.happens(0, name, "does A")
			w.happens(0, name, "does A")
		}
		check("counted", 2, 2, 2)
		w.put(spec.Segment, "often", "{}", true)
		w.build()
		w.happens(0, "ada", "does A")
		w.happens(0, "ada", "does B")
		check("retired", 0, 2, 2)
		if got := purged.Load(); got != 1 {
			t.Errorf("%d counters purged, want 1", got)
		}
		// Needed again: ada's three are history, bob was in nobody's hands, cy does one more before history is added.
		w.segment("often", often, false)
		w.happens(0, "cy", "does A")
		w.build()
		check("needed again", 3, 2, 3)
		w.happens(0, "bob", "does A")
		w.happens(0, "dan", "does A")
		check("live again", 3, 3, 3)
		if n("dan") != 1 || len(w.members(idOf("bob"))) != 1 {
			t.Errorf("dan has %d, bob is in %v", n("dan"), w.members(idOf("bob")))
		}
		if p := w.person(idOf("dan")); p.Counted == 0 {
			t.Error("someone new is taken for someone who was there before")
		}
		// Members are in hand anyway when their segment goes; dan is not.
		w.put(spec.Segment, "often", "{}", true)
		w.build()
		check("retired again", 0, 0, 0)
		if n("dan") != 1 {
			t.Errorf("dan has %d", n("dan"))
		}
		w.happens(1, "dan", "does B")
		if n("dan") != 0 {
			t.Errorf("dan keeps %d", n("dan"))
		}
	})
}
