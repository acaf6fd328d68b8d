package app_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/heedcx/heed/app"
)

const tillMapping = `
kind: import
name: tills
source: tills
format: csv
type: track
event: Order Completed
timestamp: {column: at, layout: "2006-01-02"}
ids: {user_id: customer}
properties: {order_id: order, revenue: {column: amount, type: number}}
`

// tills is a CSV file of n orders, with a line that cannot be taken after every hundred.
func tills(n int) string {
	var b strings.Builder
	b.WriteString("customer,order,amount,at\n")
	for i := range n {
		fmt.Fprintf(&b, "c%d,o%d,9.50,2026-01-0%d\n", i%50, i, 1+i%9)
		if i%100 == 99 {
			b.WriteString("c1,o1,much,2026-01-01\n")
		}
	}
	return b.String()
}

type imported struct {
	ID, File, Mapping, State, Detail, By string
	Lines, Accepted, Rejected            int64
	Bytes                                int64
	Total                                int64 `json:"total_bytes"`
}

// upload hands fields in as a form, in pairs of name and text.
func (w *world) upload(fields ...string) (int, []byte) {
	w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i < len(fields); i += 2 {
		var part io.Writer
		var err error
		if fields[i] == "file" {
			part, err = form.CreateFormFile("file", "../../tills 1.csv")
		} else {
			part, err = form.CreateFormField(fields[i])
		}
		if err == nil {
			_, err = io.WriteString(part, fields[i+1])
		}
		if err != nil {
			w.t.Fatal(err)
		}
	}
	_ = form.Close()
	req, err := http.NewRequest(http.MethodPost, w.URL()+"/api/v1/imports", &body)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Authorization", "Bearer "+apiKey)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, _ := io.ReadAll(res.Body)
	return res.StatusCode, text
}

func (w *world) uploaded(mapping, file string) (one imported) {
	w.t.Helper()
	status, text := w.upload("mapping", mapping, "file", file)
	if status != http.StatusAccepted {
		w.t.Fatalf("%d %s", status, text)
	}
	decode(w.t, text, &one)
	return one
}

func (w *world) ended(id string) (one imported) {
	w.t.Helper()
	w.until("the import has ended", func() bool {
		w.call(http.MethodGet, "/api/v1/imports/"+id, nil, &one)
		return one.State != "waiting" && one.State != "running"
	})
	return one
}

func TestAFileThatIsHandedInIsImportedOnce(t *testing.T) {
	each(t, nil, func(t *testing.T, w *world) {
		file := tills(12_000)
		first := w.ended(w.uploaded(tillMapping, file).ID)
		if first.State != "done" || first.Accepted != 12_000 || first.Rejected != 120 || first.File != "tills_1.csv" || first.Mapping != "tills" || first.By == "" || first.Bytes != int64(len(file)) || first.Total != first.Bytes {
			t.Errorf("imported %+v", first)
		}
		status, rejects := w.do(http.MethodGet, "/api/v1/imports/"+first.ID+"/rejects", nil)
		if status != http.StatusOK || strings.Count(string(rejects), "\n") != 121 || !strings.Contains(string(rejects), "much") {
			t.Errorf("rejects: %d %.300s", status, rejects)
		}
		w.settled()
		var p struct {
			Orders struct {
				Count   int64
				Revenue float64
			}
		}
		w.call(http.MethodGet, "/api/v1/people?identifier=user_id:c7", nil, &p)
		if p.Orders.Count != 240 || p.Orders.Revenue != 240*9.5 {
			t.Errorf("c7 has %+v", p.Orders)
		}
		again := w.ended(w.uploaded(tillMapping, file).ID)
		if again.State != "done" || !strings.Contains(again.Detail, "imported before") || again.Accepted != 12_000 {
			t.Errorf("a second time: %+v", again)
		}
		var list struct{ Items []imported }
		w.call(http.MethodGet, "/api/v1/imports", nil, &list)
		if len(list.Items) != 2 || list.Items[0].ID != again.ID || list.Items[1].ID != first.ID {
			t.Errorf("the list is %+v", list.Items)
		}
		if status, _ := w.do(http.MethodPost, "/api/v1/imports/"+first.ID+"/cancel", nil); status != http.StatusConflict {
			t.Errorf("canceling what has ended: %d", status)
		}
		_, audit := w.do(http.MethodGet, "/api/v1/audit?action=import.create", nil)
		if strings.Count(string(audit), first.ID) != 1 {
			t.Errorf("the audit log says %s", audit)
		}
	})
}

