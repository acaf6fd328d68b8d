package clickhouse

import (
	"context"
	"fmt"
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
	const quarter = 900
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
		group = fmt.Sprintf("intDiv(e.ts - positiveModulo(e.ts, %d), %d)", quarter*1_000_000, quarter*1_000_000)
		value = fmt.Sprintf("formatDateTime(toTimeZone(fromUnixTimestamp64Second(v * %d), '%s'), '%s')", quarter, zone, format)
	case insight.ByType, insight.ByName, insight.ByChannel, insight.ByDepartment, insight.ByDirection, insight.BySource, insight.ByTouchpoint:
		group, order = "e."+string(q.By), "2 DESC, 1"
	case insight.ByMove:
		group, order = "concat(JSONExtractString(e.properties, 'from'), '>', e.name)", "2 DESC, 1"
	default:
		return nil, heed.FieldErrorf("by", "want day, hour, type, name, channel, department, direction, source or touchpoint, got %q", q.By)
	}
	w := conditions(q.Filter)
	inner := fmt.Sprintf("SELECT %s AS v, count() AS n FROM event e%s GROUP BY 1", group, w.where())
	people := "0"
	if q.People {
		inner = fmt.Sprintf("SELECT %s AS v, k.person AS p, count() AS n FROM event e LEFT JOIN keymap k ON k.key = e.key%s GROUP BY 1, 2", group, w.where())
		people = "uniqExact(p)"
	}
	sql := fmt.Sprintf("SELECT %s, sum(n), %s FROM (%s) GROUP BY 1 ORDER BY %s LIMIT %d", value, people, inner, order, q.Limit)
	var out []insight.Count
	err := s.each(ctx, sql, w.args, func(r *row) error {
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
	err := s.each(ctx, `SELECT type, name, count(), min(ts), max(ts) FROM event GROUP BY type, name ORDER BY 3 DESC, 1, 2 LIMIT 10000`, nil, func(r *row) error {
		var k insight.Known
		err := r.Scan(&k.Type, &k.Name, &k.Count, &k.First, &k.Last)
		at[[2]string{k.Type, k.Name}] = len(out)
		out = append(out, k)
		return err
	})
	if err != nil {
		return nil, err
	}
	// That a crash may have left a row twice does not matter here.
	err = s.properties(ctx, out, at, fmt.Sprintf(`SELECT type, name, properties FROM event_log
		WHERE batch >= (SELECT min(batch) FROM (SELECT batch FROM event_log ORDER BY batch DESC LIMIT %d)) AND properties <> ''`, insight.SampleRows), nil)
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
		fmt.Fprintf(&sample, `SELECT type, name, properties FROM (SELECT type, name, properties FROM event_log
			WHERE type = $%d AND name = $%d AND ts BETWEEN %d AND %d AND properties <> '' LIMIT %d)`, n+1, n+2, since[i], k.Last, insight.SampleKind)
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
	return s.each(ctx, fmt.Sprintf(`
		SELECT type, name, property, if(uniqExact(kind) = 1 AND any(kind) <> '', any(kind), 'mixed'), count() / any(many)
		FROM (SELECT type, name, many, cell.1 AS property, substring(cell.2, 1, 1) AS first,
				multiIf(first = '"', 'text', first IN ('t', 'f'), 'boolean', first = '[', 'list', first = '{', 'object', first = 'n', '', 'number') AS kind
			FROM (SELECT type, name, length(docs) AS many, doc
				FROM (SELECT type, name, arrayFilter(d -> isValidJSON(d), groupArray(%d)(properties)) AS docs FROM (%s) GROUP BY type, name)
				ARRAY JOIN docs AS doc)
			ARRAY JOIN JSONExtractKeysAndValuesRaw(doc) AS cell)
		WHERE length(property) <= 100 AND position(property, '"') = 0
		GROUP BY type, name, property`, insight.SampleKind, sample), args, func(r *row) error {
		var typ, name string
		var p insight.KnownProperty
		err := r.Scan(&typ, &name, &p.Name, &p.Kind, &p.Share)
		if i, ok := at[[2]string{typ, name}]; ok {
			known[i].Properties = append(known[i].Properties, p)
		}
		return err
	})
}

// Stats implements insight.History. Whoever is somebody has a row of their own in the key map. Rows that a crash has left twice may count twice until the server has merged them.
func (s *Store) Stats(ctx context.Context) (insight.Stats, error) {
	var st insight.Stats
	err := s.each(ctx, `SELECT (SELECT count() FROM event_log), (SELECT min(ts) FROM event_log), (SELECT max(ts) FROM event_log),
		k.1, k.2, (SELECT sum(bytes_on_disk) FROM system.parts WHERE database = currentDatabase() AND active)
		FROM (SELECT (countIf(NOT own), countIf(own AND key = person)) AS k FROM keymap)`, nil, func(r *row) error {
		return r.Scan(&st.Rows, &st.First, &st.Last, &st.Keys, &st.People, &st.Bytes)
	})
	if err != nil {
		return st, err
	}
	st.Positions, err = s.Positions(ctx)
	return st, err
}
