package rule

import (
	"fmt"

	"github.com/heedcx/heed"
)

// StateSQL compiles the rule to a condition on table person under the alias p (columns id, stage, first_seen,
// last_seen, open_cases and doc, the JSON of heed.Person). first is the number of its first parameter, $1 being 1; the condition
// is never NULL. A rule that asks about the triggering event has no answer in a list: an Invalid error.
//
// The counters that the rule needs must be kept already: see [Rule.Counters].
func (r *Rule) StateSQL(d Dialect, now heed.Time, first int) (cond string, args []any, err error) {
	if d != SQLite && d != Postgres {
		return "", nil, heed.Errorf(heed.Internal, "rule: there is no state in %q", d)
	}
	b := &sqlBuilder{d: d, now: now, first: first}
	cond = b.group(&r.root, b.state)
	return cond, b.args, b.err
}

const docColumn = "p.doc"

// openCases is never NULL, and as it stands an index answers it.
const openCases = "(p.open_cases > 0)"

func (b *sqlBuilder) state(n *node) string {
	switch n.op {
	case opCount:
		return fmt.Sprintf("COALESCE(%s, 0) %s %s", b.int(b.json(docColumn, "n", n.id, "n")), countOp(n.is), b.arg(int64(n.n)))
	case opWithin:
		return b.did(n)
	case opSequence:
		return b.int(b.json(docColumn, "n", n.id, "n")) + " > 0"
	case opFirst:
		return b.when(b.int(b.json(docColumn, "n", n.id, "f")), &n.test, true)
	case opLast:
		return b.when(b.int(b.json(docColumn, "n", n.id, "l")), &n.test, true)
	case opTrait:
		return b.test(b.json(docColumn, append([]string{"t", n.id, "v"}, n.path...)...), &n.test)
	case opOrderNumber:
		return b.orderNumber(n)
	case opTime:
		return b.when(b.memoryTime(n), &n.test, true)
	case opStage:
		return b.text("p.stage", &n.test)
	case opKnown:
		return b.int(b.json(docColumn, "kn")) + " > 0"
	case opSegment:
		return b.json(docColumn, "g", n.id).typ + " IS NOT NULL"
	case opConsent:
		state := fmt.Sprintf("COALESCE(%s, %s)", b.json(docColumn, "c", n.id, "s").text, b.json(docColumn, "c", n.id2, "s").text)
		if n.is == "missing" {
			return state + " IS NULL"
		}
		return state + " = " + b.arg(n.is)
	case opCase:
		if n.name == "open" {
			return openCases
		}
		return b.cases(n)
	case opMoment:
		return b.moment(n)
	case opPreference:
		return b.preference(n)
	case opBlocked:
		return b.blocked(n)
	case opInHistory:
		return b.inHistory(n)
	case opPromise:
		return b.each("pr", func(el func(string) string) string {
			if n.name == "" {
				return "TRUE"
			}
			due := "CAST(" + el("d") + " AS BIGINT)"
			return due + " > 0 AND " + due + " <= " + b.time(b.now)
		})
	}
	b.err = heed.Errorf(heed.Invalid, "a rule that asks about the event that just happened (event...) has no list of people: use it in a journey")
	return "FALSE"
}

func countOp(is string) string {
	switch is {
	case AtMost:
		return "<="
	case Exactly:
		return "="
	}
	return ">="
}

// int reads a number that Heed wrote itself.
func (b *sqlBuilder) int(v jsonValue) string { return "CAST(" + v.text + " AS BIGINT)" }

// did asks whether the n-th latest time lies within.
func (b *sqlBuilder) did(n *node) string {
	nth := func(i int) string { // from 1
		if i == 0 {
			return "TRUE"
		}
		at := ""
		if b.d == SQLite {
			at = fmt.Sprintf("json_extract(%s, %s)", docColumn, b.arg(fmt.Sprintf("%s[%d]", jsonPath([]string{"n", n.id, "r"}), i-1)))
		} else {
			at = fmt.Sprintf("(%s->>%d)", b.json(docColumn, "n", n.id, "r").raw, i-1)
		}
		return truth("CAST(" + at + " AS BIGINT) > " + b.time(b.now-n.within))
	}
	switch n.is {
	case AtMost:
		return "NOT " + nth(n.n+1)
	case Exactly:
		return nth(n.n) + " AND NOT " + nth(n.n+1)
	}
	return nth(n.n)
}

