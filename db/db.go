package db

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/heedcx/heed"
)

// Dialect names an engine.
type Dialect string

// The engines.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// ErrNoRows is returned by Row.Scan when the query had no row.
var ErrNoRows = errors.New("db: no rows")

// ErrAgain is for a transaction to return that another one has overtaken, or that holds what another one waits for and
// would have to wait for that one itself: it is rolled back, which lets the other one go on, and runs anew.
var ErrAgain = heed.Errorf(heed.Unavailable, "Others are at work on the same; try again.")

// Row scans one result row. Besides the usual destinations it takes *heed.ID, *heed.Time and *heed.RawJSON;
// a NULL leaves them zero.
type Row interface {
	Scan(dest ...any) error
}

// Rows is a result set. Close it.
type Rows interface {
	Row
	Next() bool
	Err() error
	Close()
}

// Querier reads. Arguments may be heed.ID, heed.Time and heed.RawJSON besides what drivers take; sets travel as one
// JSON parameter (see JSON).
type Querier interface {
	// Query runs the named query.
	Query(ctx context.Context, name string, args ...any) (Rows, error)
	// QueryRow runs the named query and scans its first row. ErrNoRows when there is none.
	QueryRow(ctx context.Context, name string, args ...any) Row
	// Each runs the named query n times, pipelined where the engine can, and hands every row of the i-th run to
	// row, in the order of i. args may return the same slice each time.
	Each(ctx context.Context, name string, n int, args func(i int) []any, row func(i int, r Row) error) error
	// QuerySQL runs a statement that was compiled at run time (by package rule), PostgreSQL-style with $1.
	QuerySQL(ctx context.Context, sql string, args ...any) (Rows, error)
	// Dialect tells the engine, for compilers of SQL.
	Dialect() Dialect
}

// Tx reads and writes; everything in it commits together or not at all.
type Tx interface {
	Querier
	// Exec runs the named statement and returns how many rows it touched.
	Exec(ctx context.Context, name string, args ...any) (int64, error)
	// ExecEach runs the named statement n times, pipelined where the engine can, or at once where there is a form of it
	// for many: then no row may be named twice.
	ExecEach(ctx context.Context, name string, n int, args func(i int) []any) error
}

// DB is an open state store.
type DB interface {
	Dialect() Dialect
	// Read runs f on a reader. It never waits for a writer. The reads of one f see one snapshot.
	Read(ctx context.Context, f func(q Querier) error) error
	// Write runs f in a write transaction. On PostgreSQL a serialization failure or a deadlock runs f again, so f
	// must not leave anything behind outside the transaction before it returns nil.
	Write(ctx context.Context, f func(tx Tx) error) error
	// WriteDurable is Write that has also reached the disk, with everything committed before it, when it returns:
	// the barrier before a side effect. A plain Write may be lost with the machine's power (never with the process);
	// the stream replays it.
	WriteDurable(ctx context.Context, f func(tx Tx) error) error
	// Sync returns when everything that anybody has committed before the call, in this process or another one, has
	// reached the disk: the barrier before an answer that says "done". Callers who come together share a flush.
	Sync(ctx context.Context) error
	// Ping checks that the engine answers.
	Ping(ctx context.Context) error
	Close() error
}

// Options for Open.
type Options struct {
	// Queries are the texts of the stages' queries.sql.
	Queries []string
	// CacheMB is SQLite's page cache for the writer, in MiB. 0 takes 128.
	CacheMB int
	// AsIs leaves the schema as it is: one that is not this program's makes Open fail with a *SchemaError.
	AsIs bool
	// SyncDelay is added to each flush of SQLite's to disk, to measure as if on a slower one.
	SyncDelay time.Duration
	// Changed is told, when a write transaction has committed, which statements changed rows in it (those that ran
	// through Exec and ExecEach). Several transactions may tell at once; it must not block. nil: nobody wants to know.
	Changed func(statements []string)
}

// Open opens the state store at url, migrates it (unless o.AsIs) and prepares every query.
//
//	sqlite:/var/lib/heed/state.db    a file
//	postgres://user:pw@host/name     PostgreSQL
func Open(ctx context.Context, url string, o Options) (DB, error) {
	scheme, rest, _ := strings.Cut(url, ":")
	switch scheme {
	case "sqlite":
		return openSQLite(ctx, strings.TrimPrefix(rest, "//"), o)
	case "postgres", "postgresql":
		return openPostgres(ctx, url, o)
	}
	return nil, heed.FieldErrorf("database-url", "want sqlite:PATH or postgres://..., got scheme %q", scheme)
}

// JSON encodes a set of ids as one parameter: an array of hex strings, for
// json_each (SQLite) or jsonb_array_elements_text (PostgreSQL).
func JSON(ids []heed.ID) string {
	b := make([]byte, 0, 2+len(ids)*35)
	b = append(b, '[')
	for i := range ids {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = hex.AppendEncode(b, ids[i][:])
		b = append(b, '"')
	}
	return string(append(b, ']'))
}

// plainArgs turns the vocabulary's types into what every driver takes, in place.
func plainArgs(args []any) []any {
	for i, a := range args {
		switch v := a.(type) {
		case heed.ID:
			if v.IsZero() {
				args[i] = nil
			} else {
				args[i] = v[:]
			}
		case heed.Time:
			args[i] = int64(v)
		case heed.RawJSON:
			if len(v) == 0 {
				args[i] = nil
			} else {
				args[i] = string(v)
			}
		case heed.RawValue:
			if v == "" {
				args[i] = nil
			} else {
				args[i] = string(v)
			}
		}
	}
	return args
}

// scanInto calls scan with plain destinations for the vocabulary's types and then fills those in.
func scanInto(scan func(...any) error, dest []any) error {
	var fix []func() error
	plain := dest
	for i, d := range dest {
		switch v := d.(type) {
		case *heed.ID:
			b := new([]byte)
			plain = replace(plain, dest, i, b)
			fix = append(fix, func() error {
				if len(*b) != 0 && len(*b) != len(v) {
					return fmt.Errorf("db: an id has %d bytes, want 16", len(*b))
				}
				*v = heed.ID{}
				copy(v[:], *b)
				return nil
			})
		case *heed.Time:
			n := new(*int64)
			plain = replace(plain, dest, i, n)
			fix = append(fix, func() error {
				*v = 0
				if *n != nil {
					*v = heed.Time(**n)
				}
				return nil
			})
		case *heed.RawJSON:
			b := new([]byte)
			plain = replace(plain, dest, i, b)
			fix = append(fix, func() error { *v = *b; return nil })
		case *heed.RawValue:
			s := new(*string)
			plain = replace(plain, dest, i, s)
			fix = append(fix, func() error {
				*v = ""
				if *s != nil {
					*v = heed.RawValue(**s)
				}
				return nil
			})
		}
	}
	if err := scan(plain...); err != nil {
		return err
	}
	for _, f := range fix {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

func replace(plain, dest []any, i int, with any) []any {
	if &plain[0] == &dest[0] {
		plain = append([]any(nil), dest...)
	}
	plain[i] = with
	return plain
}
