package app

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
)

// lived reads from history what people did, for a Virtual whose people are told apart.
type lived struct{ store insight.Store }

// livedTypes are the events that happen again in a Virtual. What it makes itself is left out: facts, and that its
// messages were sent.
const livedTypes = `e.part >= 0 AND e.type IN ('track', 'page', 'screen', 'identify', 'group', 'feedback')
	AND NOT (e.type = 'feedback' AND e.name IN ('sent', 'delivered', 'failed', 'unknown'))`

// theirs joins the events of the people whose ids are parameter $1, with commas between.
const theirs = ` FROM event e JOIN keymap k ON k.key = e.key WHERE k.person IN (SELECT CAST(unnest(string_split($1, ',')) AS UUID)) AND ` + livedTypes

func list(people []heed.ID) string {
	text := make([]string, len(people))
	for i, id := range people {
		text[i] = id.String()
	}
	return strings.Join(text, ",")
}

func (l lived) each(ctx context.Context, sql string, args []any, rows int, row func(insight.Row) error) error {
	return l.store.Query(ctx, sql, args, insight.Limits{Rows: rows, Time: heed.Time(rehearsalTime.Microseconds())}, row)
}

// count is how many events the people have up to a time.
func (l lived) count(ctx context.Context, people []heed.ID, until heed.Time) (n int64, err error) {
	err = l.each(ctx, "SELECT count(*)"+theirs+" AND e.ts < $2", []any{list(people), int64(until)}, 1, func(r insight.Row) error { return r.Scan(&n) })
	return n, err
}

// livedColumns are the columns of an event that happens again.
const livedColumns = `person, ts, received, type, name, source, touchpoint, channel, direction, department, properties, context, part, seq, idx`

// events returns what the people did up to a time, in order; the newest ones when there are more than limit.
func (l lived) events(ctx context.Context, people []heed.ID, until heed.Time, limit int) ([]*heed.Event, error) {
	sql := `SELECT ` + livedColumns + ` FROM (
		SELECT k.person, e.*` + theirs + fmt.Sprintf(` AND e.ts < $2 ORDER BY e.ts DESC LIMIT %d) AS newest ORDER BY ts, part, seq, idx`, limit)
	return l.read(ctx, sql, list(people), int64(until))
}

// between returns what the people did from one moment up to another, in order.
func (l lived) between(ctx context.Context, people []heed.ID, from, to heed.Time) ([]*heed.Event, error) {
	sql := `SELECT ` + livedColumns + ` FROM (SELECT k.person, e.*` + theirs + ` AND e.ts >= $2 AND e.ts < $3) AS theirs ORDER BY ts, part, seq, idx`
	return l.read(ctx, sql, list(people), int64(from), int64(to))
}

// hours counts what the people did up to a time, by the hour.
func (l lived) hours(ctx context.Context, people []heed.ID, until heed.Time) (out []hour, err error) {
	sql := `SELECT h, count(*) FROM (SELECT CAST(floor(e.ts / 3600000000.0) AS BIGINT) AS h` + theirs + ` AND e.ts < $2) AS theirs GROUP BY h ORDER BY h`
	err = l.each(ctx, sql, []any{list(people), int64(until)}, math.MaxInt, func(r insight.Row) error {
		var h hour
		err := r.Scan(&h.from, &h.n)
		h.from *= anHour
		out = append(out, h)
		return err
	})
	return out, err
}

func (l lived) read(ctx context.Context, sql string, args ...any) (out []*heed.Event, err error) {
	err = l.each(ctx, sql, args, math.MaxInt, func(r insight.Row) error {
		e := &heed.Event{}
		var who heed.ID
		var typ, direction string
		var props, about heed.RawValue
		var part, idx int
		var seq int64
		err := r.Scan(&who, &e.Timestamp, &e.ReceivedAt, &typ, &e.Name, &e.Source, &e.Touchpoint, &e.Channel, &direction, &e.Department, &props, &about, &part, &seq, &idx)
		e.Type, e.Direction, e.UserID, e.Person = heed.ParseType(typ), heed.Direction(direction), who.String(), who
		e.Properties, e.Context = heed.RawJSON(props), heed.RawJSON(about)
		e.MessageID = fmt.Sprintf("%d-%d-%d", part, seq, idx)
		if e.ReceivedAt < e.Timestamp {
			e.ReceivedAt = e.Timestamp
		}
		out = append(out, e)
		return err
	})
	return out, err
}

// doers are those who did something since a time: how many, and some of them, always the same ones.
func (l lived) doers(ctx context.Context, typ heed.Type, name string, from, to heed.Time, limit int) (n int64, some []heed.ID, err error) {
	sql := `SELECT person, count(*) OVER () FROM (
		SELECT DISTINCT k.person AS person FROM event e JOIN keymap k ON k.key = e.key
		WHERE e.part >= 0 AND e.type = $1 AND ($2 = '' OR e.name = $2) AND e.ts >= $3 AND e.ts < $4) AS did
		ORDER BY md5(CAST(person AS VARCHAR)) LIMIT ` + fmt.Sprint(limit)
	err = l.each(ctx, sql, []any{typ.String(), name, int64(from), int64(to)}, limit, idsAndCount(&n, &some))
	return n, some, err
}

// everybody is all people whom history knows: how many, and some of them, always the same ones.
func (l lived) everybody(ctx context.Context, limit int) (n int64, some []heed.ID, err error) {
	sql := `SELECT person, count(*) OVER () FROM (SELECT DISTINCT person FROM keymap) AS all_of_them ORDER BY md5(CAST(person AS VARCHAR)) LIMIT ` + fmt.Sprint(limit)
	err = l.each(ctx, sql, nil, limit, idsAndCount(&n, &some))
	return n, some, err
}

func idsAndCount(n *int64, some *[]heed.ID) func(insight.Row) error {
	return func(r insight.Row) error {
		var id heed.ID
		err := r.Scan(&id, n)
		*some = append(*some, id)
		return err
	}
}
