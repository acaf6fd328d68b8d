package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"sync"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver
)

// sqlite has one writer connection, whose statements stay prepared, and a pool of readers.
type sqlite struct {
	queries queries
	readers *sql.DB
	reading chan struct{} // a place for each read transaction: one connection fewer than readers has
	writers *sql.DB

	mu     sync.Mutex // held by the write transaction
	writer *sql.Conn
	stmts  map[string]*sql.Stmt

	readMu    sync.RWMutex
	readStmts map[string]*sql.Stmt

	wal  string  // path of the write-ahead log
	keep *sql.DB // checkpoints
	stop chan struct{}
	gone chan struct{}
}

func openSQLite(ctx context.Context, path string, o Options) (_ DB, err error) {
	q, err := parseQueries(SQLite, o.Queries)
	if err != nil {
		return nil, err
	}
	cache := o.CacheMB
	if cache == 0 {
		cache = 128
	}
	s := &sqlite{queries: q, stmts: map[string]*sql.Stmt{}, readStmts: map[string]*sql.Stmt{}}
	defer func() {
		if err != nil {
			_ = s.Close()
		}
	}()
	if s.writers, err = sql.Open("sqlite3", dsn(path, cache, false)); err != nil {
		return nil, err
	}
	s.writers.SetMaxOpenConns(1)
	if err := migrate(ctx, SQLite, s.writers); err != nil {
		return nil, err
	}
	if s.writer, err = s.writers.Conn(ctx); err != nil {
		return nil, err
	}
	if err = s.raw(ctx, fmt.Sprint("PRAGMA wal_autocheckpoint=", walPages)); err != nil {
		return nil, err
	}
	if s.readers, err = sql.Open("sqlite3", dsn(path, 16, true)); err != nil {
		return nil, err
	}
	// One connection is never taken by a transaction: stmt prepares on it while the transactions hold the others.
	n := max(4, runtime.GOMAXPROCS(0))
	s.reading = make(chan struct{}, n)
	s.readers.SetMaxOpenConns(n + 1)
	s.readers.SetMaxIdleConns(n + 1)
	for _, name := range q.names() {
		if _, err := s.prepare(name); err != nil {
			return nil, fmt.Errorf("db: prepare %s: %w", name, err)
		}
	}
	if s.keep, err = sql.Open("sqlite3", dsn(path, 1, false)); err != nil {
		return nil, err
	}
	s.keep.SetMaxOpenConns(1)
	s.stop, s.gone, s.wal = make(chan struct{}), make(chan struct{}), path+"-wal"
	go s.checkpoint()
	return s, nil
}

// The write-ahead log is copied into the database beside the writer from walBytes on; the writer itself only
// finishes the rest when it has grown to walPages.
const (
	walBytes        = 8 << 20
	walPages        = 24_576 // 96 MiB
	checkpointEvery = 200 * time.Millisecond
)

// checkpoint keeps the write-ahead log short, so that no commit has to.
func (s *sqlite) checkpoint() {
	defer close(s.gone)
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	var written time.Time
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
		}
		info, err := os.Stat(s.wal)
		if err != nil || info.Size() < walBytes || info.ModTime().Equal(written) {
			continue
		}
		// PASSIVE waits for nobody and blocks nobody; what a reader still needs stays for the next time.
		if _, err := s.keep.Exec("PRAGMA wal_checkpoint(PASSIVE)"); err == nil {
			written = info.ModTime()
		}
	}
}

// dsn carries the pragmas, so that every connection of the pool has them. NORMAL is enough for what the stream can
// replay; WriteDurable raises it for one transaction.
func dsn(path string, cacheMB int, readonly bool) string {
	v := url.Values{}
	v.Set("_journal_mode", "WAL")
	v.Set("_synchronous", "NORMAL")
	v.Set("_busy_timeout", "10000")
	v.Set("_foreign_keys", "on")
	v.Set("_cache_size", fmt.Sprint(-cacheMB*1024))
	if readonly {
		v.Set("_query_only", "true")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + v.Encode()
}

func (s *sqlite) Dialect() Dialect { return SQLite }

func (s *sqlite) prepare(name string) (*sql.Stmt, error) {
	if st, ok := s.stmts[name]; ok {
		return st, nil
	}
	text, err := s.queries.get(name)
	if err != nil {
		return nil, err
	}
	st, err := s.writer.PrepareContext(context.Background(), text)
	if err == nil {
		s.stmts[name] = st
	}
	return st, err
}

func (s *sqlite) Read(ctx context.Context, f func(q Querier) error) error {
	select {
	case s.reading <- struct{}{}:
		defer func() { <-s.reading }()
	case <-ctx.Done():
		return ctx.Err()
	}
	tx, err := s.readers.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	return f(&sqliteRead{s: s, tx: tx})
}

func (s *sqlite) Write(ctx context.Context, f func(tx Tx) error) error {
	return s.write(ctx, false, f)
}

func (s *sqlite) WriteDurable(ctx context.Context, f func(tx Tx) error) error {
	return s.write(ctx, true, f)
}

func (s *sqlite) write(ctx context.Context, durable bool, f func(tx Tx) error) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	// The driver starts a goroutine per statement for a context that can be cancelled; a write transaction is
	// short, so it runs to its end.
	ctx = context.WithoutCancel(ctx)
	if durable {
		if err := s.raw(ctx, "PRAGMA synchronous=FULL"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.raw(ctx, "PRAGMA synchronous=NORMAL")) }()
	}
	if err := s.raw(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	done := false
	defer func() {
		if !done {
			_ = s.raw(ctx, "ROLLBACK")
		}
	}()
	if err := f(&sqliteTx{s: s}); err != nil {
		return err
	}
	if err := s.raw(ctx, "COMMIT"); err != nil {
		return err
	}
	done = true
	return nil
}

