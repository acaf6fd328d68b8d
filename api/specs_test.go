package api_test

import (
	"context"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/internal/account"
	"github.com/heedcx/heed/internal/spec"
)

// checks refuse a segment without a rule and a journey whose segment is not there.
func checks(d *api.Deps) {
	d.Checks = spec.Checks{
		spec.Segment: func(s spec.Spec, _ spec.Set) []error {
			if !strings.Contains(string(s.Body), `"rule"`) {
				return []error{heed.FieldErrorf("rule", "is missing: say for whom the segment holds")}
			}
			return nil
		},
		spec.Journey: func(_ spec.Spec, all spec.Set) []error {
			if !all.Has(spec.Segment, "regulars") {
				return []error{heed.FieldErrorf("trigger.segment", "there is no segment %q", "regulars")}
			}
			return nil
		},
	}
}

func TestSpecsOneByOne(t *testing.T) {
	each(t, checks, func(b *bench) {
		put := func(path, body string, header map[string]string) answer {
			b.t.Helper()
			return b.do(request{method: "PUT", path: "/specs" + path, body: body, header: header})
		}
		b.get("/specs/segment/regulars").is(404)
		put("/segment/regulars", `{"title":"x"}`, nil).is(422).says(`"field":"rule"`, "say for whom")
		a := put("/segment/regulars", `{"title":"Regulars","rule":"did \"X\""}`, map[string]string{"If-None-Match": "*"}).is(200)
		if a.Header.Get("ETag") != `"v1"` {
			b.t.Errorf("ETag %q", a.Header.Get("ETag"))
		}
		put("/segment/regulars", `{"rule":"y"}`, map[string]string{"If-None-Match": "*"}).is(412)
		put("/segment/regulars", `{"rule":"y"}`, map[string]string{"If-Match": `"v9"`}).is(412).says("all saved version 1", "load it again")
		if a := put("/segment/regulars", `{"rule":"y"}`, map[string]string{"If-Match": `"v1"`}).is(200); a.Header.Get("ETag") != `"v2"` {
			b.t.Errorf("ETag %q", a.Header.Get("ETag"))
		}
		if a := put("/segment/regulars", `{"rule":"y"}`, nil).is(200); a.Header.Get("ETag") != `"v2"` {
			b.t.Errorf("the same again made a version: %q", a.Header.Get("ETag"))
		}
		b.get("/specs/segment/regulars").is(200).says(`"body":{"rule":"y"}`, `"made_by":"all"`)
		b.get("/specs/segment/regulars/versions").is(200).says(`"version":2`, `"version":1`, "Regulars")

		put("/journey/welcome", `{"trigger":{"segment":"regulars"}}`, nil).is(200)
		b.do(request{method: "DELETE", path: "/specs/segment/regulars"}).is(422).says("journey welcome", "there is no segment")
		b.do(request{method: "DELETE", path: "/specs/journey/welcome", header: map[string]string{"If-Match": `"v3"`}}).is(412)
		b.do(request{method: "DELETE", path: "/specs/journey/welcome", header: map[string]string{"If-Match": `"v1"`}}).is(204)
		b.do(request{method: "DELETE", path: "/specs/segment/regulars"}).is(204)
		b.do(request{method: "DELETE", path: "/specs/segment/regulars"}).is(404)
		b.get("/specs").is(200).says(`"items":[]`)

		for path, body := range map[string]string{
			"/nonsense/x":        `{}`,
			"/segment/a%20b":     `{"rule":"x"}`,
			"/segment/a":         `[]`,
			"/segment/b":         `{"rule":"x","rule":"y"}`,
			"/segment/c":         `{"kind":"cap","rule":"x"}`,
			"/template/greeting": `{"text":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`,
		} {
			put(path, body, nil).is(422)
		}
		put("/template/big", `{"text":"`+strings.Repeat("x", spec.MaxBody)+`"}`, nil).is(413)
		put("/template/huge", `{"text":"`+strings.Repeat("x", 3*spec.MaxBody)+`"}`, nil).is(413)
		put("/template/broken", `{"text":`, nil).is(400)

		log, err := b.accounts.Audit(context.Background(), account.AuditQuery{Target: "segment regulars", Limit: 10})
		if err != nil || len(log) != 3 {
			b.t.Fatalf("%v, %+v", err, log)
		}
		var update account.Logged
		for _, l := range log {
			if l.Action == "spec.update" {
				update = l
			}
		}
		if got := strings.Join(update.Diff, "|"); got != `~ rule: "did \"X\"" -> "y"|- title: "Regulars"` {
			b.t.Errorf("the log says %q", got)
		}
	})
}

