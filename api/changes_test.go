package api_test

import (
	"context"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/internal/account"
)

// changing is a bench with two people and a recorder of commands.
func changing(d *api.Deps, ann, bob *heed.Person, got *[]heed.Event) {
	d.People = known(map[string]*heed.Person{"ann": ann, "bob": bob})
	d.Commands = commands(func(e []heed.Event) error { *got = append(*got, e...); return nil })
}

func TestChangesGoThroughTheStream(t *testing.T) {
	ann, bob := person(1), person(2)
	var got []heed.Event
	each(t, func(d *api.Deps) { changing(d, ann, bob, &got) }, func(b *bench) {
		b.do(request{method: "PUT", path: "/specs/purpose/newsletter", body: `{"class":"marketing"}`}).is(200)
		b.do(request{method: "PUT", path: "/specs/template/hello", body: `{"channel":"email"}`}).is(200)
		at := "/people/" + ann.ID.String()
		for _, c := range []struct {
			path, body string
			typ        heed.Type
			name, says string
		}{
			{"/consents", `{"purpose":"newsletter","channel":"email","state":"granted","act":"told the agent","text":"May we?","where":"call"}`, heed.Track, "Consent Granted", `"act":"told the agent"`},
			{"/consents", `{"purpose":"*","state":"denied","act":"letter"}`, heed.Track, "Consent Denied", `"purpose":"*"`},
			{"/preferences", `{"topics":["tea"],"zone":"Europe/Lisbon"}`, heed.Track, "Preferences Updated", `{"topics":["tea"],"zone":"Europe/Lisbon"}`},
			{"/traits", `{"city":"Porto","vip":null}`, heed.Identify, "", `"vip":null`},
			{"/interactions", `{"name":"Call","text":"Asked about tea","channel":"phone","direction":"outbound"}`, heed.Track, "Call", `"text":"Asked about tea"`},
			{"/cases", `{"id":"C1","title":"Broken cup"}`, heed.Track, "Case Opened", `"case_id":"C1"`},
			{"/cases", `{"id":"C1","closed":true}`, heed.Track, "Case Closed", `"case_id":"C1"`},
			{"/promises", `{"text":"Call back","due":"2026-01-01T00:00:00Z"}`, heed.Track, "Promise Made", `"due":"2026-01-01T00:00:00Z"`},
			{"/promises", `{"id":"P1","kept":true}`, heed.Track, "Promise Kept", `"promise_id":"P1"`},
			{"/messages", `{"channel":"email","purpose":"newsletter","template":"hello","vars":{"a":1}}`, heed.SendMessage, "", `"vars":{"a":1}`},
		} {
			got = nil
			method, want := "POST", 200
			switch c.path {
			case "/traits":
				method = "PATCH"
			case "/messages":
				want = 202
			}
			b.do(request{method: method, path: at + c.path, body: c.body}).is(want).says(ann.ID.String())
			if len(got) != 1 {
				b.t.Fatalf("%s: %d events", c.path, len(got))
			}
			e := got[0]
			if e.Type != c.typ || e.Name != c.name || !strings.Contains(string(e.Properties), c.says) || e.Public || e.MessageID == "" || e.Timestamp != start {
				b.t.Errorf("%s: %+v %s", c.path, e, e.Properties)
			}
			if len(e.IDs) != 1 || e.IDs[0] != (heed.Identifier{Namespace: "person_id", Value: ann.ID.String()}) {
				b.t.Errorf("%s names %v", c.path, e.IDs)
			}
			if !strings.Contains(string(e.Context), `"name":"all"`) {
				b.t.Errorf("%s does not say who did it: %s", c.path, e.Context)
			}
		}
		log, err := b.accounts.Audit(context.Background(), account.AuditQuery{Target: "person " + ann.ID.String(), Limit: 100})
		if err != nil || len(log) != 10 || log[0].Address != "192.0.2.1" || log[0].Request == "" {
			b.t.Errorf("%d entries in the audit log, %v: %+v", len(log), err, log)
		}
		got = nil
		for path, body := range map[string]string{
			"/consents":     `{"purpose":"unheard-of","state":"granted","act":"x"}`,
			"/interactions": `{"name":"Call","channel":"phone","at":"2099-01-01T00:00:00Z"}`,
			"/promises":     `{"kept":true}`,
			"/messages":     `{"channel":"email","purpose":"newsletter","template":"nothing"}`,
			"/cases":        `{"title":"no id"}`,
		} {
			b.post(at+path, body).is(422)
		}
		b.post(at+"/consents", `{"purpose":"newsletter","state":"granted"}`).is(422).says("act") // no evidence, no consent
		b.do(request{method: "PATCH", path: at + "/traits", body: `{}`}).is(422)
		b.post("/people/"+heed.NewID(start).String()+"/cases", `{"id":"C1"}`).is(404)
		if got != nil {
			b.t.Errorf("refused requests wrote %v", got)
		}
	})
}