func (s *sqlite) raw(ctx context.Context, text string) error {
	_, err := s.writer.ExecContext(ctx, text)
	return err
}

func (s *sqlite) Ping(ctx context.Context) error { return s.readers.PingContext(ctx) }

func (s *sqlite) Close() error {
	if s.stop != nil {
		close(s.stop)
		<-s.gone
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, st := range s.stmts {
		errs = append(errs, st.Close())
	}
	for _, st := range s.readStmts {
		errs = append(errs, st.Close())
	}
	if s.readers != nil {
		errs = append(errs, s.readers.Close())
	}
	if s.writer != nil {
		errs = append(errs, s.writer.Close())
	}
	if s.keep != nil {
		errs = append(errs, s.keep.Close())
	}
	if s.writers != nil {
		errs = append(errs, s.writers.Close())
	}
	return errors.Join(errs...)
}

// sqliteTx runs on the writer connection.
type sqliteTx struct{ s *sqlite }

func (t *sqliteTx) Dialect() Dialect { return SQLite }

func (t *sqliteTx) Query(_ context.Context, name string, args ...any) (Rows, error) {
	st, err := t.s.prepare(name)
	if err != nil {
		return nil, err
	}
	return sqlRows(st.Query(plainArgs(args)...))
}

func (t *sqliteTx) QueryRow(ctx context.Context, name string, args ...any) Row {
	return firstRow(t.Query(ctx, name, args...))
}

func (t *sqliteTx) QuerySQL(_ context.Context, text string, args ...any) (Rows, error) {
	return sqlRows(t.s.writer.QueryContext(context.Background(), Rewrite(SQLite, text), plainArgs(args)...))
}

func (t *sqliteTx) Each(_ context.Context, name string, n int, args func(int) []any, row func(int, Row) error) error {
	st, err := t.s.prepare(name)
	if err != nil {
		return err
	}
	return eachStmt(context.Background(), st, name, n, args, row)
}

func (t *sqliteTx) Exec(_ context.Context, name string, args ...any) (int64, error) {
	st, err := t.s.prepare(name)
	if err != nil {
		return 0, err
	}
	res, err := st.Exec(plainArgs(args)...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return res.RowsAffected()
}

func (t *sqliteTx) ExecEach(_ context.Context, name string, n int, args func(int) []any) error {
	st, err := t.s.prepare(name)
	if err != nil {
		return err
	}
	for i := range n {
		if _, err := st.Exec(plainArgs(args(i))...); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// sqliteRead runs on a reader connection in a read transaction.
type sqliteRead struct {
	s  *sqlite
	tx *sql.Tx
}

func (r *sqliteRead) Dialect() Dialect { return SQLite }

func (r *sqliteRead) stmt(ctx context.Context, name string) (*sql.Stmt, error) {
	r.s.readMu.RLock()
	st := r.s.readStmts[name]
	r.s.readMu.RUnlock()
	if st == nil {
		text, err := r.s.queries.get(name)
		if err != nil {
			return nil, err
		}
		// Prepared outside the transaction, so that it outlives it; the pool prepares it on each connection.
		if st, err = r.s.readers.PrepareContext(context.WithoutCancel(ctx), text); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		r.s.readMu.Lock()
		if had := r.s.readStmts[name]; had != nil {
			_ = st.Close()
			st = had
		} else {
			r.s.readStmts[name] = st
		}
		r.s.readMu.Unlock()
	}
	return r.tx.StmtContext(ctx, st), nil
}

func (r *sqliteRead) Query(ctx context.Context, name string, args ...any) (Rows, error) {
	st, err := r.stmt(ctx, name)
	if err != nil {
		return nil, err
	}
	return sqlRows(st.QueryContext(ctx, plainArgs(args)...))
}

func (r *sqliteRead) QueryRow(ctx context.Context, name string, args ...any) Row {
	return firstRow(r.Query(ctx, name, args...))
}

func (r *sqliteRead) QuerySQL(ctx context.Context, text string, args ...any) (Rows, error) {
	return sqlRows(r.tx.QueryContext(ctx, Rewrite(SQLite, text), plainArgs(args)...))
}

func (r *sqliteRead) Each(ctx context.Context, name string, n int, args func(int) []any, row func(int, Row) error) error {
	st, err := r.stmt(ctx, name)
	if err != nil {
		return err
	}
	return eachStmt(ctx, st, name, n, args, row)
}

func eachStmt(ctx context.Context, st *sql.Stmt, name string, n int, args func(int) []any, row func(int, Row) error) error {
	for i := range n {
		rows, err := sqlRows(st.QueryContext(ctx, plainArgs(args(i))...))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for rows.Next() {
			if err := row(i, rows); err != nil {
				rows.Close()
				return err
			}
		}
		err = rows.Err()
		rows.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

type rowsOfSQL struct{ *sql.Rows }

func sqlRows(rows *sql.Rows, err error) (Rows, error) {
	if err != nil {
		return nil, err
	}
	return rowsOfSQL{rows}, nil
}

func (r rowsOfSQL) Scan(dest ...any) error { return scanInto(r.Rows.Scan, dest) }
func (r rowsOfSQL) Close()                 { _ = r.Rows.Close() }

// oneRow scans the first row of a result and closes it.
type oneRow struct {
	rows Rows
	err  error
}

func firstRow(rows Rows, err error) Row { return oneRow{rows, err} }

func (o oneRow) Scan(dest ...any) error {
	if o.err != nil {
		return o.err
	}
	defer o.rows.Close()
	if !o.rows.Next() {
		if err := o.rows.Err(); err != nil {
			return err
		}
		return ErrNoRows
	}
	return o.rows.Scan(dest...)
}
