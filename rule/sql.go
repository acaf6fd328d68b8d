package rule

import (
	"fmt"
	"strings"

	"github.com/heedcx/heed"
)

// Dialect is an SQL that rules are compiled to. The first two are those of package db, the others of history.
type Dialect string

// The dialects.
const (
	SQLite     Dialect = "sqlite"
	Postgres   Dialect = "postgres"
	DuckDB     Dialect = "duckdb"
	ClickHouse Dialect = "clickhouse"
)

// sqlBuilder writes conditions. Everything that comes from a rule travels as a parameter, never as text.
type sqlBuilder struct {
	d     Dialect
	now   heed.Time
	args  []any
	first int // number of the first parameter
	err   error
}

// arg adds a parameter and returns its place, typed, because PostgreSQL must not guess.
func (b *sqlBuilder) arg(v any) string {
	typ := "TEXT"
	switch v.(type) {
	case int64:
		typ = "BIGINT"
	case float64:
		if typ = "DOUBLE PRECISION"; b.d == DuckDB {
			typ = "DOUBLE"
		}
	}
	if b.d == ClickHouse {
		typ = clickHouseType(v)
	}
	at := len(b.args)
	for i, had := range b.args {
		if had == v {
			at = i
			break
		}
	}
	if at == len(b.args) {
		b.args = append(b.args, v)
	}
	return fmt.Sprintf("CAST($%d AS %s)", b.first+at, typ)
}

func (b *sqlBuilder) time(t heed.Time) string { return b.arg(int64(t)) }

// truth makes a condition two-valued: what is missing is false.
func truth(cond string) string { return "COALESCE((" + cond + "), FALSE)" }

// group writes a group with the parts that leaf writes.
func (b *sqlBuilder) group(n *node, leaf func(*node) string) string {
	switch n.op {
	case opNot:
		return "NOT " + b.group(&n.kids[0], leaf)
	case opAll, opAny:
		parts := make([]string, len(n.kids))
		for i := range n.kids {
			parts[i] = b.group(&n.kids[i], leaf)
		}
		return "(" + strings.Join(parts, map[opcode]string{opAll: " AND ", opAny: " OR "}[n.op]) + ")"
	case opTrue:
		return "TRUE"
	case opFalse:
		return "FALSE"
	}
	cond := leaf(n)
	if cond == openCases {
		return cond
	}
	return truth(cond)
}

// jsonValue is how to get at one JSON value: its type's name, itself as text, and (not on SQLite) itself as JSON.
type jsonValue struct {
	typ, text, raw string
	doc, path      string // SQLite: to walk an array; ClickHouse: doc is the document and the path, as its functions take them
}

// json gets at a value inside a document.
func (b *sqlBuilder) json(doc string, path ...string) jsonValue {
	switch b.d {
	case Postgres:
		// -> with a text goes into objects only, unlike #>, which takes "0" for an index.
		raw := doc
		for _, k := range path {
			raw += "->" + b.arg(k)
		}
		return b.rawJSON("(" + raw + ")")
	case DuckDB:
		return b.rawJSON(fmt.Sprintf("json_extract(%s, %s)", doc, b.arg(jsonPath(path))))
	case ClickHouse:
		for _, k := range path {
			doc += ", " + b.arg(k)
		}
		return clickHouseJSON(doc)
	}
	p := b.arg(jsonPath(path))
	return jsonValue{typ: fmt.Sprintf("json_type(%s, %s)", doc, p), text: fmt.Sprintf("json_extract(%s, %s)", doc, p), doc: doc, path: p}
}

func (b *sqlBuilder) rawJSON(raw string) jsonValue {
	if b.d == Postgres {
		return jsonValue{typ: "jsonb_typeof(" + raw + ")", text: "(" + raw + " #>> '{}')", raw: raw}
	}
	return jsonValue{typ: "json_type(" + raw + ")", text: "(" + raw + " ->> '$')", raw: raw}
}

// jsonPath writes a path for SQLite and DuckDB. Check keeps quotes and backslashes out of names.
func jsonPath(path []string) string {
	var s strings.Builder
	s.WriteByte('$')
	for _, k := range path {
		s.WriteString(`."` + k + `"`)
	}
	return s.String()
}

