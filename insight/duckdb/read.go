package duckdb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/heedcx/heed"
)

// rows is a result row that knows the vocabulary's types. It satisfies insight.Row.
type rows struct {
	*sql.Rows
	columns []string
}

// Columns implements insight.Row.
func (r *rows) Columns() []string { return r.columns }

// Scan implements insight.Row.
func (r *rows) Scan(dest ...any) error {
	plain := make([]any, len(dest))
	for i, d := range dest {
		switch v := d.(type) {
		case *heed.ID:
			plain[i] = (*idCell)(v)
		case *heed.Time:
			plain[i] = (*timeCell)(v)
		case *[]heed.Time:
			plain[i] = (*timesCell)(v)
		case *heed.RawValue:
			plain[i] = (*textCell)(v)
		default:
			plain[i] = d
		}
	}
	return r.Rows.Scan(plain...)
}

type idCell heed.ID

// Scan implements sql.Scanner.
func (c *idCell) Scan(v any) error {
	*c = idCell{}
	switch v := v.(type) {
	case nil:
		return nil
	case []byte:
		if len(v) == len(c) {
			copy(c[:], v)
			return nil
		}
	}
	return fmt.Errorf("insight/duckdb: %T is not a UUID", v)
}

type timeCell heed.Time

// Scan implements sql.Scanner.
func (c *timeCell) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*c = 0
	case int64:
		*c = timeCell(v)
	default:
		return fmt.Errorf("insight/duckdb: %T is not a BIGINT", v)
	}
	return nil
}

type timesCell []heed.Time

// Scan implements sql.Scanner.
func (c *timesCell) Scan(v any) error {
	*c = nil
	if v == nil {
		return nil
	}
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			t, ok := x.(int64)
			if !ok {
				return fmt.Errorf("insight/duckdb: a list of %T is not one of BIGINT", x)
			}
			*c = append(*c, heed.Time(t))
		}
		return nil
	case string: // numbers with commas between
		for text := range strings.SplitSeq(v, ",") {
			if text == "" {
				continue
			}
			t, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return fmt.Errorf("insight/duckdb: %.40q is not a list of times", v)
			}
			*c = append(*c, heed.Time(t))
		}
		return nil
	}
	return fmt.Errorf("insight/duckdb: %T is not a list of times", v)
}

type textCell heed.RawValue

// Scan implements sql.Scanner.
func (c *textCell) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*c = ""
	case string:
		*c = textCell(v)
	default:
		return fmt.Errorf("insight/duckdb: %T is not text", v)
	}
	return nil
}

// each runs one of our own queries and hands over its rows.
func (s *Store) each(ctx context.Context, text string, args []any, row func(*rows) error) error {
	s.use.RLock()
	defer s.use.RUnlock()
	if s.readers == nil {
		return errClosed()
	}
	ctx, cancel := context.WithTimeout(ctx, s.o.QueryTime)
	defer cancel()
	return s.eachOn(ctx, s.readers, text, args, row)
}

type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func (s *Store) eachOn(ctx context.Context, q queryer, text string, args []any, row func(*rows) error) (err error) {
	res, err := q.QueryContext(ctx, text, plainArgs(args)...)
	if err != nil {
		return s.failed(ctx, text, err)
	}
	defer func() {
		if e := res.Close(); err == nil && e != nil {
			err = s.failed(ctx, text, e)
		}
	}()
	r := &rows{Rows: res}
	if r.columns, err = res.Columns(); err != nil {
		return err
	}
	for res.Next() {
		if err := row(r); err != nil {
			return err
		}
	}
	if err := res.Err(); err != nil {
		return s.failed(ctx, text, err)
	}
	return nil
}

// failed says in which way a query failed.
func (s *Store) failed(ctx context.Context, text string, err error) error {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &heed.Error{Code: heed.Unavailable, Message: "The question took too long over this much history. Ask for a shorter time or fewer people.", Cause: err}
	case ctx.Err() != nil:
		return &heed.Error{Code: heed.Unavailable, Message: "The question was cancelled.", Cause: context.Cause(ctx)}
	}
	return fmt.Errorf("insight/duckdb: %.200s: %w", text, err)
}

// plainArgs turns the vocabulary's types into what the driver takes.
func plainArgs(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case heed.ID:
			out[i] = v.String()
		case heed.Time:
			out[i] = int64(v)
		case heed.RawJSON:
			out[i] = string(v)
		case heed.RawValue:
			out[i] = string(v)
		case heed.Direction:
			out[i] = string(v)
		default:
			out[i] = a
		}
	}
	return out
}

// literal writes an id for SQL; hexadecimal digits cannot escape the quotes.
func literal(id heed.ID) string { return "'" + id.String() + "'::UUID" }
