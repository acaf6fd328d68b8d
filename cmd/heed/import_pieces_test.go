package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/heedcx/heed/app"
)

// A file that the network breaks off goes on where the server stands: nothing is lost, nothing counts twice.
func TestAFileGoesOnWhereTheConnectionBroke(t *testing.T) {
	dir := t.TempDir()
	c := importing(t, dir)
	cfg := c.Config
	cfg.Roles, cfg.BootstrapAPIKey = []string{"collect", "work", "history", "api"}, "a-key-for-imports"
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(context.Background(), cfg, "test", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Close() }()

	var csv strings.Builder // of two pieces
	csv.WriteString("customer,amount,more\n")
	for i := range 1000 {
		fmt.Fprintf(&csv, "c%d,%d,%s\n", i, i, strings.Repeat("x", 9000))
	}
	if err := os.WriteFile(c.File, []byte(csv.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	to, err := url.Parse(a.URL())
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	var pieces atomic.Int64
	cut := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPatch {
			switch pieces.Add(1) {
			case 1: // a part arrives, and nobody hears of it
				r.Body = io.NopCloser(io.LimitReader(r.Body, 3<<20))
				r.ContentLength = 3 << 20
				proxy.ServeHTTP(httptest.NewRecorder(), r)
				panic(http.ErrAbortHandler)
			case 2: // nothing arrives
				panic(http.ErrAbortHandler)
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	defer cut.Close()
	c.URL, c.APIKey = cut.URL, "a-key-for-imports"
	if err := c.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	var all struct {
		Items []struct {
			State           string
			Lines, Accepted int64
		}
	}
	if err := c.call(context.Background(), http.MethodGet, "/api/v1/imports", nil, &all); err != nil {
		t.Fatal(err)
	}
	if len(all.Items) != 1 || all.Items[0].State != "done" || all.Items[0].Accepted != 1000 || pieces.Load() != 3 {
		t.Errorf("after %d pieces: %+v", pieces.Load(), all.Items)
	}
}
