package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// pipelineChunk bounds how many statements of an Each travel in one pipeline.
const pipelineChunk = 1000

type postgres struct {
	queries queries
	pool    *pgxpool.Pool
	synced  *barrier
	// timeoutSaid: the URL says a statement_timeout, and so ours stays out.
	timeoutSaid bool
	changed     func(statements []string)
}

func openPostgres(ctx context.Context, url string, o Options) (DB, error) {
	q, err := parseQueries(Postgres, o.Queries)
	if err != nil {
		return nil, err
	}
	cfg, err := poolConfig(url)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("db: %w", err)
	}
	p := &postgres{queries: q, pool: pool, changed: o.Changed}
	_, p.timeoutSaid = cfg.ConnConfig.RuntimeParams["statement_timeout"]
	// A change of its own: its flush takes every commit before it to the disk too. Without a change there would be none.
	p.synced = &barrier{flush: func(ctx context.Context) error { return Prove(ctx, p) }}
	handle := stdlib.OpenDBFromPool(pool)
	prepare := migrate
	if o.AsIs {
		prepare = asIs
	}
	err = prepare(ctx, Postgres, handle)
	_ = handle.Close()
	if err == nil {
		err = p.prepareAll(ctx)
	}
	if err != nil {
		pool.Close()
		return nil, err
	}
	return p, nil
}

// prepareAll parses every query once, so that a wrong one stops the start and not the night shift.
func (p *postgres) prepareAll(ctx context.Context) error {
	c, err := p.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer c.Release()
	for _, name := range p.queries.names() {
		if _, err := c.Conn().Prepare(ctx, "check", p.queries[name]); err != nil {
			return fmt.Errorf("db: prepare %s: %w", name, err)
		}
		if err := c.Conn().Deallocate(ctx, "check"); err != nil {
			return err
		}
	}
	return nil
}

func (p *postgres) Dialect() Dialect { return Postgres }

func (p *postgres) Read(ctx context.Context, f func(q Querier) error) error {
	ctx, cancel := limited(ctx, readTime)
	defer cancel()
	return p.run(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", func(tx Tx) error { return f(tx) })
}

func (p *postgres) Write(ctx context.Context, f func(tx Tx) error) error {
	return p.retry(ctx, "BEGIN; SET LOCAL synchronous_commit = off", f)
}

func (p *postgres) WriteDurable(ctx context.Context, f func(tx Tx) error) error {
	return p.retry(ctx, "BEGIN; SET LOCAL synchronous_commit = on", f)
}

func (p *postgres) Sync(ctx context.Context) error { return p.synced.wait(ctx) }

func (p *postgres) retry(ctx context.Context, begin string, f func(tx Tx) error) error {
	ctx, cancel := limited(ctx, writeTime)
	defer cancel()
	for try := 0; ; try++ {
		var names []string
		err := p.run(ctx, begin, func(tx Tx) error { return note(&names, p.changed != nil, tx, f) })
		if err == nil && len(names) > 0 {
			p.changed(names)
		}
		if try == 9 || !again(err) || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(try+1) * 5 * time.Millisecond):
		}
	}
}

// again says whether a transaction that failed with err may succeed unchanged: serialization failure, deadlock, or because
// it says so itself.
func again(err error) bool {
	if errors.Is(err, ErrAgain) {
		return true
	}
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (e.Code == "40001" || e.Code == "40P01")
}

func (p *postgres) run(ctx context.Context, begin string, f func(tx Tx) error) error {
	tx, err := p.open(ctx, begin)
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
		defer cancel()
		_ = tx.Rollback(ctx)
	}()
	if err := f(&pgTx{p: p, tx: tx}); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// open begins a transaction. It has less time than what follows: a connection that the network has cut off says nothing.
func (p *postgres) open(ctx context.Context, begin string) (pgx.Tx, error) {
	within, cancel := context.WithTimeout(ctx, beginTime)
	defer cancel()
	return p.pool.BeginTx(within, pgx.TxOptions{BeginQuery: p.begin(ctx, begin)})
}

func (p *postgres) Ping(ctx context.Context) error { return p.pool.Ping(ctx) }
func (p *postgres) Close() error                   { p.pool.Close(); return nil }

type pgTx struct {
	p  *postgres
	tx pgx.Tx
}

func (t *pgTx) Dialect() Dialect { return Postgres }

func (t *pgTx) Query(ctx context.Context, name string, args ...any) (Rows, error) {
	text, err := t.p.queries.get(name)
	if err != nil {
		return nil, err
	}
	return t.QuerySQL(ctx, text, args...)
}

func (t *pgTx) QueryRow(ctx context.Context, name string, args ...any) Row {
	return firstRow(t.Query(ctx, name, args...))
}

func (t *pgTx) QuerySQL(ctx context.Context, text string, args ...any) (Rows, error) {
	rows, err := t.tx.Query(ctx, text, plainArgs(args)...)
	if err != nil {
		return nil, err
	}
	return rowsOfPgx{rows}, nil
}

func (t *pgTx) Exec(ctx context.Context, name string, args ...any) (int64, error) {
	text, err := t.p.queries.get(name)
	if err != nil {
		return 0, err
	}
	tag, err := t.tx.Exec(ctx, text, plainArgs(args)...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return tag.RowsAffected(), nil
}

func (t *pgTx) ExecEach(ctx context.Context, name string, n int, args func(int) []any) error {
	if text, ok := t.p.queries[forMany(name)]; ok && n > 1 {
		return inChunks(n, args, func(_ int, params []any) error {
			if _, err := t.tx.Exec(ctx, text, params...); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		})
	}
	return t.pipeline(ctx, name, n, args, func(res pgx.BatchResults, _ int) error {
		_, err := res.Exec()
		return err
	})
}

func (t *pgTx) Each(ctx context.Context, name string, n int, args func(int) []any, row func(int, Row) error) error {
	if text, ok := t.p.queries[forMany(name)]; ok && n > 1 {
		return t.eachOfMany(ctx, name, text, n, args, row)
	}
	return t.pipeline(ctx, name, n, args, func(res pgx.BatchResults, i int) error {
		rows, err := res.Query()
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := row(i, rowsOfPgx{rows}); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

func (t *pgTx) pipeline(ctx context.Context, name string, n int, args func(int) []any, each func(pgx.BatchResults, int) error) error {
	text, err := t.p.queries.get(name)
	if err != nil {
		return err
	}
	for from := 0; from < n; from += pipelineChunk {
		to := min(from+pipelineChunk, n)
		var b pgx.Batch
		for i := from; i < to; i++ {
			b.Queue(text, plainArgs(append([]any(nil), args(i)...))...)
		}
		res := t.tx.SendBatch(ctx, &b)
		for i := from; i < to; i++ {
			if err := each(res, i); err != nil {
				_ = res.Close()
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		if err := res.Close(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

type rowsOfPgx struct{ pgx.Rows }

func (r rowsOfPgx) Scan(dest ...any) error { return scanInto(r.Rows.Scan, dest) }
