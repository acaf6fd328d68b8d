package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What plan says is enough to apply just that.
func TestPlanSaysWithWhichTokenItIsApplied(t *testing.T) {
	var asked []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.String())
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"changes":[{"action":"create","kind":"cap","name":"c"}],"summary":"1 to create","token":"4eff6300"}`)
	}))
	defer srv.Close()
	file := filepath.Join(t.TempDir(), "caps.yaml")
	if err := os.WriteFile(file, []byte("kind: cap\nname: c\nmax: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	specs := specFiles{remote: remote{URL: srv.URL, APIKey: "key"}, Files: []string{file}}
	said := stdout(t, func() error { return (&planCmd{specs}).Run(t.Context()) })
	_, after, _ := strings.Cut(said, "--token ")
	token, _, _ := strings.Cut(after, "`")
	_ = stdout(t, func() error { return (&applyCmd{specs, token}).Run(t.Context()) })
	if got := strings.Join(asked, " "); got != "/api/v1/specs/plan /api/v1/specs/apply?token=4eff6300" {
		t.Errorf("asked %s after plan had said %q", got, said)
	}
}

// stdout is what f prints.
func stdout(t *testing.T, f func() error) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	was := os.Stdout
	os.Stdout = w
	err = f()
	os.Stdout = was
	_ = w.Close()
	if err != nil {
		t.Fatal(err)
	}
	said, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(said)
}