func TestPlanAndApply(t *testing.T) {
	each(t, checks, func(b *bench) {
		files := func(text string, prune bool) map[string]any {
			return map[string]any{"files": map[string]string{"brand.yaml": text}, "prune": prune}
		}
		first := "kind: segment\nname: regulars\nrule: x\n---\nkind: journey\nname: welcome\ntrigger: {segment: regulars}\n"
		b.post("/specs/plan", files(first, false)).is(200).says("2 to create", `"from":0`)
		b.get("/specs").is(200).says(`"items":[]`) // a plan changes nothing
		b.post("/specs/apply", files(first, false)).is(200)
		b.get("/specs?kind=segment").is(200).says(`"name":"regulars"`, `"version":1`)

		second := "kind: segment\nname: regulars\nrule: y\n"
		var plan struct{ Token string }
		b.post("/specs/plan", files(second, false)).is(200).says("1 to change, 0 to delete", `~ rule: \"x\" -> \"y\"`).into(&plan)
		var prune struct{ Token string }
		b.post("/specs/plan", files(second, true)).is(200).says("1 to change, 1 to delete").into(&prune)
		// What somebody saves besides is in the way of a plan that would delete it, of the other not.
		b.do(request{method: "PUT", path: "/specs/cap/c", body: `{"max":1}`}).is(200)
		b.post("/specs/apply?token="+prune.Token, files(second, true)).is(409).says("plan again")
		b.post("/specs/apply?token="+plan.Token, files(strings.Replace(second, "y", "z", 1), false)).is(409).says("plan again")
		b.post("/specs/apply?token="+plan.Token, files(second, false)).is(200).says("1 to change")
		b.post("/specs/apply?token="+plan.Token, files(second, false)).is(409).says("plan again")
		b.post("/specs/apply", files(second, true)).is(200).says("2 to delete")
		if a := b.get("/specs").is(200); strings.Contains(a.text, "welcome") || !strings.Contains(a.text, "regulars") {
			b.t.Error(a.text)
		}
		b.post("/specs/apply", files("kind: cap\nname: only\nmax: 1\n", true)).is(200)

		// A new document is part of the plan with all that it says.
		fresh := "kind: cap\nname: fresh\nmax: 1\n"
		b.post("/specs/plan", files(fresh, false)).is(200).into(&plan)
		b.post("/specs/apply?token="+plan.Token, files(strings.Replace(fresh, "1", "2", 1), false)).is(409).says("plan again")
		b.post("/specs/apply?token="+plan.Token, files(fresh, false)).is(200)
		b.do(request{method: "DELETE", path: "/specs/cap/fresh"}).is(204)

		b.post("/specs/plan", files("kind: segment\nname: a\n---\nkind: segment\nname: [\n", false)).is(422).says("brand.yaml:5:7")
		b.post("/specs/plan", files("kind: segment\nname: a\ntitle: t\n", false)).is(422).says("brand.yaml:1:1", "say for whom")
		b.post("/specs/plan", map[string]any{"files": map[string]string{"a.yaml": "kind: cap\nname: x\n", "b.yaml": "kind: cap\nname: x\n"}}).is(422).says("defined twice")
		b.post("/specs/plan", map[string]any{"files": map[string]string{}}).is(422)

		var out struct{ Files map[string]string }
		b.get("/specs/export").is(200).into(&out)
		if out.Files["cap.yaml"] != "kind: cap\nname: only\nmax: 1\n" {
			b.t.Errorf("exported %q", out.Files)
		}
	})
}

