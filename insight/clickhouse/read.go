package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"
	rows "github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/google/uuid"

	"github.com/heedcx/heed"
)

// Codes of ClickHouse's exceptions.
const (
	codeSyntax        = 62
	codeNoDatabase    = 81
	codeTimeout       = 159
	codeTooSlow       = 160
	codeReadonly      = 164
	codeNoUser        = 192
	codeWrongPassword = 193
	codeMemory        = 241
	codeCancelled     = 394
	codeAuthFailed    = 516
)

// code is the code of the server's exception in err, 0 if there is none.
func code(err error) int32 {
	var e *driver.Exception
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}

// row is a result row that knows the vocabulary's types. It satisfies insight.Row.
type row struct {
	rows    rows.Rows
	columns []string
	cells   []any // pointers to what the driver scans into
}

func newRow(r rows.Rows) *row {
	out := &row{rows: r, columns: r.Columns()}
	for _, t := range r.ColumnTypes() {
		out.cells = append(out.cells, reflect.New(t.ScanType()).Interface())
	}
	return out
}

// Columns implements insight.Row.
func (r *row) Columns() []string { return r.columns }

// Scan implements insight.Row.
func (r *row) Scan(dest ...any) error {
	if len(dest) != len(r.cells) {
		return fmt.Errorf("insight/clickhouse: %d destinations for %d columns", len(dest), len(r.cells))
	}
	if err := r.rows.Scan(r.cells...); err != nil {
		return fmt.Errorf("insight/clickhouse: %w", err)
	}
	for i, d := range dest {
		if err := assign(d, plain(r.cells[i])); err != nil {
			return fmt.Errorf("insight/clickhouse: column %s: %w", r.columns[i], err)
		}
	}
	return nil
}

// plain takes the pointers off a cell and makes integers int64, or uint64 where they do not fit; NULL is nil.
func plain(cell any) any {
	v := reflect.ValueOf(cell)
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	switch {
	case v.CanInt():
		return v.Int()
	case v.CanUint() && v.Uint() < 1<<63:
		return int64(v.Uint())
	case v.CanUint():
		return v.Uint()
	case v.CanFloat():
		return v.Float()
	}
	return v.Interface()
}

// assign puts a plain value into what a caller wants to have; nil leaves it zero.
func assign(dest, v any) error {
	if d, ok := dest.(*any); ok {
		*d = v
		return nil
	}
	to := reflect.ValueOf(dest)
	if to.Kind() != reflect.Pointer || to.IsNil() {
		return fmt.Errorf("%T is no destination", dest)
	}
	to.Elem().SetZero()
	if v == nil {
		return nil
	}
	switch d := dest.(type) {
	case *heed.ID:
		if id, ok := v.(uuid.UUID); ok {
			*d = heed.ID(id)
			return nil
		}
	case *[]heed.Time:
		return assignTimes(d, v)
	default:
		from, to := reflect.ValueOf(v), to.Elem()
		switch {
		case from.Kind() == to.Kind() || from.CanInt() && (to.CanInt() || to.CanUint()) || from.CanUint() && to.CanUint() || (from.CanInt() || from.CanUint()) && to.CanFloat():
			to.Set(from.Convert(to.Type()))
			return nil
		}
	}
	return fmt.Errorf("%T is not for %T", v, dest)
}

func assignTimes(to *[]heed.Time, v any) error {
	switch v := v.(type) {
	case []int64:
		for _, t := range v {
			*to = append(*to, heed.Time(t))
		}
		return nil
	case string: // numbers with commas between
		for text := range strings.SplitSeq(v, ",") {
			if text == "" {
				continue
			}
			t, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return fmt.Errorf("%.40q is not a list of times", v)
			}
			*to = append(*to, heed.Time(t))
		}
		return nil
	}
	return fmt.Errorf("%T is not a list of times", v)
}

// asking is a context that carries the bounds of a question and its parameters. It only reads, so the server stops when
// the caller goes away.
func (s *Store) asking(ctx context.Context, limit time.Duration, params driver.Parameters, more driver.Settings) context.Context {
	memory := s.o.MemoryMB << 20
	set := driver.Settings{
		"readonly": 1, "cancel_http_readonly_queries_on_client_close": 1,
		"max_execution_time": strconv.FormatFloat(limit.Seconds(), 'f', 3, 64), "max_memory_usage": memory,
		"max_bytes_before_external_group_by": memory / 2, "max_bytes_before_external_sort": memory / 2,
		"max_query_size": 4 << 20, "join_use_nulls": 1, "do_not_merge_across_partitions_select_final": 1, "use_skip_indexes_if_final": 1,
	}
	if s.o.Threads > 0 {
		set["max_threads"] = s.o.Threads
	}
	for k, v := range more {
		set[k] = v
	}
	return driver.Context(ctx, driver.WithSettings(set), driver.WithParameters(params))
}

// each runs one of our own questions and hands over its rows.
func (s *Store) each(ctx context.Context, text string, args []any, f func(*row) error) error {
	return s.eachFor(ctx, s.o.QueryTime, text, args, f)
}

func (s *Store) eachFor(ctx context.Context, limit time.Duration, text string, args []any, f func(*row) error) error {
	return s.eachWith(ctx, limit, nil, text, args, f)
}

func (s *Store) eachWith(ctx context.Context, limit time.Duration, set driver.Settings, text string, args []any, f func(*row) error) (err error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	text, params, err := bind(text, args)
	if err != nil {
		return err
	}
	res, err := s.conn.Query(s.asking(ctx, limit, params, set), text)
	if err != nil {
		return s.failed(ctx, text, err)
	}
	defer func() {
		if err != nil {
			cancel() // else Close would read to the end
		}
		if e := res.Close(); err == nil && e != nil {
			err = s.failed(ctx, text, e)
		}
	}()
	r := newRow(res)
	for res.Next() {
		if err := f(r); err != nil {
			return err
		}
	}
	if err := res.Err(); err != nil {
		return s.failed(ctx, text, err)
	}
	return nil
}

// exec runs a statement that returns nothing.
func (s *Store) exec(ctx context.Context, limit time.Duration, text string) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return s.conn.Exec(driver.Context(ctx, driver.WithSettings(driver.Settings{"max_query_size": 4 << 20})), text)
}

// failed says in which way a statement failed.
func (s *Store) failed(ctx context.Context, text string, err error) error {
	why := code(err)
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded), why == codeTimeout, why == codeTooSlow:
		return &heed.Error{Code: heed.Unavailable, Message: "The question took too long over this much history. Ask for a shorter time or fewer people.", Cause: err}
	case ctx.Err() != nil, why == codeCancelled:
		return &heed.Error{Code: heed.Unavailable, Message: "The question was cancelled.", Cause: err}
	case why == codeMemory:
		return &heed.Error{Code: heed.Unavailable, Message: "The question needs more memory than it may take in ClickHouse. Ask for a shorter time or fewer people.", Cause: err}
	case why == codeReadonly:
		return &heed.Error{Code: heed.Forbidden, Message: "Only SELECT is allowed here, over the tables of history.", Cause: err}
	case why == 0:
		return &heed.Error{Code: heed.Unavailable, Message: "ClickHouse does not answer.", Cause: fmt.Errorf("insight/clickhouse: %.200s: %w", text, err)}
	}
	return fmt.Errorf("insight/clickhouse: %.200s: %w", text, err)
}
