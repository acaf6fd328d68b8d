package db

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations
var migrations embed.FS

// SchemaError says that a schema is not this program's.
type SchemaError struct {
	Missing int // migrations of this program that it lacks
	Unknown int // migrations of another, newer program that it has
}

// Error implements error.
func (e *SchemaError) Error() string {
	if e.Unknown > 0 {
		return fmt.Sprintf("a newer Heed has changed the schema (%d migrations that this one does not know)", e.Unknown)
	}
	return fmt.Sprintf("the schema is of an older Heed (%d migrations are missing)", e.Missing)
}

// asIs compares the schema with this program's and changes nothing.
func asIs(ctx context.Context, d Dialect, handle *sql.DB) error {
	files, err := fs.Glob(migrations, "migrations/"+string(d)+"/*.sql")
	if err != nil {
		return err
	}
	missing := map[int64]bool{}
	for _, f := range files {
		version, err := goose.NumericComponent(f)
		if err != nil {
			return err
		}
		missing[version] = true
	}
	var e SchemaError
	table := "SELECT count(*) FROM sqlite_master WHERE name = 'goose_db_version'"
	if d == Postgres {
		table = "SELECT count(*) FROM pg_tables WHERE tablename = 'goose_db_version' AND schemaname = ANY (current_schemas(false))"
	}
	var there int
	if err := handle.QueryRowContext(ctx, table).Scan(&there); err != nil {
		return err
	}
	if there == 0 {
		return &SchemaError{Missing: len(missing)}
	}
	rows, err := handle.QueryContext(ctx, "SELECT version_id FROM goose_db_version WHERE version_id > 0")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var version int64
		if err := rows.Scan(&version); err != nil {
			return err
		}
		if !missing[version] {
			e.Unknown++
		}
		delete(missing, version)
	}
	if e.Missing = len(missing); e.Missing > 0 || e.Unknown > 0 {
		return &e
	}
	return rows.Err()
}

// migrate brings the schema up to date. Both engines carry the same numbers; a test compares the schemas.
func migrate(ctx context.Context, d Dialect, handle *sql.DB) error {
	dir, err := fs.Sub(migrations, "migrations/"+string(d))
	if err != nil {
		return err
	}
	dialect, options := goose.DialectSQLite3, []goose.ProviderOption(nil)
	if d == Postgres {
		// Several processes may start at once: one migrates, the others wait for it.
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
		if err != nil {
			return fmt.Errorf("db: %w", err)
		}
		dialect, options = goose.DialectPostgres, append(options, goose.WithSessionLocker(locker))
	}
	p, err := goose.NewProvider(dialect, handle, dir, options...)
	if err != nil {
		return fmt.Errorf("db: read migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("db: migrate: %w", err)
	}
	return nil
}
