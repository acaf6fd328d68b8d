// Package testx gives tests real engines, isolated per test: a SQLite file, a database of a local PostgreSQL.
package testx

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
)

// PostgresURL is where tests find a PostgreSQL on which they may create databases. `make test` starts one and sets
// HEED_TEST_POSTGRES. Without it the test is skipped on a laptop and fails in CI.
func PostgresURL(t testing.TB) string {
	u := os.Getenv("HEED_TEST_POSTGRES")
	if u == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("HEED_TEST_POSTGRES is not set: run the tests with `make test`")
		}
		t.Skip("no PostgreSQL: set HEED_TEST_POSTGRES, or run `make test`, which starts one")
	}
	return u
}

// Each runs f once per state engine, on an empty migrated store with the given queries (and those of internal/spec).
func Each(t *testing.T, queries []string, f func(t *testing.T, d db.DB)) {
	queries = append([]string{spec.Queries}, queries...)
	t.Run("sqlite", func(t *testing.T) { f(t, SQLite(t, queries...)) })
	t.Run("postgres", func(t *testing.T) { f(t, Postgres(t, queries...)) })
}

// SQLite opens an empty store in a temporary file.
func SQLite(t testing.TB, queries ...string) db.DB {
	t.Helper()
	return open(t, "sqlite:"+filepath.Join(t.TempDir(), "state.db"), queries)
}

// Postgres opens an empty store in a database of its own.
func Postgres(t testing.TB, queries ...string) db.DB {
	t.Helper()
	return open(t, NewPostgres(t), queries)
}

// NewPostgres creates an empty database, dropped when the test ends, and returns its URL.
func NewPostgres(t testing.TB) string {
	t.Helper()
	admin := PostgresURL(t)
	var tail [6]byte
	_, _ = rand.Read(tail[:])
	name := "heed_test_" + hex.EncodeToString(tail[:])
	exec(t, admin, "CREATE DATABASE "+name)
	t.Cleanup(func() { exec(t, admin, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	u, err := url.Parse(admin)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func exec(t testing.TB, url, sql string) {
	t.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatalf("PostgreSQL for tests: %v", err)
	}
	defer func() { _ = c.Close(ctx) }()
	if _, err := c.Exec(ctx, sql); err != nil {
		t.Fatal(fmt.Errorf("%s: %w", sql, err))
	}
}

// AwaitKeys returns when whoever reads the changes of keys in a database is shown all of them: a transaction of another
// test on the same server keeps the newest back for as long as it lasts.
func AwaitKeys(t testing.TB, url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatalf("PostgreSQL for tests: %v", err)
	}
	defer func() { _ = c.Close(ctx) }()
	for held := true; held; time.Sleep(5 * time.Millisecond) {
		err := c.QueryRow(ctx, "SELECT EXISTS (SELECT FROM identity_change WHERE tx >= pg_snapshot_xmin(pg_current_snapshot())::text::bigint)").Scan(&held)
		if err != nil {
			t.Fatal(err)
		}
	}
}

func open(t testing.TB, url string, queries []string) db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), url, db.Options{Queries: queries, CacheMB: 16})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}
