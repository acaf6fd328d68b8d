package db

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"

	"github.com/heedcx/heed"
)

// Copy writes the whole state store as it is at one moment into a new file at path, while it is read and written. Only
// SQLite can: PostgreSQL has pg_dump.
func Copy(ctx context.Context, d DB, path string) error {
	s, ok := d.(*sqlite)
	if !ok {
		return heed.Errorf(heed.Invalid, "The state is in PostgreSQL: back it up with pg_dump, and the stream after it.")
	}
	// A connection of its own: the pool's readers have short transactions.
	one, err := sql.Open("sqlite3", dsn(strings.TrimSuffix(s.wal, "-wal"), 16, false))
	if err != nil {
		return err
	}
	defer func() { _ = one.Close() }()
	if _, err := one.ExecContext(ctx, "VACUUM INTO ?", path); err != nil {
		_ = os.Remove(path)
		return fmt.Errorf("db: copy: %w", err)
	}
	return nil
}
