package db

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// queries holds the named statements of one dialect.
type queries map[string]string

var (
	nameLine = regexp.MustCompile(`^--\s*name:\s*([a-z0-9_.]+)(?:\s*\((sqlite|postgres|postgres, many)\))?\s*$`)
	param    = regexp.MustCompile(`\$(\d+)`)
)

// many marks the form of a statement that takes the arguments of many runs at once, each parameter as an array.
// ExecEach and Each run it where there is one, because on a server a statement costs more than a row. For Each it says in
// its first column for which run a row is, from 1, and sorts by that.
const many = "postgres, many"

// own are this package's statements.
const own = `-- name: db.prove
UPDATE state_barrier SET n = n + 1 WHERE one = 1;`

// parseQueries reads texts of the form
//
//	-- name: person.get
//	SELECT ... WHERE id = $1;
//	-- name: person.lock (sqlite)
//	SELECT ...;
//	-- name: person.put (postgres, many)
//	INSERT ... SELECT * FROM unnest($1::bytea[], $2::bigint[]);
//
// and keeps what the dialect needs: a statement marked with the dialect goes before an unmarked one, and one that is for
// many runs at once is kept beside it.
func parseQueries(d Dialect, texts []string) (queries, error) {
	plain, marked := queries{}, queries{}
	for _, text := range append([]string{own}, texts...) {
		var name, mark string
		var body strings.Builder
		flush := func() error {
			if name == "" {
				return nil
			}
			sql := strings.TrimSuffix(strings.TrimSpace(body.String()), ";")
			if sql == "" {
				return fmt.Errorf("db: query %s is empty", name)
			}
			into := plain
			switch {
			case mark == many && d == Postgres:
				name = forMany(name)
			case mark == string(d):
				into = marked
			case mark != "":
				return nil
			}
			if _, twice := into[name]; twice {
				return fmt.Errorf("db: query %s is defined twice", name)
			}
			into[name] = Rewrite(d, sql)
			return nil
		}
		for line := range strings.Lines(text) {
			if m := nameLine.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
				if err := flush(); err != nil {
					return nil, err
				}
				name, mark = m[1], m[2]
				body.Reset()
				continue
			}
			if strings.HasPrefix(strings.TrimSpace(line), "--") {
				continue
			}
			body.WriteString(line)
		}
		if err := flush(); err != nil {
			return nil, err
		}
	}
	maps.Copy(plain, marked)
	return plain, nil
}

// Rewrite turns PostgreSQL-style parameters into the dialect's.
func Rewrite(d Dialect, sql string) string {
	if d == SQLite {
		return param.ReplaceAllString(sql, "?$1")
	}
	return sql
}

func forMany(name string) string { return name + " (many)" }

func (q queries) names() []string { return slices.Sorted(maps.Keys(q)) }

func (q queries) get(name string) (string, error) {
	sql, ok := q[name]
	if !ok {
		return "", fmt.Errorf("db: there is no query %q", name)
	}
	return sql, nil
}
