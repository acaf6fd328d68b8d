package api_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
)

func full() *heed.Person {
	p := person(1)
	p.Stage, p.StageSince = "loyal", start
	p.StagePath = []heed.StageEntry{{Stage: "new", At: start - 1e6}}
	p.Traits = map[string]heed.Trait{"first_name": {Value: `"Ann"`, At: start, Source: "shop"}, "email": {Value: `"ann@x.example"`, At: start}, "vip": {Value: `true`, At: start}}
	p.Consents = map[string]heed.Consent{"newsletter/email": {State: heed.Granted, At: start, Where: "till", Act: "ticked", Text: "Yes please"}, "newsletter/": {State: heed.Denied, At: start}}
	p.Blocked = map[string]heed.Blocked{"email:a@x.example": {Reason: "hard_bounce", At: start}}
	p.Segments = map[string]heed.Member{"regulars": {Since: start}}
	p.Orders = heed.Orders{Count: 3, Revenue: 120.5, First: start, Last: start + 1e6}
	p.Head = []heed.Interaction{{At: start, Type: "track", Name: "Older"}, {At: start + 1e6, Type: "track", Name: "Newer", Direction: heed.Inbound}}
	p.Moments = []heed.Moment{{At: start, Good: true, Name: "Review Posted"}}
	p.Runs = []heed.Run{{ID: heed.MakeID(start, [10]byte{9}), Journey: "welcome", Version: 2, Node: "pause", Entered: start}}
	p.Pending = []heed.Pending{{Message: heed.MakeID(start, [10]byte{8}), Until: start + 5e6, Channel: "email", Purpose: "newsletter", Rule: "nights"}}
	return p
}

func TestFindPerson(t *testing.T) {
	ann := full()
	b := one(t, func(d *api.Deps) { d.People = known(map[string]*heed.Person{"ann": ann}) })
	for _, path := range []string{"/people?identifier=user_id:ann", "/people?identifier=email:ann@x.example", "/people/" + ann.ID.String()} {
		var v struct {
			ID, Name, Stage string
			FirstSeen       string `json:"first_seen"`
			Traits          map[string]any
			TraitsFrom      map[string]map[string]string `json:"traits_from"`
			Identifiers     []heed.Identifier
			Consents        []map[string]string
			Blocked         []map[string]string
			Segments        []map[string]string
			Recent          []map[string]any
			Orders          struct {
				Count   int
				Revenue float64
			}
			Cases []any
		}
		b.get(path).is(200).into(&v)
		if v.ID != ann.ID.String() || v.Name != "Ann" || v.Stage != "loyal" || v.FirstSeen != "2025-10-09T08:53:20Z" {
			t.Errorf("%s: %+v", path, v)
		}
		if v.Traits["vip"] != true || v.TraitsFrom["first_name"]["source"] != "shop" || len(v.Identifiers) != 2 || v.Orders.Revenue != 120.5 {
			t.Errorf("%s: %+v", path, v)
		}
		if len(v.Consents) != 2 || v.Consents[0]["channel"] != "" || v.Consents[1]["act"] != "ticked" || v.Consents[1]["at"] != "2025-10-09T08:53:20Z" {
			t.Errorf("consents %v", v.Consents)
		}
		if v.Blocked[0]["channel"] != "email" || v.Blocked[0]["address"] != "a@x.example" || v.Segments[0]["segment"] != "regulars" {
			t.Errorf("%v %v", v.Blocked, v.Segments)
		}
		if v.Recent[0]["name"] != "Newer" || v.Cases == nil {
			t.Errorf("recent %v, cases %v", v.Recent, v.Cases)
		}
	}
	b.get("/people?identifier=user_id:bob").is(404)
	b.get("/people/" + heed.NewID(start).String()).is(404)
	for _, bad := range []string{"/people?identifier=ann", "/people?identifier=:ann", "/people?identifier=user_id:", "/people/not-an-id-but-thirty-six-characters", "/people/1",
		"/people?limit=0", "/people?limit=1000", "/people?limit=x", "/people?nonsense=1", "/people?q=" + strings.Repeat("x", 200)} {
		a := b.get(bad).is(422)
		var p api.Problem
		a.into(&p)
		if p.Code != heed.Invalid {
			t.Errorf("%s: %+v", bad, p)
		}
	}
}

func TestMergedPersonSaysSo(t *testing.T) {
	old, now := heed.MakeID(start, [10]byte{7}), person(1)
	b := one(t, func(d *api.Deps) {
		f := known(map[string]*heed.Person{"ann": now})
		f.get = func(id heed.ID) (*heed.Person, error) { return now, nil }
		d.People = f
	})
	b.get("/people/"+old.String()).is(200).says(`"id":"`+now.ID.String(), `"merged_from":"`+old.String())
	if a := b.get("/people/" + now.ID.String()).is(200); strings.Contains(a.text, "merged_from") {
		t.Error(a.text)
	}
}

