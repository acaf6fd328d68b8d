package db_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
)

const changedQueries = `
-- name: t.put
INSERT INTO state_barrier (one, n) VALUES ($1, 0);
-- name: t.move
UPDATE state_barrier SET n = n + 1 WHERE one = $1;
-- name: t.read
SELECT n FROM state_barrier WHERE one = $1;
`

func TestWhatHasChangedIsToldAfterTheCommit(t *testing.T) {
	for name, url := range map[string]func() string{
		"sqlite":   func() string { return "sqlite:" + filepath.Join(t.TempDir(), "state.db") },
		"postgres": func() string { return testx.NewPostgres(t) },
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			var told [][]string
			d, err := db.Open(ctx, url(), db.Options{Queries: []string{spec.Queries, changedQueries}, CacheMB: 4, Changed: func(s []string) { told = append(told, s) }})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = d.Close() }()
			for _, c := range []struct {
				of   string
				do   func(tx db.Tx) error
				want []string
			}{
				{"rows", func(tx db.Tx) error {
					_, err := tx.Exec(ctx, "t.put", 7)
					return errors.Join(err, tx.ExecEach(ctx, "t.move", 2, func(int) []any { return []any{7} }))
				}, []string{"t.put", "t.move"}},
				{"no rows", func(tx db.Tx) error {
					_, err := tx.Exec(ctx, "t.move", 8)
					return errors.Join(err, tx.ExecEach(ctx, "t.move", 0, nil))
				}, nil},
				{"a read", func(tx db.Tx) error { return tx.QueryRow(ctx, "t.read", 7).Scan(new(int)) }, nil},
			} {
				told = nil
				if err := d.WriteDurable(ctx, c.do); err != nil {
					t.Fatal(err)
				}
				if got := slices.Concat(told...); !slices.Equal(got, c.want) {
					t.Errorf("%s: told %q, want %q", c.of, got, c.want)
				}
			}
			told = nil
			undone := errors.New("undone")
			if err := d.Write(ctx, func(tx db.Tx) error { _, _ = tx.Exec(ctx, "t.move", 7); return undone }); !errors.Is(err, undone) || told != nil {
				t.Errorf("a transaction that was rolled back: %v, told %q", err, told)
			}
		})
	}
}