func TestIdempotencyKey(t *testing.T) {
	ann := person(1)
	var got []heed.Event
	b := one(t, func(d *api.Deps) { changing(d, ann, person(2), &got) })
	send := func(key string) string {
		got = nil
		b.do(request{method: "POST", path: "/people/" + ann.ID.String() + "/cases", body: `{"id":"C1"}`, header: map[string]string{"Idempotency-Key": key}}).is(200)
		return got[0].MessageID
	}
	if first, again := send("k"), send("k"); first != again || first == send("l") {
		t.Error("the same key must give the same message id, another one another")
	}
	got = nil
	keyed := map[string]string{"Idempotency-Key": "k"}
	b.do(request{method: "POST", path: "/people/" + ann.ID.String() + "/merge", body: `{"with":"` + person(2).ID.String() + `"}`, header: keyed}).is(200)
	b.do(request{method: "POST", path: "/people/" + ann.ID.String() + "/split", body: `{"identifiers":["email:ann@x.example"]}`, header: keyed}).is(200)
	if got[0].MessageID == got[1].MessageID {
		t.Error("a merge and a split with one key are one command")
	}
	had := send("k")
	b.key = b.newKey(account.NewKey{Kind: account.APIKind, Name: "other", Scopes: []string{"service"}})
	if send("k") == had {
		t.Error("the keys of two callers must not meet")
	}
}

func TestAgentNotesCarryTheirDepartment(t *testing.T) {
	ann := person(1)
	var got []heed.Event
	b := one(t, func(d *api.Deps) { changing(d, ann, person(2), &got) })
	b.newUser("agent@x.example", account.Agent)
	h := map[string]string{"Cookie": b.login("agent@x.example"), "X-Heed-Console": "1"}
	at := "2025-10-01T10:00:00Z"
	b.do(request{method: "POST", path: "/people/" + ann.ID.String() + "/interactions", body: `{"name":"Visit","channel":"shop","at":"` + at + `"}`, header: h, noAuth: true}).is(200)
	if e := got[0]; e.Department != "service" || e.Direction != heed.Inbound || e.Timestamp.String() != at || !strings.Contains(string(e.Properties), `"by":"agent@x.example"`) {
		t.Errorf("%+v %s", e, e.Properties)
	}
}

func TestMergeSplitErase(t *testing.T) {
	ann, bob := person(1), person(2)
	var got []heed.Event
	b := one(t, func(d *api.Deps) { changing(d, ann, bob, &got) })
	at := "/people/" + ann.ID.String()
	b.post(at+"/merge", map[string]string{"with": bob.ID.String()}).is(200)
	if e := got[0]; e.Type != heed.MergePeople || len(e.IDs) != 2 || e.IDs[0].Value != "ann" || e.IDs[1].Value != "bob" {
		t.Errorf("%+v", e)
	}
	b.post(at+"/merge", map[string]string{"with": ann.ID.String()}).is(422)
	b.post(at+"/merge", map[string]string{"with": heed.NewID(start).String()}).is(404)

	b.post(at+"/split", map[string]any{"identifiers": []string{"email:ann@x.example"}}).is(200).says(`"other"`)
	if e := got[1]; e.Type != heed.SplitPerson || len(e.IDs) != 1 || e.IDs[0].Namespace != heed.Email {
		t.Errorf("%+v", e)
	}
	b.post(at+"/split", map[string]any{"identifiers": []string{"email:bob@x.example"}}).is(422)
	b.post(at+"/split", map[string]any{"identifiers": []string{"email:ann@x.example", "user_id:ann"}}).is(422)
	b.post(at+"/split", map[string]any{"identifiers": []string{}}).is(422)

	b.do(request{method: "DELETE", path: at}).is(204)
	if e := got[2]; e.Type != heed.ErasePerson || e.IDs[0].Value != ann.ID.String() {
		t.Errorf("%+v", e)
	}
	b.do(request{method: "DELETE", path: "/people/" + heed.NewID(start).String()}).is(404)
	if len(got) != 3 {
		t.Errorf("%d events", len(got))
	}
}

func TestExportPages(t *testing.T) {
	ann := person(1)
	b := one(t, func(d *api.Deps) {
		d.People = known(map[string]*heed.Person{"ann": ann})
		d.Interactions = interactions(func(_ heed.ID, f api.TimelineFilter) ([]api.TimelineEntry, string, error) {
			next := map[string]string{"": "b", "b": "c", "c": ""}[f.Before]
			return make([]api.TimelineEntry, 2), next, nil
		})
		d.Messages = messages{list: func(q api.MessageQuery) ([]heed.Message, error) {
			n := 1000
			if !q.Before.IsZero() {
				n = 3
			}
			out := make([]heed.Message, n)
			for i := range out {
				out[i].ID = heed.MakeID(start, [10]byte{1, byte(i >> 8), byte(i)})
			}
			return out, nil
		}}
	})
	var v struct {
		Interactions, Messages, Decisions []any
		Complete                          bool
	}
	b.get("/people/" + ann.ID.String() + "/export").is(200).into(&v)
	if len(v.Interactions) != 6 || len(v.Messages) != 1003 || v.Decisions == nil || !v.Complete {
		t.Errorf("%d interactions, %d messages, complete %v", len(v.Interactions), len(v.Messages), v.Complete)
	}
	log, err := b.accounts.Audit(context.Background(), account.AuditQuery{Action: "person.export", Limit: 10})
	if err != nil || len(log) != 1 {
		t.Errorf("an export leaves no trace: %v, %v", log, err)
	}
}

func TestStreamDownIs503(t *testing.T) {
	ann := person(1)
	b := one(t, func(d *api.Deps) {
		d.People = known(map[string]*heed.Person{"ann": ann})
		d.Commands = commands(func([]heed.Event) error {
			return heed.Errorf(heed.Unavailable, "The stream does not take events right now.")
		})
	})
	b.post("/people/"+ann.ID.String()+"/cases", `{"id":"C1"}`).is(503)
	log, _ := b.accounts.Audit(context.Background(), account.AuditQuery{Action: "person.case", Limit: 10})
	if len(log) != 0 {
		t.Error("what did not happen is in the audit log")
	}
}