func TestAnImportGoesOnAfterARestart(t *testing.T) {
	c := config(t, "", nil)
	w := boot(t, c)
	one := w.uploaded(tillMapping, tills(40_000))
	w.stop()
	w = boot(t, c)
	if got := w.ended(one.ID); got.State != "done" || got.Accepted != 40_000 || got.Rejected != 400 {
		t.Errorf("after the restart: %+v", got)
	}
	w.settled()
	var all struct{ People int64 }
	w.call(http.MethodGet, "/api/v1/overview", nil, &all)
	if all.People != 50 {
		t.Errorf("%d people, want 50", all.People)
	}
}

func TestAnImportCanBeCanceled(t *testing.T) {
	w := boot(t, config(t, "", nil))
	long := w.uploaded(tillMapping, tills(200_000))
	waits := w.uploaded(tillMapping, tills(11))
	for _, id := range []string{waits.ID, long.ID} {
		var one imported
		w.call(http.MethodPost, "/api/v1/imports/"+id+"/cancel", nil, &one)
		if one.State != "canceled" || !strings.Contains(one.Detail, "canceled by") {
			t.Errorf("canceled: %+v", one)
		}
	}
	next := w.ended(w.uploaded(tillMapping, tills(10)).ID) // the way is free
	if next.State != "done" || next.Accepted != 10 {
		t.Errorf("the next one: %+v", next)
	}
	if got := w.ended(long.ID); got.State != "canceled" {
		t.Errorf("in the end it is %+v", got)
	}
}

func TestWhatIsWrongWithAnUploadIsSaid(t *testing.T) {
	w := boot(t, config(t, "", func(c *app.Config) { c.ImportMB = 1 }))
	for name, c := range map[string]struct {
		fields []string
		status int
		says   string
	}{
		"no mapping":           {[]string{"file", "a,b\n1,2\n"}, 422, "must come before"},
		"no file":              {[]string{"mapping", tillMapping}, 422, "is missing"},
		"an empty file":        {[]string{"mapping", tillMapping, "file", ""}, 422, "is empty"},
		"another field":        {[]string{"mapping", tillMapping, "note", "x"}, 422, "no field of this form"},
		"a mapping with a bug": {[]string{"mapping", "kind: import\nname: x\nkolumns: {}\n", "file", "a\n"}, 422, "kolumns"},
		"a large mapping":      {[]string{"mapping", strings.Repeat("#", 300<<10), "file", "a\n"}, 422, "larger than"},
		"a large file":         {[]string{"mapping", tillMapping, "file", strings.Repeat("x", 2<<20)}, 413, "larger than 1 MiB"},
	} {
		if status, text := w.upload(c.fields...); status != c.status || !strings.Contains(string(text), c.says) {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	if status, text := w.do(http.MethodPost, "/api/v1/imports", `{}`); status/100 != 4 || !strings.Contains(string(text), "multipart/form-data") {
		t.Errorf("JSON: %d %s", status, text)
	}
	// What only shows in the file ends the import with the reason.
	if got := w.ended(w.uploaded(tillMapping, "a,b\n1,2\n").ID); got.State != "failed" || !strings.Contains(got.Detail, `no column "at"`) {
		t.Errorf("a file without the columns: %+v", got)
	}
	if status, _ := w.do(http.MethodGet, "/api/v1/imports/019aa000-0000-7000-8000-000000000000", nil); status != http.StatusNotFound {
		t.Errorf("an import that is none: %d", status)
	}
	var list struct{ Items []imported }
	w.call(http.MethodGet, "/api/v1/imports", nil, &list)
	if len(list.Items) != 1 {
		t.Errorf("refused uploads are listed: %+v", list.Items)
	}
}
