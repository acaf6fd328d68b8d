package rule

import "strings"

// timeIn reads a time from a JSON string as parseTime does, to microseconds; NULL when it is none.
//
// SQLite and PostgreSQL do the arithmetic of parseTime on the same characters, because their own readers of time
// accept other forms, round differently, or fail the whole query on the thirtieth of February. DuckDB's TRY_CAST
// agrees once the form is checked and the offset taken off.
func (b *sqlBuilder) timeIn(v jsonValue) string {
	text := "CASE WHEN " + b.typeIs(v, "string") + " THEN " + v.text + " END"
	if b.d == ClickHouse {
		return clickHouseTime(v.text) // '' when the value is no text
	}
	if b.d == DuckDB {
		return strings.NewReplacer("{text}", text, "{shape}", timePattern).Replace(duckTime)
	}
	shape := "x ~ '" + timePattern + "'"
	if b.d == SQLite {
		shape = sqliteShape
	}
	return strings.NewReplacer("{text}", text, "{shape}", shape).Replace(civilTime)
}

const timePattern = `^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9]))?$`

// duckTime leaves reading the wall clock to the cast, cut to the microsecond, and takes the offset off itself: a cast to
// TIMESTAMP passes over it.
const duckTime = `(epoch_us(TRY_CAST(CASE WHEN regexp_matches({text}, '{shape}') AND NOT regexp_matches({text}, '^0000|T24|:60')
 THEN regexp_replace({text}, '^(.{10}(T.{8}([.][0-9]{1,6})?)?)[0-9]*(Z|[+-].*)?$', '\1') END AS TIMESTAMP))
 - CASE WHEN length({text}) > 20 AND substr(right({text}, 6), 1, 1) IN ('+', '-') THEN CASE substr(right({text}, 6), 1, 1) WHEN '-' THEN -60000000 ELSE 60000000 END
 * (TRY_CAST(substr(right({text}, 5), 1, 2) AS BIGINT) * 60 + TRY_CAST(right({text}, 2) AS BIGINT)) ELSE 0 END)`

const sqliteShape = `(x GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]' OR
 x GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]*' AND length(x) <= 35 AND (
 x GLOB '*Z' AND length(x) = 20 OR
 length(x) = 25 AND substr(x, 20) GLOB '[+-][0-9][0-9]:[0-9][0-9]' OR
 substr(x, 20, 1) = '.' AND x GLOB '*[0-9]Z' AND length(x) BETWEEN 22 AND 30 AND substr(x, 21, length(x) - 21) NOT GLOB '*[^0-9]*' OR
 substr(x, 20, 1) = '.' AND x GLOB '*[0-9][+-][0-9][0-9]:[0-9][0-9]' AND length(x) BETWEEN 27 AND 35 AND substr(x, 21, length(x) - 26) NOT GLOB '*[^0-9]*'))`

// civilTime works on x, which is NULL unless it has the right shape.
const civilTime = `(SELECT CASE WHEN y >= 1 AND m BETWEEN 1 AND 12 AND d >= 1 AND h <= 23 AND mi <= 59 AND s <= 59 AND zh <= 23 AND zm <= 59
 AND d <= CASE WHEN m IN (4, 6, 9, 11) THEN 30 WHEN m <> 2 THEN 31 WHEN y % 4 = 0 AND y % 100 <> 0 OR y % 400 = 0 THEN 29 ELSE 28 END
 THEN ((365 * yy + yy / 4 - yy / 100 + yy / 400 + (153 * (mm - 3) + 2) / 5 + d - 719469) * 86400
 + h * 3600 + mi * 60 + s - zs * (zh * 60 + zm) * 60) * 1000000 + us END
 FROM (SELECT y, m, d, h, mi, s, zs, zh, zm, us,
 CASE WHEN m <= 2 THEN y - 1 ELSE y END AS yy, CASE WHEN m <= 2 THEN m + 12 ELSE m END AS mm FROM (SELECT
 CAST(substr(x, 1, 4) AS BIGINT) AS y, CAST(substr(x, 6, 2) AS BIGINT) AS m, CAST(substr(x, 9, 2) AS BIGINT) AS d,
 COALESCE(CAST(NULLIF(substr(x, 12, 2), '') AS BIGINT), 0) AS h,
 COALESCE(CAST(NULLIF(substr(x, 15, 2), '') AS BIGINT), 0) AS mi,
 COALESCE(CAST(NULLIF(substr(x, 18, 2), '') AS BIGINT), 0) AS s,
 CASE WHEN length(x) = 10 OR substr(x, length(x), 1) = 'Z' THEN 0 WHEN substr(x, length(x) - 5, 1) = '-' THEN -1 ELSE 1 END AS zs,
 CASE WHEN length(x) = 10 OR substr(x, length(x), 1) = 'Z' THEN 0 ELSE CAST(substr(x, length(x) - 4, 2) AS BIGINT) END AS zh,
 CASE WHEN length(x) = 10 OR substr(x, length(x), 1) = 'Z' THEN 0 ELSE CAST(substr(x, length(x) - 1, 2) AS BIGINT) END AS zm,
 CASE WHEN substr(x, 20, 1) <> '.' OR length(x) = 10 THEN 0 ELSE CAST(substr(substr(x, 21, length(x) - CASE WHEN substr(x, length(x), 1) = 'Z' THEN 21 ELSE 26 END) || '000000', 1, 6) AS BIGINT) END AS us
 FROM (SELECT CASE WHEN {shape} THEN x END AS x FROM (SELECT {text} AS x) AS t0) AS t1) AS t2) AS t3)`
