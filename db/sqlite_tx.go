package db

import (
	"context"
	"database/sql"
	"fmt"
)

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
	m, err := t.s.manyOf(name)
	if err == nil {
		err = m.exec(t.s, n, args)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
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
