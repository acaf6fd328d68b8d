package duckdb

import (
	"context"
	"fmt"
	"strings"

	"github.com/heedcx/heed/insight"
)

// Values implements insight.History.
func (s *Store) Values(ctx context.Context, q insight.ValueQuery) (out []insight.Value, err error) {
	path := "$"
	for _, name := range q.Property {
		path += `."` + strings.ReplaceAll(name, `"`, "") + `"`
	}
	for _, look := range insight.ValueLooks {
		newest := ""
		if look.Rows > 0 {
			newest = fmt.Sprintf("rowid >= (SELECT coalesce(max(rowid), 0) - %d FROM event) AND ", look.Rows)
		}
		err = s.each(ctx, fmt.Sprintf(`SELECT CAST(v AS VARCHAR), count(*) FROM (
			SELECT json_extract(properties, $3) AS v FROM event WHERE %s type = $1 AND name = $2 AND properties IS NOT NULL AND json_valid(properties) LIMIT %d) AS seen
			WHERE json_type(v) NOT IN ('ARRAY', 'OBJECT', 'NULL') GROUP BY v HAVING count(*) >= %d ORDER BY 2 DESC, 1 LIMIT %d`, newest, look.Events, q.AtLeast, q.Limit),
			[]any{q.Type, q.Name, path}, func(r *rows) error {
				var v insight.Value
				err := r.Scan(&v.JSON, &v.Count)
				out = append(out, v)
				return err
			})
		if err != nil || len(out) > 0 {
			break
		}
	}
	return out, err
}
