package duckdb

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
)

// entryColumns are what scanEntry reads, in order.
const entryColumns = `e.key, e.ts, e.received, e.type, e.name, e.source, e.touchpoint, e.channel, e.direction, e.department,
	e.properties, e.context, e.message_id, e.part, e.seq, e.idx, e.ref`

// maxKeys bounds the keys of one question.
const maxKeys = 10_000

// scanEntry reads entryColumns, and what follows them into more.
func scanEntry(r *rows, e *insight.Entry, more ...any) error {
	var direction string
	var seq int64
	err := r.Scan(append([]any{&e.Key, &e.At, &e.Received, &e.Type, &e.Name, &e.Source, &e.Touchpoint, &e.Channel, &direction, &e.Department,
		&e.Properties, &e.Context, &e.MessageID, &e.Part, &seq, &e.Idx, &e.Ref}, more...)...)
	e.Direction, e.Seq = heed.Direction(direction), uint64(seq)
	e.Summary = insight.Summary(e)
	return err
}

// Timeline implements insight.History.
func (s *Store) Timeline(ctx context.Context, keys []heed.ID, f insight.Filter, limit int) (insight.Page, error) {
	var page insight.Page
	if limit < 1 || limit > 1000 {
		return page, heed.FieldErrorf("limit", "want 1 to 1000, got %d", limit)
	}
	if len(keys) == 0 {
		return page, nil
	}
	if len(keys) > maxKeys {
		return page, heed.FieldErrorf("keys", "at most %d keys at once, got %d", maxKeys, len(keys))
	}
	keys = slices.Compact(slices.SortedFunc(slices.Values(keys), func(a, b heed.ID) int { return bytes.Compare(a[:], b[:]) }))
	w := conditions(f)
	if b := f.Before; !b.IsZero() {
		// The first condition is what zone maps can use.
		w.and(fmt.Sprintf("e.ts <= %d AND (e.ts < %d OR (e.part, e.seq, e.idx) < (%d, %d, %d))", b.At, b.At, b.Part, b.Seq, b.Idx))
	}
	sql := timelineSQL(w, keys, limit+1)
	err := s.each(ctx, sql, w.args, func(r *rows) error {
		var e insight.Entry
		err := scanEntry(r, &e)
		page.Entries = append(page.Entries, e)
		return err
	})
	if len(page.Entries) > limit {
		page.Entries = page.Entries[:limit]
		page.Next = page.Entries[limit-1].Cursor()
	}
	return page, err
}

// unionKeys is up to how many keys a timeline is put together from one scan per key. DuckDB skips what an equality
// rules out before it unpacks the other columns, but not what IN does: five keys in 20 million rows take 0.1 s one by
// one and 4 s together.
const unionKeys = 64

func timelineSQL(w *where, keys []heed.ID, limit int) string {
	order := fmt.Sprintf(" ORDER BY e.ts DESC, e.part DESC, e.seq DESC, e.idx DESC LIMIT %d", limit)
	conds, parts := w.parts, []string{}
	one := func(cond string) string {
		return "SELECT " + entryColumns + " FROM event e" + joined(append([]string{cond}, conds...)) + order
	}
	if len(keys) > unionKeys {
		return one("e.key IN (" + literals(keys) + ")")
	}
	for _, k := range keys {
		parts = append(parts, "("+one("e.key = "+literal(k))+")")
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "SELECT * FROM (" + strings.Join(parts, " UNION ALL ") + ") e" + order
}

// where collects conditions, with parameters and, for statements that take none, with the values in the text.
type where struct {
	parts, inlined []string
	args           []any
}

func (w *where) and(sql string) {
	w.parts = append(w.parts, sql)
	w.inlined = append(w.inlined, sql)
}

// in adds that a column has one of the values.
func (w *where) in(column string, values []string) {
	if len(values) == 0 {
		return
	}
	marks, quoted := make([]string, len(values)), make([]string, len(values))
	for i, v := range values {
		w.args = append(w.args, v)
		marks[i] = fmt.Sprintf("$%d", len(w.args))
		quoted[i] = "'" + strings.ReplaceAll(strings.ReplaceAll(v, "\x00", ""), "'", "''") + "'"
	}
	w.parts = append(w.parts, column+" IN ("+strings.Join(marks, ", ")+")")
	w.inlined = append(w.inlined, column+" IN ("+strings.Join(quoted, ", ")+")")
}

func (w *where) where() string  { return joined(w.parts) }
func (w *where) inline() string { return joined(w.inlined) }

func joined(parts []string) string {
	if len(parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(parts, " AND ")
}

// conditions turns a filter into conditions on alias e.
func conditions(f insight.Filter) *where {
	w := &where{}
	f.Conditions(w.in, w.and)
	return w
}

func literals(ids []heed.ID) string {
	var b strings.Builder
	b.Grow(len(ids) * 46)
	for i, id := range ids {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(literal(id))
	}
	return b.String()
}
