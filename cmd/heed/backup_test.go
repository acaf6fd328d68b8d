package main

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/app"
)

// place is a data folder for a test.
func place(dir string) app.Config {
	return app.Config{Data: dir, Addr: "127.0.0.1:0", Roles: []string{"collect", "work", "send", "history", "api"}, CacheMB: 16, HistoryMB: 128, LogLevel: "error", BootstrapAPIKey: "test-api-key-0001"}
}

func TestABackupIsTakenThroughTheHeedThatRunsAndPutBack(t *testing.T) {
	dir := t.TempDir()
	cfg := place(filepath.Join(dir, "data"))
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(context.Background(), cfg, "test", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	who := heed.Event{Type: heed.Identify, UserID: "u1", MessageID: "m1"}
	if err := a.Do(context.Background(), []heed.Event{who}); err != nil {
		t.Fatal(err)
	}
	b := &backupCmd{Config: place(cfg.Data), remote: remote{URL: a.URL()}, File: filepath.Join(dir, "heed.backup")}
	if err := b.Run(context.Background()); heed.CodeOf(err) != heed.Invalid {
		t.Errorf("without a key: %v", err)
	}
	b.APIKey = "not-one-of-ours"
	if err := b.Run(context.Background()); heed.CodeOf(err) != heed.Unauthorized {
		t.Errorf("with a wrong key: %v", err)
	}
	b.APIKey = "test-api-key-0001"
	if err := b.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := b.Run(context.Background()); heed.CodeOf(err) != heed.Invalid {
		t.Errorf("over a file: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}

	r := &restoreCmd{Config: place(filepath.Join(dir, "restored")), File: b.File}
	if err := r.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := r.Run(context.Background()); heed.CodeOf(err) != heed.Conflict {
		t.Errorf("over data: %v", err)
	}
	// A folder in which nobody works is copied without a server.
	own := &backupCmd{Config: place(r.Data), File: filepath.Join(dir, "again.backup")}
	if err := own.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if exists(own.File + ".part") {
		t.Error("a part is left")
	}
}
