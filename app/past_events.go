package app

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
)

// lived reads from history what people did, for a Virtual whose people are told apart.
type lived struct{ store insight.Store }

// livedTypes are the events that happen again in a Virtual. What it makes itself is left out: facts, and that its
// messages were sent.
const livedTypes = `e.part >= 0 AND e.type IN ('track', 'page', 'screen', 'identify', 'group', 'feedback')
	AND NOT (e.type = 'feedback' AND e.name IN ('sent', 'delivered', 'failed', 'unknown'))`

// theirs joins the events of people.
func (l lived) theirs(people []heed.ID) string {
	return " FROM event e JOIN (SELECT key, person FROM keymap WHERE person IN (" + l.store.Dialect().IDs(people) + ")) AS k ON k.key = e.key WHERE " + livedTypes
}

func (l lived) each(ctx context.Context, sql string, args []any, rows int, row func(insight.Row) error) error {
	return l.store.Query(ctx, sql, args, insight.Limits{Rows: rows, Time: heed.Time(rehearsalTime.Microseconds())}, row)
}

// count is how many events the people have up to a time.
func (l lived) count(ctx context.Context, people []heed.ID, until heed.Time) (n int64, err error) {
	err = l.each(ctx, "SELECT count(*)"+l.theirs(people)+" AND e.ts < $1", []any{int64(until)}, 1, func(r insight.Row) error { return r.Scan(&n) })
	return n, err
}

// livedColumns are the columns of an event that happens again.
const livedColumns = `SELECT k.person, e.ts, e.received, e.type, e.name, e.source, e.touchpoint, e.channel, e.direction, e.department, e.properties, e.context, e.part, e.seq, e.idx`

// events returns what the people did up to a time, in order; the newest ones when there are more than limit.
func (l lived) events(ctx context.Context, people []heed.ID, until heed.Time, limit int) ([]*heed.Event, error) {
	newest, err := l.read(ctx, livedColumns+l.theirs(people)+fmt.Sprintf(` AND e.ts < $1 ORDER BY e.ts DESC, e.part DESC, e.seq DESC, e.idx DESC LIMIT %d`, limit), int64(until))
	slices.Reverse(newest)
	return newest, err
}

// between returns what the people did from one moment up to another, in order.
func (l lived) between(ctx context.Context, people []heed.ID, from, to heed.Time) ([]*heed.Event, error) {
	return l.read(ctx, livedColumns+l.theirs(people)+` AND e.ts >= $1 AND e.ts < $2 ORDER BY e.ts, e.part, e.seq, e.idx`, int64(from), int64(to))
}

// hours counts what the people did up to a time, by the hour.
func (l lived) hours(ctx context.Context, people []heed.ID, until heed.Time) (out []hour, err error) {
	sql := `SELECT h, count(*) FROM (SELECT CAST(floor(e.ts / 3600000000.0) AS BIGINT) AS h` + l.theirs(people) + ` AND e.ts < $1) AS theirs GROUP BY h ORDER BY h`
	err = l.each(ctx, sql, []any{int64(until)}, math.MaxInt, func(r insight.Row) error {
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

// shuffled orders people by their ids from the end, which is random.
const shuffled = ` ORDER BY reverse(CAST(person AS VARCHAR)) LIMIT `

// doers are those who did something since a time: how many, and some of them, always the same ones.
func (l lived) doers(ctx context.Context, typ heed.Type, name string, from, to heed.Time, limit int) (n int64, some []heed.ID, err error) {
	sql := `SELECT person, count(*) OVER () FROM (
		SELECT DISTINCT k.person AS person FROM event e JOIN keymap k ON k.key = e.key
		WHERE e.part >= 0 AND e.type = $1 AND ($2 = '' OR e.name = $2) AND e.ts >= $3 AND e.ts < $4) AS did` + shuffled + fmt.Sprint(limit)
	err = l.each(ctx, sql, []any{typ.String(), name, int64(from), int64(to)}, limit, idsAndCount(&n, &some))
	return n, some, err
}

// everybody is all people whom history knows: how many, and some of them, always the same ones.
func (l lived) everybody(ctx context.Context, limit int) (n int64, some []heed.ID, err error) {
	sql := `SELECT person, count(*) OVER () FROM (SELECT DISTINCT person FROM keymap) AS all_of_them` + shuffled + fmt.Sprint(limit)
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
