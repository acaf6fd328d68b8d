package testx

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/heedcx/heed/db"
)

// Explained notes how the engine goes about what is asked of a store: its plan of every query. On PostgreSQL, which reads
// a small table whole whatever indexes it has, the plan is what it would do with a large one.
type Explained struct {
	db.DB
	t     testing.TB
	texts map[string]string
	plans []string
}

// Explain returns d, explained. queries are the texts that hold what is asked by name.
func Explain(t testing.TB, d db.DB, queries ...string) *Explained {
	x := &Explained{DB: d, t: t, texts: map[string]string{}}
	for _, file := range queries {
		for _, one := range strings.Split(file, "-- name: ")[1:] {
			head, text, _ := strings.Cut(one, "\n")
			name, engine, _ := strings.Cut(strings.TrimSpace(head), " ")
			if engine == "" && x.texts[name] == "" || engine == "("+string(d.Dialect())+")" {
				x.texts[name] = strings.TrimSuffix(strings.TrimSpace(text), ";")
			}
		}
	}
	return x
}

// Plans returns the plans since the last call.
func (x *Explained) Plans() string {
	out := strings.Join(x.plans, "\n")
	x.plans = nil
	return out
}

// Read implements db.DB.
func (x *Explained) Read(ctx context.Context, f func(q db.Querier) error) error {
	return x.DB.Read(ctx, func(q db.Querier) error { return f(&explaining{q, x}) })
}

type explaining struct {
	db.Querier
	x *Explained
}

// Query implements db.Querier.
func (q *explaining) Query(ctx context.Context, name string, args ...any) (db.Rows, error) {
	q.explain(ctx, q.x.texts[name], args)
	return q.Querier.Query(ctx, name, args...)
}

// QueryRow implements db.Querier.
func (q *explaining) QueryRow(ctx context.Context, name string, args ...any) db.Row {
	q.explain(ctx, q.x.texts[name], args)
	return q.Querier.QueryRow(ctx, name, args...)
}

// QuerySQL implements db.Querier.
func (q *explaining) QuerySQL(ctx context.Context, sql string, args ...any) (db.Rows, error) {
	q.explain(ctx, sql, args)
	return q.Querier.QuerySQL(ctx, sql, args...)
}

func (q *explaining) explain(ctx context.Context, sql string, args []any) {
	if sql == "" {
		return // of a stage that the test does not ask about
	}
	if err := q.plan(ctx, sql, args); err != nil {
		q.x.t.Errorf("%s: %v", sql, err)
	}
}

func (q *explaining) plan(ctx context.Context, sql string, args []any) error {
	if q.Dialect() == db.SQLite {
		rows, err := q.Querier.QuerySQL(ctx, "EXPLAIN QUERY PLAN "+sql, args...)
		return q.note(rows, err, func(r db.Row) (line string, err error) {
			var id, parent, unused int64
			err = r.Scan(&id, &parent, &unused, &line)
			return line, err
		})
	}
	for _, way := range []string{"seqscan", "bitmapscan"} {
		rows, err := q.Querier.QuerySQL(ctx, fmt.Sprintf("SELECT set_config('enable_%s', 'off', true)", way))
		if err != nil {
			return err
		}
		rows.Close()
	}
	rows, err := q.Querier.QuerySQL(ctx, "EXPLAIN "+sql, args...)
	return q.note(rows, err, func(r db.Row) (line string, err error) {
		err = r.Scan(&line)
		return line, err
	})
}

func (q *explaining) note(rows db.Rows, err error, line func(r db.Row) (string, error)) error {
	lines, err := db.List(rows, err, line)
	q.x.plans = append(q.x.plans, lines...)
	return err
}
