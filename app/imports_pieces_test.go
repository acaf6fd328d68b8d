package app_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed/app"
	"github.com/heedcx/heed/db"
)

func (w *world) begin(mapping, name string, size int) (one imported) {
	w.t.Helper()
	w.call(http.MethodPost, "/api/v1/imports/uploads", map[string]any{"file": name, "size": size, "mapping": mapping, "modified": "2026-01-02T03:04:05Z"}, &one)
	return one
}

// piece sends one piece, and returns the status, how far the file is, and the answer.
func (w *world) piece(id string, at int, body io.Reader) (status, offset int, text string) {
	w.t.Helper()
	req, err := http.NewRequest(http.MethodPatch, w.URL()+"/api/v1/imports/"+id+"/file", body)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+apiKey)
	req.Header.Set("Upload-Offset", strconv.Itoa(at))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, _ := io.ReadAll(res.Body)
	offset, _ = strconv.Atoi(res.Header.Get("Upload-Offset"))
	return res.StatusCode, offset, string(b)
}

// offset asks how far a file is.
func (w *world) offset(id string) int {
	w.t.Helper()
	req, err := http.NewRequest(http.MethodHead, w.URL()+"/api/v1/imports/"+id+"/file", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+apiKey)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	_ = res.Body.Close()
	n, err := strconv.Atoi(res.Header.Get("Upload-Offset"))
	if err != nil {
		w.t.Fatalf("%d %v", res.StatusCode, res.Header)
	}
	return n
}

// cut announces a piece of size bytes, sends only the first, and hangs up.
func (w *world) cut(id string, at int, first []byte, size int) {
	w.t.Helper()
	u, err := url.Parse(w.URL())
	if err != nil {
		w.t.Fatal(err)
	}
	c, err := net.Dial("tcp", u.Host)
	if err != nil {
		w.t.Fatal(err)
	}
	_, _ = fmt.Fprintf(c, "PATCH /api/v1/imports/%s/file HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nUpload-Offset: %d\r\nContent-Length: %d\r\n\r\n", id, u.Host, apiKey, at, size)
	_, err = c.Write(first)
	if err = errors.Join(err, c.Close()); err != nil {
		w.t.Fatal(err)
	}
}

func packed(text string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, text)
	_ = z.Close()
	return b.Bytes()
}

// The line breaks in the middle of a piece, twice, and Heed is started anew in between: what has come counts, the rest
// goes on from there, and the file is imported whole. Plain and packed.
func TestAnUploadGoesOnWhereItBroke(t *testing.T) {
	for name, file := range map[string][]byte{"tills.csv": []byte(tills(20_000)), "tills.csv.gz": packed(tills(20_000))} {
		t.Run(name, func(t *testing.T) {
			c := config(t, "", nil)
			w := boot(t, c)
			one := w.begin(tillMapping, name, len(file))
			if one.State != "uploading" || one.Bytes != 0 || one.Total != int64(len(file)) {
				t.Fatalf("it begins as %+v", one)
			}
			third := len(file) / 3
			w.cut(one.ID, 0, file[:third], len(file))
			w.until("the first third is here", func() bool { return w.offset(one.ID) == third })
			w.call(http.MethodGet, "/api/v1/imports/"+one.ID, nil, &one)
			if one.State != "uploading" || one.Bytes != int64(third) {
				t.Errorf("after the break it is %+v", one)
			}
			w.stop()
			w = boot(t, c)
			at := w.offset(one.ID)
			if at != third {
				t.Fatalf("after the restart %d bytes are here, want %d", at, third)
			}
			w.until("the broken piece is done with", func() bool { // a piece is taken while no other one comes
				status, offset, _ := w.piece(one.ID, at, bytes.NewReader(file[at:at+1000]))
				at = offset
				return status == http.StatusOK
			})
			if status, offset, text := w.piece(one.ID, 0, bytes.NewReader(file)); status != http.StatusConflict || offset != at || !strings.Contains(text, "Go on from there") {
				t.Errorf("from the beginning again: %d %d %s", status, offset, text)
			}
			w.cut(one.ID, at, file[at:2*third], len(file)-at)
			w.until("the second third is here", func() bool { return w.offset(one.ID) == 2*third })
			w.until("the last piece is taken", func() bool {
				status, _, _ := w.piece(one.ID, 2*third, bytes.NewReader(file[2*third:]))
				return status == http.StatusOK
			})
			if got := w.ended(one.ID); got.State != "done" || got.Accepted != 20_000 || got.Rejected != 200 || got.Bytes != int64(len(file)) {
				t.Errorf("imported %+v", got)
			}
			if status, _, text := w.piece(one.ID, 0, strings.NewReader("x")); status != http.StatusConflict || !strings.Contains(text, "takes no pieces") {
				t.Errorf("a piece for what is done: %d %s", status, text)
			}
		})
	}
}

