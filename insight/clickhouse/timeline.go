package clickhouse

import (
	"context"
	"fmt"
	"strings"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
)

// entryColumns are what scanEntry reads, in order.
const entryColumns = `e.key, e.ts, e.received, e.type, e.name, e.source, e.touchpoint, e.channel, e.direction, e.department,
	e.properties, e.context, e.message_id, e.part, e.seq, e.idx, e.ref`

// maxKeys bounds the keys of one question.
const maxKeys = 10_000

// scanEntry reads entryColumns, and what follows them into more.
func scanEntry(r *row, e *insight.Entry, more ...any) error {
	err := r.Scan(append([]any{&e.Key, &e.At, &e.Received, &e.Type, &e.Name, &e.Source, &e.Touchpoint, &e.Channel, &e.Direction, &e.Department,
		&e.Properties, &e.Context, &e.MessageID, &e.Part, &e.Seq, &e.Idx, &e.Ref}, more...)...)
	e.Summary = insight.Summary(e)
	return err
}

// Timeline implements insight.History. The rows of a key lie together, in the order of time.
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
	w := conditions(f)
	w.and("e.key IN (" + literals(keys) + ")")
	if b := f.Before; !b.IsZero() {
		w.and(fmt.Sprintf("e.ts <= %d AND (e.ts < %d OR (e.part, e.seq, e.idx) < (%d, %d, %d))", b.At, b.At, b.Part, b.Seq, b.Idx))
	}
	sql := "SELECT " + entryColumns + " FROM event e" + w.where() + fmt.Sprintf(" ORDER BY e.ts DESC, e.part DESC, e.seq DESC, e.idx DESC LIMIT %d", limit+1)
	// Rows of one sorting key are equal but for `batch`, so a filter may look at them before FINAL does.
	err := s.eachWith(ctx, s.o.QueryTime, driver.Settings{"optimize_move_to_prewhere_if_final": 1}, sql, w.args, func(r *row) error {
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

// where collects conditions and their parameters.
type where struct {
	parts []string
	args  []any
}

func (w *where) and(sql string) { w.parts = append(w.parts, sql) }

// in adds that a column has one of the values.
func (w *where) in(column string, values []string) {
	if len(values) == 0 {
		return
	}
	marks := make([]string, len(values))
	for i, v := range values {
		w.args = append(w.args, v)
		marks[i] = fmt.Sprintf("$%d", len(w.args))
	}
	w.and(column + " IN (" + strings.Join(marks, ", ") + ")")
}

func (w *where) where() string {
	if len(w.parts) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.parts, " AND ")
}

// conditions turns a filter into conditions on alias e.
func conditions(f insight.Filter) *where {
	w := &where{}
	f.Conditions(w.in, w.and)
	return w
}
