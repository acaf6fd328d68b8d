package app_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

// exported asks for a file and returns its job and its content.
func (w *world) exported(ask string) (job exportJob, file []byte) {
	w.t.Helper()
	w.call(http.MethodPost, "/api/v1/exports", ask, &job)
	w.until(ask+" is written", func() bool {
		w.call(http.MethodGet, "/api/v1/exports/"+job.ID, nil, &job)
		return job.State == "done" || job.State == "failed"
	})
	status, file := w.do(http.MethodGet, "/api/v1/exports/"+job.ID+"/file", nil)
	if status != http.StatusOK {
		w.t.Fatalf("%s: %+v: %d %s", ask, job, status, file)
	}
	return job, file
}

// namesIn are the names of what stands in an export, sorted, with the properties' mark.
func namesIn(t *testing.T, format string, file []byte) string {
	t.Helper()
	var names []string
	if format == "csv" {
		rows, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
		if err != nil || len(rows) == 0 || rows[0][0] != "person" {
			t.Fatalf("%v in %s", err, file)
		}
		for _, r := range rows[1:] {
			names = append(names, r[4]+gjson.Get(r[11], "n").Raw)
		}
	} else {
		for line := range strings.Lines(string(file)) {
			names = append(names, gjson.Get(line, "name").Str+gjson.Get(line, "properties.n").Raw)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// Of whom, and of what: each filter in each format gives the same, and the count of rows is that of the file.
func TestTimelinesAreExportedAsTheyAreFiltered(t *testing.T) {
	eachHistory(t, func(t *testing.T, w *world) {
		w.apply(studioBrand + "---\nkind: segment\nname: gold\nrule: 'trait plan = \"gold\"'\n")
		event := func(who, name, channel, department, at string, n int) map[string]any {
			return map[string]any{"type": "track", "userId": who, "event": name, "timestamp": at, "properties": map[string]any{"n": n, "text": "=1+1, \"quoted\"\nline"},
				"context": map[string]any{"heed": map[string]any{"channel": channel, "department": department, "direction": map[bool]string{true: "outbound", false: "inbound"}[channel == "phone"]}}}
		}
		w.events(person("ann", map[string]any{"plan": "gold"}), person("ben", map[string]any{"plan": "tin"}), person("cid", map[string]any{"plan": "gold"}),
			event("ann", "Bought", "web", "sales", "2026-01-01T10:00:00Z", 1), event("ann", "Called", "phone", "service", "2026-01-02T10:00:00Z", 2),
			event("ben", "Bought", "web", "sales", "2026-01-03T10:00:00Z", 3), event("ben", "Called", "phone", "service", "2026-01-04T10:00:00Z", 4),
			event("cid", "Bought", "shop", "sales", "2026-01-05T10:00:00Z", 5))
		var ann struct{ ID string }
		w.call(http.MethodGet, "/api/v1/people?identifier=user_id:ann", nil, &ann)
		for filter, want := range map[string]string{
			``:                                       "Bought1 Bought3 Bought5 Called2 Called4",
			`,"person":"` + ann.ID + `"`:             "Bought1 Called2",
			`,"segment":"gold"`:                      "Bought1 Bought5 Called2",
			`,"rule":"trait plan = \"tin\""`:         "Bought3 Called4",
			`,"segment":"gold","channel":"web"`:      "Bought1",
			`,"department":"service"`:                "Called2 Called4",
			`,"direction":"outbound","stage":"none"`: "",
			`,"direction":"outbound"`:                "Called2 Called4",
			`,"since":"2026-01-02T10:00:00Z","until":"2026-01-04T10:00:00Z"`:                         "Bought3 Called2",
			`,"person":"` + ann.ID + `","until":"2026-01-02T00:00:00Z"`:                              "Bought1",
			`,"segment":"gold","events":["Bought"],"types":["track"],"since":"2026-01-02T00:00:00Z"`: "Bought5",
		} {
			if !strings.Contains(filter, "events") {
				filter += `,"events":["Bought","Called"]`
			}
			for _, format := range []string{"csv", "ndjson", "parquet"} {
				job, file := w.exported(`{"what":"timelines","format":"` + format + `"` + filter + `}`)
				if rows := int64(len(strings.Fields(want))); job.Rows != rows || job.Total != rows || job.Bytes != int64(len(file)) {
					t.Errorf("%s %s: %+v, want %d rows", format, filter, job, rows)
				}
				if format == "parquet" {
					if !bytes.HasPrefix(file, []byte("PAR1")) || !bytes.HasSuffix(file, []byte("PAR1")) {
						t.Errorf("%s: no Parquet file: %.50q", filter, file)
					}
				} else if got := namesIn(t, format, file); got != want {
					t.Errorf("%s %s: %q, want %q", format, filter, got, want)
				}
			}
		}
		// People and the ledger are no events, and the engine of history writes their files all the same.
		if status, body := w.do(http.MethodPost, "/api/v1/people/"+ann.ID+"/messages", `{"channel":"email","purpose":"news","template":"hello"}`); status != http.StatusAccepted {
			t.Fatalf("%d %s", status, body)
		}
		w.settled()
		for _, x := range []struct {
			what, column string
			rows         int64
		}{{"people", "trait_plan", 3}, {"ledger", "asked_by", 1}} {
			job, file := w.exported(`{"what":"` + x.what + `","format":"parquet","traits":["plan"]}`)
			if job.Rows != x.rows || job.Bytes != int64(len(file)) || !bytes.HasPrefix(file, []byte("PAR1")) || !bytes.HasSuffix(file, []byte("PAR1")) || !bytes.Contains(file, []byte(x.column)) {
				t.Errorf("%s: %+v, %d bytes", x.what, job, len(file))
			}
		}
		for ask, says := range map[string]string{`"person":"ann"`: "not the id of a person", `"since":"2026-01-02T00:00:00Z","until":"2026-01-01T00:00:00Z"`: "lies before", `"direction":"up"`: "direction", `"rule":"trait plan ="`: "rule"} {
			status, body := w.do(http.MethodPost, "/api/v1/exports", `{"what":"timelines","format":"csv",`+ask+`}`)
			if status != http.StatusUnprocessableEntity || !strings.Contains(string(body), says) {
				t.Errorf("%s: %d %s", ask, status, fmt.Sprintf("%.300s", body))
			}
		}
	})
}
