package rule

import "strings"

// What ClickHouse says in its own way. Its JSON functions take a document and the names on the way to a value; a
// document that they cannot read has nothing in it. Its UUIDs compare by their second half, so an order that others
// should agree with goes through UUIDToNum.

func clickHouseType(v any) string {
	switch v.(type) {
	case int64:
		return "Int64"
	case float64:
		return "Float64"
	}
	return "String"
}

// clickHouseJSON gets at a value: doc is a document, or a document, a comma and the names on the way.
func clickHouseJSON(doc string) jsonValue {
	return jsonValue{typ: "JSONType(" + doc + ")", text: "JSONExtractString(" + doc + ")", raw: "JSONExtractRaw(" + doc + ")", doc: doc}
}

// clickHouseTime is parseTime in SQL, like civilTime: ClickHouse's own readers of time take other forms, and years from
// 1900 to 2299 only. A lambda over an array of one is how to give a name to a value.
func clickHouseTime(text string) string {
	return strings.NewReplacer("{text}", text, "{shape}", timePattern).Replace(civilClickHouse)
}

const civilClickHouse = `arrayMap(x -> arrayMap((y, m, d, h, mi, s, f, z) -> if(x <> '' AND y >= 1 AND m BETWEEN 1 AND 12 AND d >= 1 AND h <= 23 AND mi <= 59 AND s <= 59
 AND d <= multiIf(m IN (4, 6, 9, 11), 30, m <> 2, 31, y % 4 = 0 AND y % 100 <> 0 OR y % 400 = 0, 29, 28),
 ((365 * (y - (m <= 2)) + intDiv(y - (m <= 2), 4) - intDiv(y - (m <= 2), 100) + intDiv(y - (m <= 2), 400) + intDiv(153 * (m + 12 * (m <= 2) - 3) + 2, 5) + d - 719469) * 86400
 + h * 3600 + mi * 60 + s - z * 60) * 1000000 + f, NULL),
 [toInt64OrZero(substring(x, 1, 4))], [toInt64OrZero(substring(x, 6, 2))], [toInt64OrZero(substring(x, 9, 2))],
 [toInt64OrZero(substring(x, 12, 2))], [toInt64OrZero(substring(x, 15, 2))], [toInt64OrZero(substring(x, 18, 2))],
 [toInt64OrZero(rightPad(substring(extract(x, '[.]([0-9]+)'), 1, 6), 6, '0'))],
 [if(length(x) > 10 AND NOT endsWith(x, 'Z'), (1 - 2 * (substring(x, -6, 1) = '-')) * (toInt64OrZero(substring(x, -5, 2)) * 60 + toInt64OrZero(substring(x, -2, 2))), 0)])[1],
 [if(match({text}, '{shape}'), {text}, '')])[1]`
