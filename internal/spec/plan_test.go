package spec_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
)

func mustSet(t *testing.T, text string) spec.Set {
	t.Helper()
	s, err := spec.Read("t.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDiff(t *testing.T) {
	for name, c := range map[string]struct {
		old, new string
		want     []string
	}{
		"the same, other order": {`{"a":1,"b":[1,2]}`, `{"b":[1,2],"a":1}`, nil},
		"field":                 {`{"a":{"b":1}}`, `{"a":{"b":2,"c":"x"}}`, []string{"~ a.b: 1 -> 2", `+ a.c: "x"`}},
		"gone":                  {`{"a":1,"b":2}`, `{"b":2}`, []string{"- a: 1"}},
		"type":                  {`{"a":1}`, `{"a":"1"}`, []string{`~ a: 1 -> "1"`}},
		"list":                  {`{"a":[1,2]}`, `{"a":[1,3,4]}`, []string{"~ a[1]: 2 -> 3", "+ a[2]: 4"}},
		"node put in between": {`{"nodes":[{"id":"a","wait":"1d"},{"id":"b"}]}`, `{"nodes":[{"id":"a","wait":"2d"},{"id":"x"},{"id":"b"}]}`,
			[]string{`~ nodes[a].wait: "1d" -> "2d"`, `+ nodes[x]: {"id":"x"}`}},
		"nodes moved":  {`{"nodes":[{"id":"a"},{"id":"b"}]}`, `{"nodes":[{"id":"b"},{"id":"a"}]}`, []string{"~ nodes: order a, b -> b, a"}},
		"long text":    {`{"html":"a\nb\n"}`, `{"html":"a\nb\nc\n"}`, []string{"~ html: text of 2 lines -> text of 3 lines"}},
		"from nothing": {``, `{"a":1}`, []string{"+ a: 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := spec.Diff(heed.RawJSON(c.old), heed.RawJSON(c.new)); !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestPlanApplyOnBothEngines(t *testing.T) {
	testx.Each(t, nil, func(t *testing.T, d db.DB) {
		ctx := context.Background()
		current := func() (s spec.Set) {
			t.Helper()
			if err := d.Read(ctx, func(q db.Querier) (err error) { s, err = spec.Current(ctx, q); return err }); err != nil {
				t.Fatal(err)
			}
			return s
		}
		first := mustSet(t, "kind: segment\nname: a\nrule: x\n---\nkind: segment\nname: b\nrule: y\n")
		if _, err := spec.Apply(ctx, d, spec.Plan(current(), first, true), "ann", 5); err != nil {
			t.Fatal(err)
		}
		second := mustSet(t, "kind: segment\nname: a\nrule: z\n---\nkind: cap\nname: c\nmax: 1\n")
		plan := spec.Plan(current(), second, true)
		if got := spec.Summary(plan); got != "1 to create, 1 to change, 1 to delete, 0 unchanged" {
			t.Fatalf("%s: %v", got, plan)
		}
		if keep := spec.Plan(current(), second, false); len(keep) != 2 {
			t.Fatalf("without prune: %v", keep)
		}
		done, err := spec.Apply(ctx, d, plan, "ben", 6)
		if err != nil || len(done) != 3 {
			t.Fatalf("got %v, %v", done, err)
		}
		now := current()
		if a, _ := now.Get(spec.Segment, "a"); len(now) != 2 || a.Version != 2 || a.MadeBy != "ben" || a.MadeAt != 6 {
			t.Fatalf("got %+v", now)
		}
		// The same plan again is out of date, and none of it happens.
		stale := append([]spec.Change{{Action: spec.Create, Kind: spec.Cap, Name: "new", Body: heed.RawJSON(`{}`)}}, plan...)
		if _, err = spec.Apply(ctx, d, stale, "ben", 7); heed.CodeOf(err) != heed.Conflict {
			t.Fatalf("got %v", err)
		}
		if got := current(); len(got) != 2 || got.Has(spec.Cap, "new") {
			t.Fatalf("a refused plan left %v", got)
		}
		// What was deleted can come back, with the next version.
		if _, err = spec.Apply(ctx, d, spec.Plan(current(), first, false), "ann", 8); err != nil {
			t.Fatal(err)
		}
		if b, ok := current().Get(spec.Segment, "b"); !ok || b.Version != 3 {
			t.Fatalf("got %+v", b)
		}
	})
}

func TestRacingAppliesOneWins(t *testing.T) {
	testx.Each(t, nil, func(t *testing.T, d db.DB) {
		ctx := context.Background()
		const racers = 8
		out := make(chan error, racers)
		plan := spec.Plan(spec.Set{}, mustSet(t, "kind: cap\nname: c\nmax: 1\n"), false)
		for range racers {
			go func() { _, err := spec.Apply(ctx, d, plan, "x", 1); out <- err }()
		}
		won := 0
		for range racers {
			switch err := <-out; heed.CodeOf(err) {
			case "":
				won++
			case heed.Conflict:
			default:
				t.Errorf("got %v", err)
			}
		}
		if won != 1 {
			t.Errorf("%d of %d racers won", won, racers)
		}
	})
}

func TestChecks(t *testing.T) {
	set := mustSet(t, "kind: segment\nname: a\nrule: bad\n---\nkind: nonsense\nname: b\n---\nkind: cap\nname: 'a b'\n---\nkind: cap\nname: ok\n")
	checks := spec.Checks{spec.Segment: func(s spec.Spec, all spec.Set) []error {
		if len(all) != 4 {
			t.Errorf("the checker sees %d specs", len(all))
		}
		return []error{heed.FieldErrorf("rule", "does not parse"), errors.New("also")}
	}}
	err := checks.Check(set, nil)
	if heed.CodeOf(err) != heed.Invalid {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"t.yaml:3:7: segment a: rule: does not parse", "segment a: also", `there is no kind "nonsense"`, `"a b" is not a name`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in:\n%v", want, err)
		}
	}
	if err := checks.Check(set, func(k spec.Key) bool { return k.Name == "ok" }); err != nil {
		t.Errorf("got %v", err)
	}
}
