package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
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
	many   map[string]*manyStmt

	readMu    sync.RWMutex
	readStmts map[string]*sql.Stmt

	wal       string        // path of the write-ahead log
	syncDelay time.Duration // see Options
	changed   func(statements []string)
	synced    *barrier
	keep      *sql.DB // checkpoints
	stop      chan struct{}
	gone      chan struct{}
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
	s := &sqlite{queries: q, stmts: map[string]*sql.Stmt{}, many: map[string]*manyStmt{}, readStmts: map[string]*sql.Stmt{}, wal: path + "-wal", syncDelay: o.SyncDelay, changed: o.Changed}
	s.synced = &barrier{flush: s.sync}
	defer func() {
		if err != nil {
			_ = s.Close()
		}
	}()
	if s.writers, err = sql.Open("sqlite3", dsn(path, cache, false)); err != nil {
		return nil, err
	}
	s.writers.SetMaxOpenConns(1)
	prepare := migrate
	if o.AsIs {
		prepare = asIs
	}
	if err = prepare(ctx, SQLite, s.writers); err != nil {
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
	s.stop, s.gone = make(chan struct{}), make(chan struct{})
	go s.checkpoint()
	return s, nil
}

// dsn carries the pragmas, so that every connection of the pool has them. NORMAL is enough for what the stream can
// replay; WriteDurable raises it for one transaction.
func dsn(path string, cacheMB int, readonly bool) string {
	v := url.Values{}
	v.Set("_journal_mode", "WAL")
	v.Set("_synchronous", "NORMAL")
	v.Set("_busy_timeout", "10000")
	v.Set("_foreign_keys", "on")
	v.Set("_mutex", "no") // nobody shares a connection: the pool and the writer's own lock see to that
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
	// Each query heeds ctx itself; a transaction that did as well would wake a goroutine when it ends, and wait for it.
	tx, err := s.readers.BeginTx(context.WithoutCancel(ctx), nil)
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
	var names []string
	if err := note(&names, s.changed != nil, &sqliteTx{s: s}, f); err != nil {
		return err
	}
	if err := s.raw(ctx, "COMMIT"); err != nil {
		return err
	}
	done = true
	if len(names) > 0 {
		s.changed(names)
	}
	if durable {
		time.Sleep(s.syncDelay)
	}
	return nil
}

func (s *sqlite) Sync(ctx context.Context) error { return s.synced.wait(ctx) }

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
	for _, m := range s.many {
		errs = append(errs, m.stmt.Close())
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
