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
	nameLine = regexp.MustCompile(`^--\s*name:\s*([a-z0-9_.]+)(?:\s*\((sqlite|postgres)\))?\s*$`)
	param    = regexp.MustCompile(`\$(\d+)`)
)

// own are this package's statements.
const own = `-- name: db.prove
UPDATE state_barrier SET n = n + 1 WHERE one = 1;`

// parseQueries reads texts of the form
//
//	-- name: person.get
//	SELECT ... WHERE id = $1;
//	-- name: person.lock (sqlite)
//	SELECT ...;
//
// and keeps what the dialect needs: a statement marked with the dialect goes before an unmarked one.
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
			if mark != "" {
				if Dialect(mark) != d {
					return nil
				}
				into = marked
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

func (q queries) names() []string { return slices.Sorted(maps.Keys(q)) }

func (q queries) get(name string) (string, error) {
	sql, ok := q[name]
	if !ok {
		return "", fmt.Errorf("db: there is no query %q", name)
	}
	return sql, nil
}