func (b *sqlBuilder) orderNumber(n *node) string {
	key := map[string]string{"count": "n", "revenue": "r"}[n.name]
	double := "DOUBLE PRECISION"
	if b.d == SQLite {
		double = "REAL"
	}
	num := fmt.Sprintf("COALESCE(CAST(%s AS %s), 0)", b.json(docColumn, "o", key).text, double)
	if n.test.op == In {
		return b.inNumbers(num, n.test.list)
	}
	return num + " " + sqlOp(n.test.op) + " " + b.arg(n.test.value.Num)
}

func (b *sqlBuilder) inNumbers(num string, list []Value) string {
	cond := "FALSE"
	for i := range list {
		cond += " OR " + num + " = " + b.arg(list[i].Num)
	}
	return cond
}

// memoryTime is timeOf (eval.go) in SQL.
func (b *sqlBuilder) memoryTime(n *node) string {
	switch n.kind {
	case StageSince:
		return b.int(b.json(docColumn, "sts"))
	case Seen:
		return "NULLIF(p." + n.name + "_seen, 0)"
	}
	return b.int(b.json(docColumn, "o", n.name[:1]))
}

// each says whether an array of the document has an element for which cond holds; el gets at a member as text.
func (b *sqlBuilder) each(key string, cond func(el func(member string) string) string) string {
	if b.d == SQLite {
		return fmt.Sprintf("EXISTS (SELECT 1 FROM json_each(%s, '$.%s') AS j WHERE %s)", docColumn, key,
			cond(func(m string) string { return "json_extract(j.value, '$." + m + "')" }))
	}
	return fmt.Sprintf("EXISTS (SELECT 1 FROM jsonb_array_elements(COALESCE(%s->'%s', '[]')) AS j(v) WHERE %s)", docColumn, key,
		cond(func(m string) string { return "(j.v->>'" + m + "')" }))
}

func (b *sqlBuilder) cases(n *node) string {
	return b.each("k", func(el func(string) string) string {
		closed := "COALESCE(CAST(" + el("c") + " AS BIGINT), 0)"
		if n.name == "closed" {
			return b.window(closed, n)
		}
		return b.window("COALESCE(CAST("+el("o")+" AS BIGINT), 0)", n)
	})
}

func (b *sqlBuilder) window(at string, n *node) string {
	if n.within == 0 {
		return at + " > 0"
	}
	return at + " > 0 AND " + at + " > " + b.time(b.now-n.within)
}

func (b *sqlBuilder) moment(n *node) string {
	return b.each("mo", func(el func(string) string) string {
		good := "COALESCE(" + el("g") + ", 0) = "
		yes, no := "1", "0"
		if b.d == Postgres {
			good, yes, no = "COALESCE("+el("g")+", 'false') = ", "'true'", "'false'"
		}
		if !n.good {
			yes = no
		}
		cond := good + yes + " AND " + b.window("COALESCE(CAST("+el("t")+" AS BIGINT), 0)", n)
		if n.name != "" {
			cond += " AND " + el("n") + " = " + b.arg(n.name)
		}
		if n.topic != "" {
			cond += " AND " + el("to") + " = " + b.arg(n.topic)
		}
		return cond
	})
}

func (b *sqlBuilder) preference(n *node) string {
	key := map[string]string{"topic": "t", "muted": "m", "channel": "c", "locale": "l", "zone": "z"}[n.name]
	v := b.json(docColumn, "p", key)
	if n.name == "topic" || n.name == "muted" {
		return b.anyElement(v, &Value{Type: String, Str: n.id})
	}
	return v.text + " = " + b.arg(n.id)
}

func (b *sqlBuilder) blocked(n *node) string {
	from := fmt.Sprintf("(SELECT key AS k FROM json_each(%s, '$.b')) AS j", docColumn)
	if b.d == Postgres {
		from = fmt.Sprintf("jsonb_object_keys(COALESCE(%s->'b', '{}')) AS j(k)", docColumn)
	}
	return fmt.Sprintf("EXISTS (SELECT 1 FROM %s WHERE j.k = %s OR substr(j.k, 1, %d) = %s)",
		from, b.arg(n.id), len([]rune(n.id2)), b.arg(n.id2))
}
