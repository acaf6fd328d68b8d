package db_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
)

// Whoever only looks migrates nothing, and is told what the schema is.
func TestOpenAsItIs(t *testing.T) {
	edits := `-- name: t.forget
DELETE FROM goose_db_version WHERE version_id = 13;
-- name: t.know
INSERT INTO goose_db_version (version_id, is_applied) VALUES (990099, TRUE);`
	for name, where := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "state.db") },
		"postgres": func(t *testing.T) string { return testx.NewPostgres(t) },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, url := context.Background(), where(t)
			open := func(o db.Options) (db.DB, error) {
				o.Queries = []string{spec.Queries, edits}
				return db.Open(ctx, url, o)
			}
			look := func() (missing, unknown int) {
				t.Helper()
				d, err := open(db.Options{AsIs: true})
				if err == nil {
					err = d.Close()
				}
				if e, ok := errors.AsType[*db.SchemaError](err); ok {
					return e.Missing, e.Unknown
				}
				if err != nil {
					t.Fatal(err)
				}
				return 0, 0
			}
			for range 2 {
				if missing, _ := look(); missing < 16 {
					t.Errorf("%d migrations are missing in an empty store: looking has made some", missing)
				}
			}
			d, err := open(db.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = d.Close() }()
			if missing, unknown := look(); missing != 0 || unknown != 0 {
				t.Errorf("%d missing and %d unknown when all is well", missing, unknown)
			}
			for _, c := range []struct {
				edit             string
				missing, unknown int
			}{{"t.forget", 1, 0}, {"t.know", 1, 1}} {
				err := d.Write(ctx, func(tx db.Tx) error {
					_, err := tx.Exec(ctx, c.edit)
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				if missing, unknown := look(); missing != c.missing || unknown != c.unknown {
					t.Errorf("after %s: %d missing and %d unknown", c.edit, missing, unknown)
				}
			}
		})
	}
}
