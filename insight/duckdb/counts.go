package duckdb

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
)

// CountBy implements insight.History.
func (s *Store) CountBy(ctx context.Context, q insight.CountQuery) ([]insight.Count, error) {
	if q.Limit == 0 {
		q.Limit = 1000
	}
	if q.Limit < 1 || q.Limit > 100_000 {
		return nil, heed.FieldErrorf("limit", "want 1 to 100000, got %d", q.Limit)
	}
	// Times are first brought together in quarters of an hour, which every time zone's days are made of, so that the
	// calendar is asked a few thousand times and not once a row.
	const quarter = 900_000_000
	group, value, order := "", "v", "1"
	switch q.By {
	case insight.ByDay, insight.ByHour:
		zone, err := insight.ZoneOf(q.Zone)
		if err != nil {
			return nil, err
		}
		format := "%Y-%m-%d"
		if q.By == insight.ByHour {
			format = "%Y-%m-%dT%H:00"
		}
		group = fmt.Sprintf("e.ts // %d", quarter)
		value = fmt.Sprintf("strftime(timezone('%s', make_timestamptz(v * %d)), '%s')", zone, quarter, format)
	case insight.ByType, insight.ByName, insight.ByChannel, insight.ByDepartment, insight.ByDirection, insight.BySource, insight.ByTouchpoint:
		group, order = "e."+string(q.By), "2 DESC, 1"
	case insight.ByMove:
		group, order = "coalesce(json_extract_string(e.properties, '$.from'), '') || '>' || e.name", "2 DESC, 1"
	default:
		return nil, heed.FieldErrorf("by", "want day, hour, type, name, channel, department, direction, source or touchpoint, got %q", q.By)
	}
	w := conditions(q.Filter)
	inner := fmt.Sprintf("SELECT %s AS v, NULL::UUID AS p, count(*) AS n FROM event e%s GROUP BY 1", group, w.where())
	people := "0"
	if q.People {
		inner = fmt.Sprintf("SELECT %s AS v, k.person AS p, count(*) AS n FROM event e LEFT JOIN keymap k ON k.key = e.key%s GROUP BY 1, 2", group, w.where())
		people = "count(DISTINCT p)"
	}
	sql := fmt.Sprintf("SELECT %s, CAST(sum(n) AS BIGINT), %s FROM (%s) GROUP BY 1 ORDER BY %s LIMIT %d", value, people, inner, order, q.Limit)
	var out []insight.Count
	err := s.each(ctx, sql, w.args, func(r *rows) error {
		var c insight.Count
		err := r.Scan(&c.Value, &c.Events, &c.People)
		out = append(out, c)
		return err
	})
	return out, err
}

// Catalogue implements insight.History.
func (s *Store) Catalogue(ctx context.Context) ([]insight.Known, error) {
	var out []insight.Known
	at := map[[2]string]int{}
	err := s.each(ctx, `SELECT type, name, count(*), min(ts), max(ts) FROM event GROUP BY type, name ORDER BY 3 DESC, 1, 2 LIMIT 10000`, nil, func(r *rows) error {
		var k insight.Known
		err := r.Scan(&k.Type, &k.Name, &k.Count, &k.First, &k.Last)
		at[[2]string{k.Type, k.Name}] = len(out)
		out = append(out, k)
		return err
	})
	if err != nil {
		return nil, err
	}
	err = s.properties(ctx, out, at, fmt.Sprintf(`SELECT type, name, properties FROM event
		WHERE rowid >= (SELECT coalesce(max(rowid), 0) - %d FROM event) AND properties IS NOT NULL AND json_valid(properties)
		QUALIFY row_number() OVER (PARTITION BY type, name ORDER BY rowid DESC) <= %d`, insight.SampleRows, insight.SampleKind), nil)
	if err != nil {
		return nil, err
	}
	var sample strings.Builder
	var args []any
	kinds, since := insight.Unsampled(out)
	for i, k := range kinds {
		if i > 0 {
			sample.WriteString(" UNION ALL ")
		}
		n := len(args)
		fmt.Fprintf(&sample, `(SELECT type, name, properties FROM event
			WHERE type = $%d AND name = $%d AND ts BETWEEN %d AND %d AND properties IS NOT NULL AND json_valid(properties) LIMIT %d)`,
			n+1, n+2, since[i], k.Last, insight.SampleKind)
		args = append(args, k.Type, k.Name)
	}
	if len(kinds) > 0 {
		err = s.properties(ctx, out, at, sample.String(), args)
	}
	insight.SortProperties(out)
	return out, err
}

// properties adds to the known kinds how often each property is in the sample, and of what kind it is there. at is where
// each type and name is.
func (s *Store) properties(ctx context.Context, known []insight.Known, at map[[2]string]int, sample string, args []any) error {
	return s.each(ctx, `
		WITH sample AS (`+sample+`),
		many AS (SELECT type, name, count(*) AS n FROM sample GROUP BY type, name),
		cell AS (SELECT type, name, properties, unnest(json_keys(properties)) AS property FROM sample)
		SELECT c.type, c.name, property,
			CASE WHEN count(DISTINCT kind) = 1 THEN min(kind) ELSE 'mixed' END,
			count(*) / any_value(m.n)
		FROM (SELECT *, CASE json_type(properties, '$."' || replace(property, '"', '""') || '"') WHEN 'VARCHAR' THEN 'text' WHEN 'BOOLEAN' THEN 'boolean' WHEN 'ARRAY' THEN 'list'
			WHEN 'OBJECT' THEN 'object' WHEN 'NULL' THEN NULL ELSE 'number' END AS kind FROM cell WHERE length(property) <= 100 AND property NOT LIKE '%"%') c
		JOIN many m ON m.type = c.type AND m.name = c.name
		GROUP BY c.type, c.name, property`, args, func(r *rows) error {
		var typ, name string
		var p insight.KnownProperty
		var kind *string
		if err := r.Scan(&typ, &name, &p.Name, &kind, &p.Share); err != nil {
			return err
		}
		p.Kind = "mixed"
		if kind != nil {
			p.Kind = *kind
		}
		if i, ok := at[[2]string{typ, name}]; ok {
			known[i].Properties = append(known[i].Properties, p)
		}
		return nil
	})
}

// countersTime is how many times as long as a question a backfill may take.
const countersTime = 20

// Counters implements insight.History.
func (s *Store) Counters(ctx context.Context, text string, args []any, yield func(key heed.ID, counter string, c heed.Counter) error) error {
	limit := insight.Limits{Rows: math.MaxInt, Time: heed.Time(countersTime * s.o.QueryTime.Microseconds())}
	return s.Query(ctx, text, args, limit, func(r insight.Row) error {
		var key heed.ID
		var counter string
		var c heed.Counter
		if err := r.Scan(&key, &counter, &c.N, &c.First, &c.Last, &c.Recent); err != nil {
			return err
		}
		return yield(key, counter, c)
	})
}