// typeIs says whether v is a string, number, array or there at all.
func (b *sqlBuilder) typeIs(v jsonValue, what string) string {
	names := map[Dialect]map[string]string{
		SQLite:     {"string": "= 'text'", "number": "IN ('integer', 'real')", "array": "= 'array'", "there": "<> 'null'"},
		Postgres:   {"string": "= 'string'", "number": "= 'number'", "array": "= 'array'", "there": "<> 'null'"},
		ClickHouse: {"string": "= 'String'", "number": "IN ('Int64', 'UInt64', 'Double')", "array": "= 'Array'", "there": "<> 'Null'"},
		DuckDB:     {"string": "= 'VARCHAR'", "number": "IN ('UBIGINT', 'BIGINT', 'HUGEINT', 'DOUBLE')", "array": "= 'ARRAY'", "there": "<> 'NULL'"},
	}
	return v.typ + " " + names[b.d][what]
}

// number is the value as a double, NULL when it is none or beyond what every engine agrees on.
func (b *sqlBuilder) number(v jsonValue) string {
	n := "CAST(" + v.text + " AS REAL)"
	double := n
	switch b.d {
	case Postgres:
		n = "CAST(" + v.raw + " AS NUMERIC)"
		double = "CAST(" + n + " AS DOUBLE PRECISION)"
	case DuckDB:
		n = "TRY_CAST(" + v.text + " AS DOUBLE)"
		double = n
	case ClickHouse:
		n = "JSONExtractFloat(" + v.doc + ")"
		double = n
	}
	return fmt.Sprintf("CASE WHEN %s THEN CASE WHEN abs(%s) < 1e-300 THEN 0.0 WHEN abs(%s) < 1e300 THEN %s END END",
		b.typeIs(v, "number"), n, n, double)
}

// ordering makes PostgreSQL compare text byte by byte; the others do.
func (b *sqlBuilder) ordering(text string) string {
	if b.d == Postgres {
		return text + ` COLLATE "C"`
	}
	return text
}

func sqlOp(op Op) string {
	if op == Ne {
		return "<>"
	}
	return string(op)
}

// equal is equal (value.go) in SQL.
func (b *sqlBuilder) equal(v jsonValue, x *Value) string {
	switch x.Type {
	case Number:
		return truth(b.number(v) + " = " + b.arg(x.Num))
	case Bool:
		want := fmt.Sprint(x.Bool)
		switch b.d {
		case SQLite:
			return truth(v.typ + " = '" + want + "'")
		case Postgres:
			return truth(v.typ + " = 'boolean' AND " + v.text + " = '" + want + "'")
		case ClickHouse:
			return truth(v.typ + " = 'Bool' AND " + v.raw + " = '" + want + "'")
		}
		return truth(v.typ + " = 'BOOLEAN' AND " + v.text + " = '" + want + "'")
	case Instant:
		return truth(b.timeIn(v) + " = " + b.time(x.Time))
	}
	return truth(b.typeIs(v, "string") + " AND " + v.text + " = " + b.arg(x.Str))
}

// test is test.json (value.go) in SQL.
func (b *sqlBuilder) test(v jsonValue, t *test) string {
	x := &t.value
	switch t.op {
	case Exists:
		return b.typeIs(v, "there")
	case Eq:
		return b.equal(v, x)
	case Ne:
		return b.typeIs(v, "there") + " AND NOT " + b.equal(v, x)
	case In:
		parts := make([]string, len(t.list))
		for i := range t.list {
			parts[i] = b.equal(v, &t.list[i])
		}
		return strings.Join(parts, " OR ")
	case Contains:
		array := b.typeIs(v, "array") + " AND " + b.anyElement(v, x)
		if x.Type != String {
			return array
		}
		return truth(b.typeIs(v, "string")+" AND "+b.contains(v.text, x.Str)) + " OR " + truth(array)
	case StartsWith, EndsWith:
		return b.typeIs(v, "string") + " AND " + b.affix(v.text, t)
	case Within, Ago, InNext:
		return b.when(b.timeIn(v), t, false)
	}
	switch x.Type {
	case Number:
		return b.number(v) + " " + sqlOp(t.op) + " " + b.arg(x.Num)
	case Instant:
		return b.timeIn(v) + " " + sqlOp(t.op) + " " + b.time(x.Time)
	}
	return b.typeIs(v, "string") + " AND " + b.ordering(v.text) + " " + sqlOp(t.op) + " " + b.arg(x.Str)
}