func TestUploadsAreBounded(t *testing.T) {
	w := boot(t, config(t, "", func(c *app.Config) { c.ImportMB = 1 }))
	for what, c := range map[string]struct {
		body   map[string]any
		status int
		says   string
	}{
		"too large":        {map[string]any{"file": "x.csv", "size": 2 << 20, "mapping": tillMapping}, 413, "larger than 1 MiB"},
		"empty":            {map[string]any{"file": "x.csv", "size": 0, "mapping": tillMapping}, 422, "size"},
		"a broken mapping": {map[string]any{"file": "x.csv", "size": 5, "mapping": "kind: import\nname: x\nkolumns: {}\n"}, 422, "kolumns"},
	} {
		if status, text := w.do(http.MethodPost, "/api/v1/imports/uploads", c.body); status != c.status || !strings.Contains(string(text), c.says) {
			t.Errorf("%s: %d %s", what, status, text)
		}
	}
	one := w.begin(tillMapping, "../../x.csv", 10)
	if one.File != "x.csv" {
		t.Errorf("the file is called %q", one.File)
	}
	if status, offset, _ := w.piece(one.ID, 0, strings.NewReader("12345678901234567890")); status != http.StatusOK || offset != 10 {
		t.Errorf("more than was said: %d, %d bytes", status, offset)
	}
	for range 20 {
		one = w.begin(tillMapping, "x.csv", 10)
	}
	if status, text := w.do(http.MethodPost, "/api/v1/imports/uploads", map[string]any{"file": "x.csv", "size": 5, "mapping": tillMapping}); status != http.StatusConflict || !strings.Contains(string(text), "20 files") {
		t.Errorf("one too many: %d %s", status, text)
	}
	w.call(http.MethodPost, "/api/v1/imports/"+one.ID+"/cancel", nil, nil)
	if status, _, _ := w.piece(one.ID, 0, strings.NewReader("1234567890")); status != http.StatusConflict {
		t.Errorf("a piece for what was canceled: %d", status)
	}
	w.begin(tillMapping, "x.csv", 10)
}

// What nobody goes on with for two days is thrown away; what somebody went on with yesterday is not.
func TestUploadsThatNobodyGoesOnWithEnd(t *testing.T) {
	c := config(t, "", nil)
	w := boot(t, c)
	old, young := w.begin(tillMapping, "old.csv", 1000), w.begin(tillMapping, "young.csv", 1000)
	for _, id := range []string{old.ID, young.ID} {
		if status, _, text := w.piece(id, 0, strings.NewReader("customer")); status != http.StatusOK {
			t.Fatalf("%d %s", status, text)
		}
	}
	// The rows say that both began three days ago; the disk, when the last piece came.
	err := w.DB.Write(t.Context(), func(tx db.Tx) error {
		rows, err := tx.QuerySQL(t.Context(), "UPDATE import_upload SET made_at = made_at - 259200000000")
		if err == nil {
			rows.Next()
			rows.Close()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	w.stop()
	file := func(one imported) string { return filepath.Join(c.Data, "imports", one.ID, one.File) }
	for one, ago := range map[string]time.Duration{file(old): 49 * time.Hour, file(young): 47 * time.Hour} {
		if err := os.Chtimes(one, time.Now(), time.Now().Add(-ago)); err != nil {
			t.Fatal(err)
		}
	}
	w = boot(t, c)
	var one imported
	w.until("the old one is given up", func() bool {
		w.call(http.MethodGet, "/api/v1/imports/"+old.ID, nil, &one)
		return one.State == "failed"
	})
	if _, err := os.Stat(filepath.Dir(file(old))); !os.IsNotExist(err) {
		t.Errorf("its file is kept: %v", err)
	}
	w.call(http.MethodGet, "/api/v1/imports/"+young.ID, nil, &one)
	if one.State != "uploading" || one.Bytes != 8 {
		t.Errorf("the young one is %+v", one)
	}
}
