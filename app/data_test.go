package app_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/heedcx/heed/app"
)

type exportJob struct {
	ID, State, Detail  string
	Rows, Total, Bytes int64
}

// TestTheDesk goes through what the pages about data do: fix a dead letter, block and lift somebody, export, rehearse.
func TestTheDesk(t *testing.T) {
	each(t, func(c *app.Config) {}, func(t *testing.T, w *world) {
		// A refused event is put right and is somebody's then.
		if status, body := w.do(http.MethodPost, "/api/v1/events", `{"type":"track","userId":"u1","properties":{"total":12}}`); status != http.StatusBadRequest {
			t.Fatalf("%d %s", status, body)
		}
		var list []deadLetter
		w.until("the letter is there", func() bool { list = w.deadLetters(10); return len(list) == 1 })
		fix := "/api/v1/dead-letters/" + list[0].ID + "/fix"
		if status, body := w.do(http.MethodPost, fix, `{"event":{"type":"track","userId":"u1"}}`); status != http.StatusUnprocessableEntity || !strings.Contains(string(body), "needs a name") {
			t.Errorf("what is still wrong was answered with %d %s", status, body)
		}
		if status, body := w.do(http.MethodPost, fix, `{"event":{"type":"track","event":"Order Completed","userId":"u1","properties":{"total":12}}}`); status != http.StatusNoContent {
			t.Fatalf("%d %s", status, body)
		}
		w.until("the list is empty", func() bool { return len(w.deadLetters(10)) == 0 })

		// Somebody whom we did not know is on the suppression list, and off it again.
		if status, body := w.do(http.MethodPost, "/api/v1/suppressions", `{"identifier":"email:Ann@example.com","channel":"email","address":"ann@example.com","reason":"asked on the phone"}`); status != http.StatusNoContent {
			t.Fatalf("%d %s", status, body)
		}
		var blocked struct {
			Items []struct{ Person, Channel, Address, Reason string }
		}
		w.call(http.MethodGet, "/api/v1/suppressions?q=ann@", nil, &blocked)
		if len(blocked.Items) != 1 || blocked.Items[0].Reason != "manual" || blocked.Items[0].Channel != "email" {
			t.Fatalf("%+v", blocked)
		}
		if status, body := w.do(http.MethodPost, "/api/v1/suppressions/lift", `{"person":"`+blocked.Items[0].Person+`","channel":"email","address":"ann@example.com","reason":"a mistake"}`); status != http.StatusNoContent {
			t.Fatalf("%d %s", status, body)
		}
		if w.call(http.MethodGet, "/api/v1/suppressions", nil, &blocked); len(blocked.Items) != 0 {
			t.Errorf("%+v", blocked)
		}

		// Everybody as a file, in each format.
		for format, begin := range map[string]string{"csv": "id,user_id,name", "ndjson": `{"id":"`, "parquet": "PAR1"} {
			var job exportJob
			w.call(http.MethodPost, "/api/v1/exports", `{"what":"people","format":"`+format+`","traits":["plan"]}`, &job)
			w.until(format+" is written", func() bool {
				w.call(http.MethodGet, "/api/v1/exports/"+job.ID, nil, &job)
				return job.State == "done" || job.State == "failed"
			})
			status, body := w.do(http.MethodGet, "/api/v1/exports/"+job.ID+"/file", nil)
			if status != http.StatusOK || !bytes.HasPrefix(body, []byte(begin)) || job.Rows != 2 || job.Bytes != int64(len(body)) {
				t.Errorf("%s: %+v %d %.200s", format, job, status, body)
			}
		}
		for _, ask := range []string{`{"what":"timelines","format":"ndjson"}`, `{"what":"ledger","format":"csv"}`} {
			var job exportJob
			w.call(http.MethodPost, "/api/v1/exports", ask, &job)
			w.until(ask, func() bool {
				w.call(http.MethodGet, "/api/v1/exports/"+job.ID, nil, &job)
				return job.State == "done" || job.State == "failed"
			})
			if job.State != "done" {
				t.Errorf("%s: %+v", ask, job)
			}
		}

		// A draft that makes no sense is refused; one that does is rehearsed.
		if status, body := w.do(http.MethodPost, "/api/v1/policy/rehearse", `{"changes":[{"kind":"cap","name":"x","body":{"max":0}}]}`); status != http.StatusUnprocessableEntity {
			t.Errorf("%d %s", status, body)
		}
		var h struct{ Rate float64 }
		w.call(http.MethodPost, "/api/v1/policy/rehearse", `{"changes":[{"kind":"cap","name":"x","body":{"max":1,"per":"7d"}}]}`, &h)
		if h.Rate != 1 {
			t.Errorf("%+v", h)
		}
		var preview struct {
			Columns []struct{ As string }
			Events  []struct{ Refused string }
		}
		w.call(http.MethodPost, "/api/v1/imports/preview", `{"file":"a.csv","sample":"email,at\na@x.example,2026-01-02T10:00:00Z\n","mapping":"kind: import\nname: a\nsource: s\nevent: A\nids: {email: email}\ntimestamp: at\n"}`, &preview)
		if len(preview.Columns) != 2 || preview.Columns[0].As != "email" || len(preview.Events) != 1 || preview.Events[0].Refused != "" {
			t.Errorf("%+v", preview)
		}
		var trends struct{ Items []struct{ Name string } }
		w.until("history has counted", func() bool {
			w.call(http.MethodGet, "/api/v1/catalogue/trends?days=7", nil, &trends)
			return len(trends.Items) > 0
		})
		var mail struct {
			Records []struct{ What, State string }
		}
		w.call(http.MethodGet, "/api/v1/deliverability", nil, &mail)
	})
}
