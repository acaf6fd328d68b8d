package clickhouse

import (
	"context"
	"fmt"

	"github.com/heedcx/heed/insight"
)

// Values implements insight.History. That a crash may have left a row twice does not matter here.
func (s *Store) Values(ctx context.Context, q insight.ValueQuery) (out []insight.Value, err error) {
	args, path := []any{q.Type, q.Name}, ""
	for _, name := range q.Property {
		args = append(args, name)
		path += fmt.Sprintf(", $%d", len(args))
	}
	for _, look := range insight.ValueLooks {
		newest := ""
		if look.Rows > 0 {
			newest = fmt.Sprintf("batch >= (SELECT min(batch) FROM (SELECT batch FROM event_log ORDER BY batch DESC LIMIT %d)) AND ", look.Rows)
		}
		err = s.each(ctx, fmt.Sprintf(`SELECT v, count() FROM (
			SELECT JSONExtractRaw(properties%s) AS v FROM event_log WHERE %s type = $1 AND name = $2 AND properties <> '' LIMIT %d)
			WHERE substring(v, 1, 1) NOT IN ('[', '{', 'n', '') GROUP BY v HAVING count() >= %d ORDER BY 2 DESC, 1 LIMIT %d`, path, newest, look.Events, q.AtLeast, q.Limit),
			args, func(r *row) error {
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
