package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
)

// maxSQL bounds the text of a query.
const maxSQL = 1 << 20

// Query implements insight.History.
func (s *Store) Query(ctx context.Context, text string, args []any, l insight.Limits, f func(insight.Row) error) error {
	limit, most := s.o.QueryTime, s.o.QueryRows
	if l.Time > 0 {
		limit = time.Duration(l.Time) * time.Microsecond
	}
	if l.Rows > 0 {
		most = l.Rows
	}
	// onlySelect is one lock on the door, readonly = 1 is the other; the third is what Heed's user may do at all.
	bound, _, err := bind(text, args)
	if err != nil {
		return err
	}
	if err := s.onlySelect(ctx, bound); err != nil {
		return err
	}
	n := 0
	err = s.eachFor(ctx, limit, text, args, func(r *row) error {
		if n++; n > most {
			return heed.Errorf(heed.TooLarge, "The answer has more than %d rows. Ask for less, or export.", most)
		}
		return f(r)
	})
	if why := code(err); slices.Contains(misunderstood, why) {
		return invalidSQL(err)
	}
	return err
}

// misunderstood lists the codes of queries that the server could read, but not make sense of: unknown names, wrong
// numbers and types of arguments, aggregates in the wrong place.
var misunderstood = []int32{10, 36, 42, 43, 44, 46, 47, 48, 53, 59, 60, codeSyntax, 63, 70, 99, 179, 184, 206, 207, 215, 352, 386, 456, 457}

// onlySelect lets a single SELECT pass. The server's own parser says what a text is, without running it.
func (s *Store) onlySelect(ctx context.Context, text string) error {
	if len(text) > maxSQL {
		return heed.Errorf(heed.TooLarge, "The query has %d bytes; the most is %d.", len(text), maxSQL)
	}
	if strings.ContainsRune(text, 0) {
		return heed.Errorf(heed.Invalid, "The query contains a zero byte.")
	}
	if strings.TrimSpace(text) == "" {
		return heed.Errorf(heed.Invalid, "The history store does not understand the query: it is empty")
	}
	var plain string
	err := s.each(ctx, "SELECT formatQuerySingleLine("+inText(text)+")", nil, func(r *row) error { return r.Scan(&plain) })
	if code(err) != 0 && heed.CodeOf(err) != heed.Unavailable {
		return invalidSQL(err)
	}
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(strings.TrimLeft(plain, "("), " ")
	if first != "SELECT" && first != "WITH" {
		return heed.Errorf(heed.Forbidden, "Only SELECT is allowed here.")
	}
	return nil
}

// inText writes a text into a statement: the text of a query is too long for a parameter, which travels in the URL.
func inText(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

func invalidSQL(err error) error {
	detail := err.Error()
	var e *driver.Exception
	if errors.As(err, &e) {
		detail = e.Message
	}
	return &heed.Error{Code: heed.Invalid, Message: "The history store does not understand the query: " + fmt.Sprintf("%.300s", detail), Cause: err}
}

// countersTime is how many times as long as a question a backfill may take.
const countersTime = 20

// Counters implements insight.History.
func (s *Store) Counters(ctx context.Context, text string, args []any, yield func(key heed.ID, counter string, c heed.Counter) error) error {
	limit := insight.Limits{Rows: math.MaxInt, Time: heed.Time(countersTime * s.o.QueryTime.Microseconds())}
	return s.Query(ctx, text, args, limit, func(r insight.Row) error {
		var key heed.ID
		var counter string
		var c heed.Counter
		if err := r.Scan(&key, &counter, &c.N, &c.First, &c.Last, &c.Recent); err != nil {
			return err
		}
		return yield(key, counter, c)
	})
}
