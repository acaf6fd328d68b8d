package api_test

import (
	"context"
	"strings"
	"testing"

	"github.com/heedcx/heed/api"
)

type audience struct {
	values  func(api.ValueQuery) ([]api.KnownValue, error)
	overlap func([]string) (api.Overlapping, error)
}

func (f audience) Vocabulary(context.Context) (api.Vocabulary, error) {
	return api.Vocabulary{Purposes: []string{"stories"}}, nil
}
func (f audience) Values(_ context.Context, q api.ValueQuery) ([]api.KnownValue, error) {
	return f.values(q)
}
func (f audience) Sizes(_ context.Context, _ string, days int) ([]api.SizePoint, error) {
	return []api.SizePoint{{Day: api.Time(start), People: int64(days)}}, nil
}
func (f audience) Overlap(_ context.Context, names []string) (api.Overlapping, error) {
	return f.overlap(names)
}

func TestRulesInBothForms(t *testing.T) {
	b := one(t, func(*api.Deps) {})
	b.do(request{method: "PUT", path: "/specs/segment/regulars", body: `{"rule":"x"}`}).is(200)
	read := func(body map[string]any, says ...string) {
		t.Helper()
		b.post("/segments/rule", body).is(200).says(says...)
	}
	read(map[string]any{"text": `did   "A"  within 7d and (known or has open case)`},
		`"text":"did \"A\" within 7d and (known or has open case)"`, `"kind":"all"`, `"within":"7d"`, `"timed":true`, `"problems":[]`)
	read(map[string]any{"tree": map[string]any{"kind": "not", "of": []any{map[string]any{"kind": "segment", "name": "regulars"}}}}, `"text":"not in segment \"regulars\""`)
	read(map[string]any{"text": `properties.total > 50 or channel = "web"`, "where": true}, `"text":"properties.total > 50 or channel = \"web\""`, `"kind":"property"`)
	read(map[string]any{"text": `event.properties.plan = "pro"`}, `"event":true`)
	// What is wrong is told with its place, in the form in which it was given.
	read(map[string]any{"text": "did \"A\" and\nat 3"}, `"text":""`, `"tree":null`, `"line":2`, `"column":1`)
	read(map[string]any{"text": `did "A"`, "where": true}, `"detail":"expected`)
	read(map[string]any{"tree": map[string]any{"kind": "any", "of": []any{map[string]any{"kind": "known"}, map[string]any{"kind": "trait"}}}}, `"field":"of[1]`)
	read(map[string]any{"text": `in segment "nobody-made"`}, `"detail":"there is no segment`)
	read(map[string]any{"tree": "x"}, `"problems":[{`)
	read(map[string]any{}, "Write a rule")
	b.post("/segments/rule", map[string]any{"text": strings.Repeat("x", 16385)}).is(422)
}

func TestAudience(t *testing.T) {
	var asked api.ValueQuery
	b := one(t, func(d *api.Deps) {
		d.Audience = audience{
			values: func(q api.ValueQuery) ([]api.KnownValue, error) {
				asked = q
				return []api.KnownValue{{Value: api.JSON(`"pro"`), Count: 3}}, nil
			},
			overlap: func(names []string) (api.Overlapping, error) {
				if names[0] == "b" {
					return api.Overlapping{People: map[int]int64{1: 100}, Asked: 20, Within: 7}, nil
				}
				return api.Overlapping{People: map[int]int64{1: 2, 2: 9, 3: 5}}, nil
			},
		}
	})
	for _, name := range []string{"a", "b"} {
		b.do(request{method: "PUT", path: "/specs/segment/" + name, body: `{"rule":"x"}`}).is(200)
	}
	b.get("/vocabulary").is(200).says(`"purposes":["stories"]`, `"events":[]`)
	b.get("/vocabulary/values?event=Order+Completed&property=plan&limit=5").is(200).says(`"value":"pro"`)
	if want := (api.ValueQuery{Type: "track", Event: "Order Completed", Property: "plan", Limit: 5}); asked != want {
		t.Errorf("asked %+v", asked)
	}
	b.get("/vocabulary/values?trait=plan&property=plan").is(422)
	b.get("/vocabulary/values").is(422)
	b.get("/segments/a/sizes?days=30").is(200).says(`"people":30`)
	b.get("/segments/none/sizes").is(404)
	b.post("/segments/overlap", map[string]any{"segments": []string{"a", "b"}}).is(200).
		says(`"parts":[{"in":["b"],"people":9},{"in":["a","b"],"people":5},{"in":["a"],"people":2}]`, `"exact":true`)
	b.post("/segments/overlap", map[string]any{"segments": []string{"b", "a"}}).is(200).says(`"exact":false`, `"asked":20`, `"within":7`)
	b.post("/segments/overlap", map[string]any{"segments": []string{"a", "a"}}).is(422).says("twice")
	b.post("/segments/overlap", map[string]any{"segments": []string{"a"}}).is(422)
	b.post("/segments/overlap", map[string]any{"segments": []string{"a", "none"}}).is(404)
}
