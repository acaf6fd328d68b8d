package rule

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/heedcx/heed"
)

// History SQL is for DuckDB and ClickHouse over two tables, of which it uses these columns only:
//
//	event  (key UUID, ts BIGINT, type VARCHAR, name VARCHAR, touchpoint, channel, source, department, direction VARCHAR,
//	        properties JSON or VARCHAR, part INTEGER, seq BIGINT)
//	keymap (key UUID, person UUID)
//
// ts is in microseconds; type is heed.Type's name; events of the stream have part >= 0, derived facts have not.

// CountersSQL compiles what counters are in history, for each key that has any, up to a position of the stream (the
// last sequence per partition; a partition that is not in it has none) and for keys after the given one (all for the
// zero ID). The steps of a sequence must be among the counters. The rows, by key:
//
//	key UUID, counter VARCHAR (its ID), n BIGINT, first BIGINT, last BIGINT, recent VARCHAR (microseconds, newest first, with commas between)
func CountersSQL(d Dialect, specs []CounterSpec, until map[int]uint64, after heed.ID) (sql string, args []any, err error) {
	b := &sqlBuilder{d: d, first: 1}
	bound := b.bound(until)
	if !after.IsZero() {
		bound += " AND " + b.ordered("e.key") + " > " + b.ordered("CAST("+b.arg(after.String())+" AS UUID)")
	}
	byID := map[string]*CounterSpec{}
	for i := range specs {
		byID[specs[i].ID] = &specs[i]
	}
	var parts []string
	for i := range specs {
		s := &specs[i]
		if len(s.Steps) > 0 {
			parts = append(parts, b.sequenceRows(s, byID, bound))
			continue
		}
		recent := "''"
		if s.Depth > 0 {
			recent = b.newest(s.Depth)
		}
		parts = append(parts, fmt.Sprintf("SELECT e.key AS key, %s AS counter, count(*) AS n, min(e.ts) AS first, max(e.ts) AS last, %s AS recent FROM event e WHERE %s AND %s GROUP BY e.key",
			b.arg(s.ID), recent, b.events(s), bound))
	}
	if len(parts) == 0 {
		parts = []string{"SELECT e.key AS key, '' AS counter, 0 AS n, 0 AS first, 0 AS last, '' AS recent FROM event e WHERE FALSE"}
	}
	return "SELECT key, counter, n, first, last, recent FROM (\n" + strings.Join(parts, "\nUNION ALL\n") + "\n) AS all_counters ORDER BY " + b.ordered("key") + ", counter", b.args, b.err
}

// ordered is a UUID that compares as its bytes do.
func (b *sqlBuilder) ordered(id string) string {
	if b.d == ClickHouse {
		return "UUIDToNum(" + id + ")"
	}
	return id
}

// newest is the latest n times of a group, newest first, with commas between.
func (b *sqlBuilder) newest(n int) string {
	if b.d == ClickHouse {
		return fmt.Sprintf("arrayStringConcat(arrayMap(x -> toString(-x), groupArraySorted(%d)(-e.ts)), ',')", n)
	}
	return fmt.Sprintf("array_to_string(max(e.ts, %d), ',')", n)
}

// ParseRecent reads the column recent of CountersSQL.
func ParseRecent(text string) ([]heed.Time, error) {
	if text == "" {
		return nil, nil
	}
	var out []heed.Time
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("rule: column recent: %w", err)
		}
		out = append(out, heed.Time(n))
	}
	return out, nil
}

func (b *sqlBuilder) bound(until map[int]uint64) string {
	var parts []string
	for _, part := range slices.Sorted(maps.Keys(until)) {
		parts = append(parts, fmt.Sprintf("e.part = %d AND e.seq <= %d", part, until[part]))
	}
	if len(parts) == 0 {
		return "FALSE"
	}
	somebody := "e.key IS NOT NULL"
	if b.d == ClickHouse {
		somebody = "e.key <> toUUID('" + heed.ID{}.String() + "')"
	}
	return somebody + " AND (" + strings.Join(parts, " OR ") + ")"
}

// Property is a property of table event under the alias e as JSON text, empty when it is absent. The name becomes part of
// the SQL: it is one of ours, never a customer's.
func (d Dialect) Property(name string) string {
	if d == ClickHouse {
		return "JSONExtractRaw(e.properties, '" + name + "')"
	}
	return `coalesce(CAST(json_extract(e.properties, '$."` + name + `"') AS VARCHAR), '')`
}

// IDs is what stands in the brackets of "person IN (...)" for one id or more. They are one text: a parameter for ClickHouse
// travels in the URL, which is not long enough for them, and to read thousands of literals takes DuckDB a tenth of a second.
func (d Dialect) IDs(ids []heed.ID) string {
	var list strings.Builder
	for i, id := range ids {
		if i > 0 {
			list.WriteByte(',')
		}
		list.WriteString(id.String())
	}
	if d == ClickHouse {
		return "SELECT toUUID(arrayJoin(splitByChar(',', '" + list.String() + "')))"
	}
	return "SELECT CAST(unnest(string_split('" + list.String() + "', ',')) AS UUID)"
}

