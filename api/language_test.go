package api_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
)

// inGerman asks as the console does when its language is German.
func (b *bench) inGerman(path string) answer {
	b.t.Helper()
	return b.do(request{method: "GET", path: path, header: map[string]string{"Accept-Language": "de"}})
}

func TestSentencesInTheLanguageThatWasAskedFor(t *testing.T) {
	ann := person(1)
	b := one(t, func(d *api.Deps) {
		d.Briefs = briefs(func(heed.ID) (api.Brief, error) {
			return api.Brief{Headline: "Ann Lee, loyal, last seen today.", Do: []string{"We promised tea."}, Avoid: []string{"Do not sell: a case is open (loose thread)."}}, nil
		})
		d.Decisions = decisions(func(api.DecisionQuery) ([]api.LedgerEntry, error) {
			return []api.LedgerEntry{{ID: ann.ID, At: start, Intent: heed.Intent{Person: ann.ID, Channel: "email", Purpose: "newsletter"},
				Decision: heed.Decision{Outcome: heed.Hold, Reason: "QUIET_HOURS", Text: "held until 08:00 Tuesday: quiet hours in Lisbon"}}}, nil
		})
		d.Interactions = interactions(func(heed.ID, api.TimelineFilter) ([]api.TimelineEntry, string, error) {
			return []api.TimelineEntry{{Interaction: heed.Interaction{At: start, Type: "message_decided", Name: "hold"}, Properties: `{"text":"dropped: nobody is known by that"}`}}, "", nil
		})
	})
	at := "/people/" + ann.ID.String()
	b.inGerman(at+"/brief").is(200).says("Ann Lee, treu, zuletzt gesehen heute.", "Versprochen: tea.", "Nichts verkaufen: Ein Fall ist offen (loose thread).")
	b.get(at+"/brief").is(200).says("Ann Lee, loyal, last seen today.", "We promised tea.")
	b.inGerman("/decisions").is(200).says(`"text":"gehalten bis Dienstag 08:00: Ruhezeit in Lisbon"`, `"reason":"QUIET_HOURS"`)
	b.get("/decisions").is(200).says(`"text":"held until 08:00 Tuesday: quiet hours in Lisbon"`)
	b.inGerman(at+"/interactions").is(200).says(`"text":"verworfen: darunter ist niemand bekannt"`, `"properties":{"text":"dropped: nobody is known by that"}`)

	b.inGerman("/people/nobody/brief").is(422).says(`\"nobody\" ist keine ID: erwartet wird eine UUID`, `"code":"invalid"`)
	b.inGerman("/people/" + strings.Repeat("x", 200)).is(422).says(`"detail":"id: höchstens 100 Zeichen"`)
	b.inGerman("/decisions?limit=0").is(422).says(`"detail":"limit: mindestens 1"`)
	b.inGerman("/decisions?colour=red").is(422).says("colour: diesen Parameter gibt es hier nicht")
	b.inGerman("/nowhere").is(404).says("Unter /api/v1/nowhere gibt es nichts.")
	b.do(request{method: "GET", path: "/people", noAuth: true, header: map[string]string{"Accept-Language": "de-AT, en;q=0.5"}}).is(401).says("Melden Sie sich an")
	if vary := b.get("/decisions").Header.Get("Vary"); !strings.Contains(vary, "Accept-Language") {
		t.Errorf("Vary is %q", vary)
	}
}

func TestStreamInTheLanguageThatWasAskedFor(t *testing.T) {
	happenings := make(chan api.Happening)
	b := one(t, func(d *api.Deps) {
		d.Live = live(func(context.Context) (<-chan api.Happening, error) { return happenings, nil })
	})
	srv := httptest.NewServer(b.handler)
	defer srv.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+api.Prefix+"/live?language=de", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+b.key)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	go func() { happenings <- api.Happening{Kind: "rejected", At: api.Time(start), Text: "userId: is missing"} }()
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			if !strings.Contains(data, "userId: fehlt") {
				t.Errorf("got %s", data)
			}
			return
		}
	}
	t.Errorf("the stream ended: %v", lines.Err())
}
