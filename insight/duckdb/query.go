package duckdb

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2/mapping"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
)

// maxSQL bounds the text of a query.
const maxSQL = 1 << 20

// Query implements insight.History.
func (s *Store) Query(ctx context.Context, text string, args []any, l insight.Limits, row func(insight.Row) error) error {
	s.use.RLock()
	defer s.use.RUnlock()
	if err := s.onlySelect(text); err != nil {
		return err
	}
	limit, most := s.o.QueryTime, s.o.QueryRows
	if l.Time > 0 {
		limit = time.Duration(l.Time) * time.Microsecond
	}
	if l.Rows > 0 {
		most = l.Rows
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	conn, err := s.readers.Conn(ctx)
	if err != nil {
		return s.failed(ctx, "connect", err)
	}
	defer func() { _ = conn.Close() }()
	// onlySelect is one lock on the door, a transaction that cannot write is the other.
	if _, err := conn.ExecContext(ctx, "BEGIN TRANSACTION READ ONLY"); err != nil {
		return s.failed(ctx, "begin", err)
	}
	defer func() { _, _ = conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK") }()
	n := 0
	return s.eachOn(ctx, conn, text, args, func(r *rows) error {
		if n++; n > most {
			return heed.Errorf(heed.TooLarge, "The answer has more than %d rows. Ask for less, or export.", most)
		}
		return row(r)
	})
}

// onlySelect lets a single SELECT pass.
func (s *Store) onlySelect(text string) error {
	if len(text) > maxSQL {
		return heed.Errorf(heed.TooLarge, "The query has %d bytes; the most is %d.", len(text), maxSQL)
	}
	if strings.ContainsRune(text, 0) {
		return heed.Errorf(heed.Invalid, "The query contains a zero byte.")
	}
	s.checkMu.Lock()
	defer s.checkMu.Unlock()
	if s.checker == nil {
		return errClosed()
	}
	var list mapping.ExtractedStatements
	n := mapping.ExtractStatements(s.checker.conn, text, &list)
	defer mapping.DestroyExtracted(&list)
	if n == 0 {
		return invalidSQL(mapping.ExtractStatementsError(list))
	}
	if n != 1 {
		return heed.Errorf(heed.Invalid, "Want a single SELECT, got %d statements.", n)
	}
	var st mapping.PreparedStatement
	defer mapping.DestroyPrepare(&st)
	if mapping.PrepareExtractedStatement(s.checker.conn, list, 0, &st) == mapping.StateError {
		return invalidSQL(mapping.PrepareError(st))
	}
	if mapping.PreparedStatementType(st) != mapping.StatementTypeSelect {
		return heed.Errorf(heed.Forbidden, "Only SELECT is allowed here.")
	}
	return nil
}

func invalidSQL(detail string) error {
	if detail == "" {
		detail = "it is empty"
	}
	return &heed.Error{Code: heed.Invalid, Message: "The history store does not understand the query: " + fmt.Sprintf("%.300s", detail)}
}