func (b *sqlBuilder) contains(text, part string) string {
	if b.d == SQLite {
		return "instr(" + text + ", " + b.arg(part) + ") > 0"
	}
	if b.d == ClickHouse {
		return "position(" + text + ", " + b.arg(part) + ") > 0"
	}
	return "strpos(" + text + ", " + b.arg(part) + ") > 0"
}

func (b *sqlBuilder) affix(text string, t *test) string {
	want := b.arg(t.value.Str)
	if b.d == ClickHouse {
		return map[Op]string{StartsWith: "startsWith", EndsWith: "endsWith"}[t.op] + "(" + text + ", " + want + ")"
	}
	n := len([]rune(t.value.Str))
	if t.op == StartsWith {
		return fmt.Sprintf("substr(%s, 1, %d) = %s", text, n, want)
	}
	// A text that is shorter than what it should end with does not: its start would lie before the first character.
	return fmt.Sprintf("length(%s) >= %d AND substr(%s, length(%s) - %d, %d) = %s", text, n, text, text, n-1, n, want)
}

func (b *sqlBuilder) anyElement(v jsonValue, x *Value) string {
	switch b.d {
	case SQLite:
		el := jsonValue{typ: "j.type", text: "j.atom"}
		return fmt.Sprintf("EXISTS (SELECT 1 FROM json_each(%s, %s) AS j WHERE %s)", v.doc, v.path, b.equal(el, x))
	case Postgres:
		return fmt.Sprintf("EXISTS (SELECT 1 FROM jsonb_array_elements(CASE WHEN %s THEN %s ELSE '[]' END) AS j(v) WHERE %s)",
			b.typeIs(v, "array"), v.raw, b.equal(b.rawJSON("j.v"), x))
	case ClickHouse:
		return "arrayExists(x -> " + b.equal(clickHouseJSON("x"), x) + ", JSONExtractArrayRaw(" + v.doc + "))"
	}
	// As a list, because a subquery over the elements would be joined for every event.
	return fmt.Sprintf("len(list_filter(CAST(CASE WHEN %s THEN %s END AS JSON[]), lambda x: %s)) > 0",
		b.typeIs(v, "array"), v.raw, b.equal(b.rawJSON("x"), x))
}

// text is test.text (value.go) in SQL, for a column or expression where empty means missing.
func (b *sqlBuilder) text(expr string, t *test) string {
	expr = "NULLIF(" + expr + ", '')"
	switch t.op {
	case Exists:
		return expr + " IS NOT NULL"
	case In:
		parts := make([]string, len(t.list))
		for i := range t.list {
			parts[i] = expr + " = " + b.arg(t.list[i].Str)
		}
		return strings.Join(parts, " OR ")
	case Contains:
		return b.contains(expr, t.value.Str)
	case StartsWith, EndsWith:
		return b.affix(expr, t)
	}
	return b.ordering(expr) + " " + sqlOp(t.op) + " " + b.arg(t.value.Str)
}

// when is test.when (value.go) in SQL; at is NULL when it is missing.
func (b *sqlBuilder) when(at string, t *test, fact bool) string {
	switch t.op {
	case Exists:
		return at + " IS NOT NULL"
	case Within:
		if !fact {
			return at + " BETWEEN " + b.time(b.now-t.span+1) + " AND " + b.time(b.now)
		}
		return at + " > " + b.time(b.now-t.span)
	case Ago:
		return at + " <= " + b.time(b.now-t.span)
	case InNext:
		return at + " BETWEEN " + b.time(b.now+1) + " AND " + b.time(b.now+t.span)
	}
	return at + " " + sqlOp(t.op) + " " + b.time(t.value.Time)
}