func TestNobodyIsOverwrittenUnseen(t *testing.T) {
	each(t, nil, func(b *bench) {
		files := func(text string, seen map[string]int) map[string]any {
			return map[string]any{"files": map[string]string{"console.yaml": text}, "versions": seen}
		}
		mine := "kind: segment\nname: vip\nrule: mine\n"
		at := func(version int) map[string]int { return map[string]int{"segment/vip": version} }
		b.post("/specs/apply", files(mine, at(1))).is(412).says("There is no segment")
		b.post("/specs/apply", files(mine, at(0))).is(200)
		b.do(request{method: "PUT", path: "/specs/segment/vip", body: `{"rule":"theirs"}`}).is(200)

		for _, path := range []string{"/specs/plan", "/specs/apply"} {
			b.post(path, files(mine, at(1))).is(412).says(`all saved version 2 of segment \"vip\" at`, "UTC on", "load it again", `"code":"conflict"`)
			b.post(path, files(mine, at(0))).is(412).says("all saved version 2")
		}
		german := b.do(request{method: "POST", path: "/specs/plan", body: `{"files":{"a":"kind: cap\nname: c\nmax: 1\n"},"versions":{"segment/vip":1}}`,
			header: map[string]string{"Accept-Language": "de"}})
		german.is(412).says("hat Version 2 von Segment", "Laden Sie es neu")
		b.get("/specs/segment/vip").is(200).says(`"rule":"theirs"`)

		// A plan that is made against what was seen does not outlive what comes after it.
		var plan struct{ Token string }
		b.post("/specs/plan", files(mine, at(2))).is(200).into(&plan)
		b.do(request{method: "PUT", path: "/specs/segment/vip", body: `{"rule":"theirs too"}`}).is(200)
		b.post("/specs/apply?token="+plan.Token, files(mine, at(2))).is(412).says("saved version 3")
		b.post("/specs/apply", files(mine, at(3))).is(200)
		b.post("/specs/apply", files(mine, nil)).is(200) // who says nothing about versions is not refused

		b.do(request{method: "DELETE", path: "/specs/segment/vip"}).is(204)
		b.post("/specs/apply", files(mine, at(4))).is(412).says(`all deleted segment \"vip\" at`, "create it again")
		b.post("/specs/apply", files(mine, at(0))).is(200)
		b.get("/specs/segment/vip/versions?limit=1").is(200).says(`"version":6`)
		if a := b.get("/specs/segment/vip/versions?limit=2").is(200); strings.Contains(a.text, `"version":4`) || !strings.Contains(a.text, `"deleted":true`) {
			b.t.Error(a.text)
		}
		for _, wrong := range []string{"segment vip", "vip", "nonsense/vip", "segment/a b"} {
			b.post("/specs/plan", files(mine, map[string]int{wrong: 1})).is(422).says(`"field":"versions"`, "kind/name")
		}
	})
}

func TestAuthorsDoNotChangeWhoWeAre(t *testing.T) {
	b := one(t, nil)
	b.key = b.newKey(account.NewKey{Kind: account.APIKind, Name: "author", Scopes: []string{"marketer"}})
	b.do(request{method: "PUT", path: "/specs/cap/c", body: `{"max":1}`}).is(200)
	for _, kind := range []string{"brand", "source", "channel"} {
		b.do(request{method: "PUT", path: "/specs/" + kind + "/x", body: `{}`}).is(403)
	}
	b.post("/specs/apply", map[string]any{"files": map[string]string{"a": "kind: cap\nname: d\n---\nkind: brand\nname: x\n"}}).is(403)
	b.get("/specs/cap/d").is(404)
}