func TestListAndSearchPeople(t *testing.T) {
	var asked api.PeopleQuery
	var text string
	b := one(t, func(d *api.Deps) {
		d.People = &people{
			list: func(q api.PeopleQuery) ([]*heed.Person, string, error) {
				asked = q
				if q.Rule == "nonsense" {
					return nil, "", heed.FieldErrorf("rule", "does not parse: nonsense")
				}
				return []*heed.Person{full()}, "more", nil
			},
			search: func(q string, limit int) ([]*heed.Person, error) { text = q; return nil, nil },
		}
	})
	b.get(`/people?rule=did+"X"&segment=s&stage=loyal&after=c&limit=7`).is(200).says(`"next":"more"`, `"looked":{"people":20000,"of":1000000}`, `"name":"Ann"`, `"email":"ann@x.example"`, `"segments":["regulars"]`)
	if want := (api.PeopleQuery{Rule: `did "X"`, Segment: "s", Stage: "loyal", After: "c", Limit: 7}); asked != want {
		t.Errorf("asked %+v", asked)
	}
	b.get("/people").is(200)
	if asked.Limit != 50 {
		t.Errorf("limit %d", asked.Limit)
	}
	b.get("/people?q=+ann").is(200).says(`"items":[]`)
	if text != "ann" {
		t.Errorf("searched %q", text)
	}
	b.get("/people?rule=nonsense").is(422).says(`"field":"rule"`)
}

func TestTimelineDecisionsMessages(t *testing.T) {
	ann := person(1)
	var f api.TimelineFilter
	var dq api.DecisionQuery
	var mq api.MessageQuery
	rows := func(n int) (out []api.LedgerEntry) {
		for i := range n {
			out = append(out, api.LedgerEntry{ID: heed.MakeID(start, [10]byte{byte(i)}), At: start, Intent: heed.Intent{Person: ann.ID, Channel: "email", Purpose: "newsletter"},
				Decision: heed.Decision{Outcome: heed.Hold, Reason: "QUIET_HOURS", Text: "held: it is night where they are", Until: start + 1e6}, Inputs: heed.RawJSON(`{"zone":"UTC"}`), Dry: i == 0})
		}
		return out
	}
	message := heed.Message{Intent: heed.Intent{ID: heed.MakeID(start, [10]byte{5}), Person: ann.ID, Channel: "email", Purpose: "newsletter", Priority: 3}, State: heed.MessageSent, SentAt: start}
	b := one(t, func(d *api.Deps) {
		d.Interactions = interactions(func(id heed.ID, q api.TimelineFilter) ([]api.TimelineEntry, string, error) {
			f = q
			return []api.TimelineEntry{{Interaction: heed.Interaction{At: start, Type: "track", Name: "Order Completed"}, Properties: `{"total":5}`, MessageID: "m1"},
				{Interaction: heed.Interaction{At: start}, Properties: `not json`, Ref: ann.ID}}, "older", nil
		})
		d.Decisions = decisions(func(q api.DecisionQuery) ([]api.LedgerEntry, error) { dq = q; return rows(min(q.Limit, 3)), nil })
		d.Messages = messages{list: func(q api.MessageQuery) ([]heed.Message, error) { mq = q; return []heed.Message{message}, nil },
			get: func(id heed.ID) (heed.Message, error) { return message, nil }}
	})
	at := "/people/" + ann.ID.String()
	b.get(at+"/interactions?channel=email,shop&direction=inbound&from=2025-01-01&to=2025-02-01T00:00:00Z&after=x&limit=2").is(200).
		says(`"properties":{"total":5}`, `"properties":null`, `"next":"older"`, `"message_id":"m1"`, `"ref":"`+ann.ID.String())
	if !slices.Equal(f.Channels, []string{"email", "shop"}) || f.Directions[0] != "inbound" || f.Before != "x" || f.Limit != 2 || f.From.String() != "2025-01-01T00:00:00Z" || f.To.String() != "2025-02-01T00:00:00Z" {
		t.Errorf("filter %+v", f)
	}
	for _, bad := range []string{"from=yesterday", "direction=sideways", "from=2025-02-01&to=2025-01-01", "from=99999-01-01T00:00:00Z"} {
		b.get(at + "/interactions?" + bad).is(422)
	}

	a := b.get(at+"/decisions?limit=3&outcome=hold&reason=QUIET_HOURS").is(200).says(`"reason":"QUIET_HOURS"`, `"until":"2025-10-09T08:53:21Z"`, `"inputs":{"zone":"UTC"}`, `"dry":true`)
	var p struct{ Next string }
	a.into(&p)
	if dq.Person != ann.ID || dq.Outcome != "hold" || p.Next != rows(3)[2].ID.String() {
		t.Errorf("%+v, next %s", dq, p.Next)
	}
	b.get("/decisions?limit=3&after=" + p.Next).is(200)
	if dq.Before != rows(3)[2].ID || !dq.Person.IsZero() {
		t.Errorf("%+v", dq)
	}
	if a := b.get("/decisions?limit=50").is(200); strings.Contains(a.text, `"next"`) {
		t.Error("a page that is not full has no next")
	}
	b.get("/decisions?after=zzz").is(422)
	b.get("/decisions?outcome=maybe").is(422)

	b.get("/messages?state=sent&journey=welcome&person="+ann.ID.String()).is(200).says(`"priority":3`, `"state":"sent"`)
	if mq.State != "sent" || mq.Journey != "welcome" || mq.Person != ann.ID {
		t.Errorf("%+v", mq)
	}
	b.get(at + "/messages").is(200)
	b.get("/messages?state=lost").is(422)
	b.get("/messages/"+message.ID.String()).is(200).says(`"message":{`, `"decisions":[{`, "it is night")
	if dq.Message != message.ID {
		t.Errorf("%+v", dq)
	}
}

