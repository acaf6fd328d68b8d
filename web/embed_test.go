package web

import (
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

var script = strings.Repeat("export const heed = 'the brand is loyal first'\n", 100)

func built() http.Handler {
	return handler(fstest.MapFS{
		"index.html":       {Data: []byte("<!doctype html><title>Heed</title>")},
		"favicon.svg":      {Data: []byte("<svg/>")},
		"assets/app-1a.js": {Data: []byte(script)},
	})
}

func get(h http.Handler, path string, header ...string) *http.Response {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, res *http.Response) string {
	t.Helper()
	var from io.Reader = res.Body
	if res.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		from = z
	}
	text, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestRoutesOfTheConsoleGetItsPage(t *testing.T) {
	h := built()
	for _, path := range []string{"/", "/people", "/people/01890a5d-ac96-774b-bcce-b302099a8057", "/settings/keys?x=1", "/assets", "/../etc/passwd"} {
		res := get(h, path)
		if res.StatusCode != http.StatusOK || !strings.Contains(body(t, res), "<title>Heed") {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
		if got := res.Header.Get("Cache-Control"); got != "no-cache" {
			t.Errorf("%s: Cache-Control %q: a new version would not be seen", path, got)
		}
		if !strings.Contains(res.Header.Get("Content-Security-Policy"), "default-src 'self'") {
			t.Errorf("%s: no policy", path)
		}
	}
}

// Pictures of other servers may stand in mails, and mails only in frames of ours.
func TestOnlyMailsShowPicturesOfOtherServers(t *testing.T) {
	h := built()
	policy := func(path string) map[string]string {
		res, out := get(h, path), map[string]string{}
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d", path, res.StatusCode)
		}
		for one := range strings.SplitSeq(res.Header.Get("Content-Security-Policy"), ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(one), " ")
			out[name] = value
		}
		return out
	}
	for path, want := range map[string]map[string]string{
		"/":               {"img-src": "'self' data: blob:", "default-src": "'self'", "frame-ancestors": "'none'", "script-src": ""},
		"/templates/x":    {"img-src": "'self' data: blob:", "frame-ancestors": "'none'"},
		"/frame/canvas":   {"img-src": "'self' data: blob: https:", "script-src": "'none'", "frame-ancestors": "'self'"},
		"/frame/letter":   {"img-src": "data: https:", "default-src": "'none'", "sandbox": "allow-scripts", "frame-ancestors": "'self'", "form-action": "'none'"},
		"/frame/anything": {"img-src": "'self' data: blob:"},
	} {
		got := policy(path)
		for name, value := range want {
			if got[name] != value {
				t.Errorf("%s: %s is %q, want %q", path, name, got[name], value)
			}
		}
	}
	// The one script of a read mail is the one that its policy names.
	text := body(t, get(h, "/frame/letter"))
	_, script, _ := strings.Cut(text, "<script>")
	script, _, _ = strings.Cut(script, "</script>")
	sum := sha256.Sum256([]byte(script))
	if got, want := policy("/frame/letter")["script-src"], "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'"; got != want || strings.Count(text, "<script") != 1 {
		t.Errorf("script-src %s, want %s", got, want)
	}
}

func TestAssetsAreKeptForEverAndCompressed(t *testing.T) {
	h := built()
	for range 2 { // the second time from memory
		res := get(h, "/assets/app-1a.js", "Accept-Encoding", "br, gzip;q=0.8")
		if res.Header.Get("Content-Encoding") != "gzip" || !strings.Contains(res.Header.Get("Content-Type"), "javascript") {
			t.Fatalf("headers %v", res.Header)
		}
		if !strings.Contains(res.Header.Get("Cache-Control"), "immutable") || res.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("headers %v", res.Header)
		}
		if body(t, res) != script {
			t.Error("not the file")
		}
	}
	for _, accept := range []string{"", "identity", "gzip;q=0", "br"} {
		res := get(h, "/assets/app-1a.js", "Accept-Encoding", accept)
		if res.Header.Get("Content-Encoding") != "" || body(t, res) != script {
			t.Errorf("Accept-Encoding %q: headers %v", accept, res.Header)
		}
	}
	if res := get(h, "/assets/app-1a.js", "Accept-Encoding", "gzip", "Range", "bytes=0-9"); res.StatusCode != http.StatusPartialContent || body(t, res) != script[:10] {
		t.Errorf("a range: %d", res.StatusCode)
	}
	if res := get(h, "/favicon.svg", "Accept-Encoding", "gzip"); res.Header.Get("Content-Encoding") != "" || body(t, res) != "<svg/>" {
		t.Errorf("a tiny file: %v", res.Header)
	}
	if res := get(h, "/assets/app-old.js"); res.StatusCode != http.StatusNotFound || strings.Contains(res.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("a file of another version: %d %v", res.StatusCode, res.Header)
	}
}

func TestWithoutAConsoleItSaysWhatToDo(t *testing.T) {
	res := get(handler(fstest.MapFS{".placeholder": {}}), "/people")
	if res.StatusCode != http.StatusNotFound || !strings.Contains(body(t, res), "make build") {
		t.Errorf("%d", res.StatusCode)
	}
}
