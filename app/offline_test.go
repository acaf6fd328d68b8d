package app_test

import (
	"bytes"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heedcx/heed/app"
)

// TestAccountsOfAStoreThatWasNotThere: who has mistyped the folder is told that a new one was made.
func TestAccountsOfAStoreThatWasNotThere(t *testing.T) {
	dir := t.TempDir()
	cfg := app.Config{Data: dir, DatabaseURL: "sqlite://" + filepath.Join(dir, "state.db")}
	for _, fresh := range []bool{true, false} {
		var said bytes.Buffer
		_, closing, err := app.OpenAccounts(t.Context(), cfg, slog.New(slog.NewTextHandler(&said, nil)))
		if err != nil {
			t.Fatal(err)
		}
		if err := closing(); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(said.String(), "a new one is made") != fresh {
			t.Errorf("of a store that is new (%v) it says %q", fresh, said.String())
		}
	}
}