func TestSegmentsAndJourneys(t *testing.T) {
	ann := full()
	var member [3]any
	var entered api.Entry
	paused := false
	b := one(t, func(d *api.Deps) {
		d.People = known(map[string]*heed.Person{"ann": ann})
		d.Segments = segments{
			stats: func() (map[string]api.SegmentStat, error) {
				return map[string]api.SegmentStat{"regulars": {People: 42, Progress: 0.5}}, nil
			},
			members: func(name, after string, limit int) ([]api.Member, string, error) {
				member = [3]any{name, after, limit}
				return []api.Member{{ID: ann.ID, Since: start, Person: ann}, {ID: ann.ID}}, "n", nil
			},
			preview: func(rule string, sample int) (api.Preview, error) {
				if rule == "bad" {
					return api.Preview{}, heed.FieldErrorf("rule", "line 1, column 1: there is no field %q", "bad")
				}
				return api.Preview{People: 7, Total: 100, Text: rule, Exact: true}, nil
			},
		}
		d.Journeys = journeys{
			stats: func() (map[string]api.JourneyStat, error) {
				return map[string]api.JourneyStat{"welcome": {Active: 5, Paused: paused}}, nil
			},
			nodes: func(_ string, version int) ([]api.NodeStat, error) {
				return []api.NodeStat{{Node: "pause", Here: 3, Version: version}}, nil
			},
			runs: func(q api.RunQuery) ([]api.JourneyRun, string, error) {
				return []api.JourneyRun{{Journey: q.Journey, Status: q.Status, Person: q.Person, Entered: start}}, "", nil
			},
			pause: func(_ string, p bool, by string) error { paused = p; return nil },
			enter: func(e api.Entry) error {
				entered = e
				if e.Key == "twice" {
					return heed.Errorf(heed.Conflict, "They are in this journey already.")
				}
				return nil
			},
		}
	})
	b.do(request{method: "PUT", path: "/specs/segment/regulars", body: `{"title":"Regulars","rule":"x"}`}).is(200)
	b.do(request{method: "PUT", path: "/specs/journey/welcome", body: `{"title":"Welcome","nodes":[]}`}).is(200)

	b.get("/segments").is(200).says(`"people":42`, `"progress":0.5`, `"rule":"x"`, `"title":"Regulars"`)
	b.get("/segments/regulars").is(200).says(`"people":42`)
	b.get("/segments/none").is(404)
	b.get("/segments/regulars/people?limit=2&after=a").is(200).says(`"name":"Ann"`, `"next":"n"`, `"since":"2025-`)
	if member != [3]any{"regulars", "a", 2} {
		t.Errorf("asked %v", member)
	}
	b.get("/segments/none/people").is(404)
	b.post("/segments/preview", map[string]any{"rule": "x"}).is(200).says(`"people":7`, `"sample":[]`)
	b.post("/segments/preview", map[string]any{"rule": "bad"}).is(422).says(`"field":"rule"`, "column 1")
	b.post("/segments/preview", map[string]any{"rule": strings.Repeat("x", 10001)}).is(422)

	b.get("/journeys").is(200).says(`"active":5`, `"title":"Welcome"`, `"paused":false`)
	b.get("/journeys/welcome?version=2").is(200).says(`"here":3`, `"nodes":[]`, `"version":2`)
	b.get("/journeys/welcome/runs?status=active").is(200).says(`"status":"active"`)
	b.get("/journeys/welcome/runs?status=lost").is(422)
	b.get("/people/" + ann.ID.String() + "/runs").is(200).says(ann.ID.String())
	b.post("/journeys/welcome/pause", nil).is(200).says(`"paused":true`)
	b.post("/journeys/welcome/resume", nil).is(200).says(`"paused":false`)
	b.post("/journeys/none/pause", nil).is(404)
	b.post("/journeys/welcome/enter", map[string]any{"identifier": "user_id:ann", "key": "k", "vars": map[string]int{"a": 1}}).is(202)
	if entered.Person != ann.ID || entered.Key != "k" || string(entered.Vars) != `{"a":1}` || entered.By != "all" {
		t.Errorf("entered %+v", entered)
	}
	b.post("/journeys/welcome/enter", map[string]any{"identifier": "user_id:ann", "key": "twice"}).is(409)
	log, _ := b.accounts.Audit(context.Background(), account.AuditQuery{Target: "journey welcome", Limit: 10})
	if len(log) != 4 { // made, paused, resumed, entered
		t.Errorf("%+v", log)
	}
}
