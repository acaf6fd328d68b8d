package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestASettingThatDoesNotExistIsNamed(t *testing.T) {
	for text, says := range map[string]string{
		"adr: 127.0.0.1:1": `there is no setting "adr", did you mean "addr"?`,
		"flowers: 3":       `there is no setting "flowers"; settings`,
		"data: [x":         "configuration file",
		"partitions: many": "--partitions",
	} {
		path := filepath.Join(t.TempDir(), "heed.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := newParser(true).Parse([]string{"serve", "--config", path}); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %s", text, err, says)
		}
	}
}

// TestWhatGoesBeforeWhat: a flag, then a variable, then the file, which serves every command.
func TestWhatGoesBeforeWhat(t *testing.T) {
	path := filepath.Join(t.TempDir(), "heed.yaml")
	if err := os.WriteFile(path, []byte("data: file\naddr: file:1\npublic-url: http://file\nroles: [collect, api]\nseconds: 5s\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HEED_ADDR", "variable:1")
	t.Setenv("HEED_DATA", "variable")
	k, err := newParser(true).Parse([]string{"serve", "--config", path, "--data", "flag"})
	if err != nil {
		t.Fatal(err)
	}
	got := k.Model.Target.Interface().(cli).Serve.Config
	if filepath.Base(got.Data) != "flag" || got.Addr != "variable:1" || got.PublicURL != "http://file" || strings.Join(got.Roles, ",") != "collect,api" {
		t.Errorf("%q %q %q %q", got.Data, got.Addr, got.PublicURL, got.Roles)
	}
}

func TestAMisspelledVariableIsNoticed(t *testing.T) {
	says := misspelled(newParser(true).Model, []string{"HEED_DATABSE_URL=x", "HEED_ADDR=x", "HEED_MAILER_SECRET=x", "HOME=x"})
	if len(says) != 1 || says[0] != `HEED_DATABSE_URL is no setting of Heed, did you mean "HEED_DATABASE_URL"?` {
		t.Errorf("%q", says)
	}
}
