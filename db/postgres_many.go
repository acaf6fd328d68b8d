package db

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// inChunks collects the arguments of n runs, a column for each parameter, and calls f with the columns of some runs at a
// time, of which the first is run from.
func inChunks(n int, args func(int) []any, f func(from int, params []any) error) error {
	var columns []pgtype.FlatArray[any]
	var params []any
	for from := 0; from < n; from += pipelineChunk {
		for i := from; i < min(from+pipelineChunk, n); i++ {
			row := plainArgs(args(i))
			if columns == nil {
				columns, params = make([]pgtype.FlatArray[any], len(row)), make([]any, len(row))
			}
			for c, v := range row {
				columns[c] = append(columns[c], v)
			}
		}
		for c := range columns {
			params[c] = columns[c]
		}
		if err := f(from, params); err != nil {
			return err
		}
		for c := range columns {
			columns[c] = columns[c][:0]
		}
	}
	return nil
}

// eachOfMany runs a query for many at once. Its first column says for which run a row is, counted from 1, and its rows
// come in that order.
func (t *pgTx) eachOfMany(ctx context.Context, name, text string, n int, args func(int) []any, row func(int, Row) error) error {
	return inChunks(n, args, func(from int, params []any) error {
		rows, err := t.tx.Query(ctx, text, params...)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		defer rows.Close()
		for rows.Next() {
			place := int(binary.BigEndian.Uint64(rows.RawValues()[0])) // a bigint travels in binary
			if err := row(from+place-1, rowOfMany{rows}); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		if err := rows.Err(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	})
}

// rowOfMany is a row without the column that says for which run it is.
type rowOfMany struct{ pgx.Rows }

func (r rowOfMany) Scan(dest ...any) error {
	return scanInto(func(dest ...any) error { return r.Rows.Scan(append([]any{nil}, dest...)...) }, dest)
}