// EventSQL compiles CounterSpec.Match of a counter without steps to a condition on table event under the alias e. Its
// parameters are numbered from first.
func EventSQL(d Dialect, s *CounterSpec, first int) (cond string, args []any, err error) {
	b := &sqlBuilder{d: d, first: first}
	cond = b.events(s)
	return cond, b.args, b.err
}

// events is CounterSpec.Match in SQL, on table event under the alias e.
func (b *sqlBuilder) events(s *CounterSpec) string {
	cond := "e.part >= 0 AND e.type = " + b.arg(s.Type.String())
	if s.Name != "" {
		cond += " AND e.name = " + b.arg(s.Name)
	}
	if s.where != nil {
		cond += " AND " + b.group(s.where, func(n *node) string {
			if n.op == opProperty {
				return b.test(b.json("e.properties", n.path...), &n.test)
			}
			return b.text("e."+n.name, &n.test)
		})
	}
	return cond
}

func (b *sqlBuilder) sequenceRows(s *CounterSpec, byID map[string]*CounterSpec, bound string) string {
	steps := make([]string, len(s.Steps))
	for i, id := range s.Steps {
		step, ok := byID[id]
		if !ok {
			b.err = heed.Errorf(heed.Internal, "rule: the steps of %s are not among the counters", s.Text)
			return ""
		}
		steps[i] = fmt.Sprintf("SELECT e.key AS who, e.ts AS ts FROM event e WHERE %s AND %s", b.events(step), bound)
	}
	return fmt.Sprintf("SELECT who AS key, %s AS counter, 1 AS n, max(done) AS first, max(done) AS last, '' AS recent FROM (%s) AS chain GROUP BY who",
		b.arg(s.ID), b.completions(s, steps))
}

// completions lists who completed a sequence and when: from each last step back to the nearest step before it, and so
// on, which is CounterSpec.Completed without its bound on how many are looked at.
func (b *sqlBuilder) completions(s *CounterSpec, steps []string) string {
	chain := fmt.Sprintf("SELECT who, ts AS done, ts FROM (%s) AS last_step", steps[len(steps)-1])
	for i := len(steps) - 2; i >= 0; i-- {
		chain = fmt.Sprintf("SELECT b.who AS who, b.done AS done, a.ts AS ts FROM (%s) AS b ASOF JOIN (%s) AS a ON a.who = b.who AND b.ts > a.ts", chain, steps[i])
	}
	if s.Within > 0 {
		chain = fmt.Sprintf("SELECT who, done, ts FROM (%s) AS chain WHERE done - ts <= %s", chain, b.time(s.Within))
	}
	return chain
}

// HistorySQL compiles the whole rule to a query that lists the people for whom it holds at now, one column person.
// Only a rule about events alone has one (see EventOnly); for any other the error says so.
func (r *Rule) HistorySQL(d Dialect, now heed.Time) (sql string, args []any, err error) {
	if !r.EventOnly() {
		return "", nil, heed.Errorf(heed.Invalid, "only a rule about events alone can be answered from history")
	}
	byID := map[string]*CounterSpec{}
	for i := range r.counters {
		byID[r.counters[i].ID] = &r.counters[i]
	}
	b := &sqlBuilder{d: d, now: now, first: 1}
	cond := b.group(&r.root, func(n *node) string { return b.history(n, byID) })
	return "SELECT u.person FROM (SELECT DISTINCT person FROM keymap WHERE person IS NOT NULL) AS u WHERE " + cond + " ORDER BY " + b.ordered("u.person"), b.args, b.err
}

func (b *sqlBuilder) history(n *node, byID map[string]*CounterSpec) string {
	s := byID[n.id]
	if n.op == opSequence {
		steps := make([]string, len(s.Steps))
		for i, id := range s.Steps {
			steps[i] = "SELECT k.person AS who, e.ts AS ts FROM event e JOIN keymap k ON k.key = e.key WHERE " + b.events(byID[id])
		}
		return "u.person IN (SELECT who FROM (" + b.completions(s, steps) + ") AS chain)"
	}
	having := func(window, cond string) string {
		return fmt.Sprintf("u.person IN (SELECT k.person FROM event e JOIN keymap k ON k.key = e.key WHERE k.person IS NOT NULL AND %s%s GROUP BY k.person HAVING %s)",
			b.events(s), window, cond)
	}
	switch n.op {
	case opFirst:
		return having("", b.when("min(e.ts)", &n.test, true))
	case opLast:
		return having("", b.when("max(e.ts)", &n.test, true))
	}
	window := ""
	if n.op == opWithin {
		window = " AND e.ts > " + b.time(b.now-n.within)
	}
	switch {
	case n.is == AtMost:
		return "NOT " + having(window, "count(*) > "+b.arg(int64(n.n)))
	case n.is == Exactly && n.n == 0:
		return "NOT " + having(window, "count(*) > 0")
	}
	return having(window, "count(*) "+countOp(n.is)+" "+b.arg(int64(n.n)))
}
