package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/app"
)

const mapping = `
kind: import
name: tills
source: tills
format: csv
type: track
event: Order Completed
ids: {user_id: customer}
properties: {amount: {column: amount, type: number}}
`

func importing(t *testing.T, dir string) *importCmd {
	t.Helper()
	c := &importCmd{File: filepath.Join(dir, "tills.csv"), Map: filepath.Join(dir, "map.yaml")}
	c.Data, c.Addr, c.CacheMB, c.HistoryMB, c.LogLevel = filepath.Join(dir, "data"), "127.0.0.1:0", 16, 128, "error"
	for path, text := range map[string]string{c.File: "customer,amount\na,1\nb,2\nc,many\n", c.Map: mapping} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func TestAFileIsImportedThroughTheServerThatWorksInTheFolder(t *testing.T) {
	dir := t.TempDir()
	c := importing(t, dir)
	cfg := c.Config
	cfg.Roles, cfg.BootstrapAPIKey = []string{"collect", "work", "send", "history", "api"}, "a-key-for-imports"
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(context.Background(), cfg, "test", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	c.URL = a.URL()
	if err := c.Run(context.Background()); heed.CodeOf(err) != heed.Invalid || !strings.Contains(err.Error(), "--api-key") {
		t.Errorf("without a key: %v", err)
	}
	c.APIKey = "another-key"
	if err := c.Run(context.Background()); heed.CodeOf(err) != heed.Unauthorized {
		t.Errorf("with a wrong key: %v", err)
	}
	c.APIKey = "a-key-for-imports"
	if err := c.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	rejects, err := os.ReadFile(c.File + ".rejects.csv")
	if err != nil || !strings.Contains(string(rejects), "many") {
		t.Errorf("rejects %s, %v", rejects, err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	// The folder is free now: the same command imports directly, and finds that nothing is to be done.
	if err := c.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
}