func TestBriefHasNoNulls(t *testing.T) {
	ann := full()
	b := one(t, func(d *api.Deps) {
		d.Briefs = briefs(func(id heed.ID) (api.Brief, error) {
			if id != ann.ID {
				return api.Brief{}, heed.Errorf(heed.NotFound, "There is no such person.")
			}
			v := api.NewBrief(ann, nil)
			v.Headline = "Ann, loyal, bought 3 times"
			return v, nil
		})
	})
	a := b.get("/people/"+ann.ID.String()+"/brief").is(200).says("bought 3 times", `"held":[{`, `"revenue":120.5`)
	var v map[string]any
	a.into(&v)
	for k, x := range v {
		if x == nil {
			t.Errorf("%s is null", k)
		}
	}
	b.get("/people/" + heed.NewID(start).String() + "/brief").is(404)
}

func TestDecide(t *testing.T) {
	ann := person(1)
	var asked heed.Intent
	b := one(t, func(d *api.Deps) {
		d.People = known(map[string]*heed.Person{"ann": ann})
		d.Decider = decider(func(in heed.Intent) (heed.Decision, error) {
			asked = in
			return heed.Decision{Outcome: heed.Hold, Reason: "OPEN_CASE", Rule: "no-selling-on-trouble", Text: "held: their problem is still open", Until: start + 1e6}, nil
		})
	})
	b.post("/decide", map[string]any{"identifier": "user_id:ann", "channel": "phone", "purpose": "offers"}).is(200).
		says(`"may":false`, `"reason":"OPEN_CASE"`, `"person":"`+ann.ID.String())
	if asked.Person != ann.ID || asked.Channel != "phone" || asked.By != "all" || asked.Asked != start || asked.ID.IsZero() {
		t.Errorf("asked %+v", asked)
	}
	b.post("/decide", map[string]any{"identifier": "user_id:bob", "channel": "phone", "purpose": "offers"}).is(404)
	b.post("/decide", map[string]any{"channel": "phone", "purpose": "offers"}).is(422)
	b.post("/decide", map[string]any{"person": ann.ID.String(), "identifier": "user_id:ann", "channel": "phone", "purpose": "offers"}).is(422)
	b.post("/decide", map[string]any{"person": ann.ID.String(), "purpose": "offers"}).is(422).says("channel")
}

func TestOurFaultShowsNothing(t *testing.T) {
	b := one(t, func(d *api.Deps) {
		d.People = &people{list: func(q api.PeopleQuery) ([]*heed.Person, string, error) {
			if q.Stage == "panic" {
				panic("secret in a panic")
			}
			return nil, "", fmt.Errorf("dial postgres://user:secret@host: %w", errors.New("refused"))
		}}
	})
	for _, path := range []string{"/people", "/people?stage=panic"} {
		a := b.get(path).is(500)
		var p api.Problem
		a.into(&p)
		if strings.Contains(a.text, "secret") || p.Code != heed.Internal {
			t.Errorf("%s: %s", path, a.text)
		}
		if log := b.log.String(); !strings.Contains(log, p.Request) || !strings.Contains(log, "secret") {
			t.Errorf("%s: the log does not have the cause: %s", path, log)
		}
	}
}

func TestEveryCodeHasItsStatus(t *testing.T) {
	want := map[heed.Code]int{heed.Invalid: 422, heed.NotFound: 404, heed.Conflict: 409, heed.Unauthorized: 401, heed.Forbidden: 403, heed.TooLarge: 413,
		heed.TooMany: 429, heed.Unavailable: 503, heed.Internal: 500}
	var code heed.Code
	b := one(t, func(d *api.Deps) {
		d.People = &people{list: func(api.PeopleQuery) ([]*heed.Person, string, error) {
			return nil, "", heed.Errorf(code, "A sentence that helps.")
		}}
	})
	for code = range want {
		a := b.get("/people").is(want[code])
		var p struct{ Code heed.Code }
		if err := json.Unmarshal([]byte(a.text), &p); err != nil || p.Code != code {
			t.Errorf("%s: %s", code, a.text)
		}
	}
}
