package db_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/testx"
)

// TestAllReadersMeetNewQueriesAtOnce is what a start looks like: as many read transactions as there are places, each with
// queries that nobody has prepared yet. None may wait for a connection that another one of them holds.
func TestAllReadersMeetNewQueriesAtOnce(t *testing.T) {
	readers := max(4, runtime.GOMAXPROCS(0))
	var text strings.Builder
	for i := range 2 * readers {
		fmt.Fprintf(&text, "-- name: t.q%d\nSELECT %d;\n", i, i)
	}
	testx.Each(t, []string{text.String()}, func(t *testing.T, d db.DB) {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		var inside, done sync.WaitGroup
		inside.Add(readers)
		for i := range readers {
			done.Go(func() {
				err := d.Read(ctx, func(q db.Querier) error {
					inside.Done()
					inside.Wait()
					for _, n := range []int{i, readers + i} {
						var got int
						if err := q.QueryRow(ctx, fmt.Sprintf("t.q%d", n)).Scan(&got); err != nil || got != n {
							return fmt.Errorf("query %d: got %d, %v", n, got, err)
						}
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		finished := make(chan struct{})
		go func() { done.Wait(); close(finished) }()
		select {
		case <-finished:
		case <-ctx.Done():
			t.Fatal("the readers wait for each other")
		}
	})
}

// Who no longer waits for an answer does not keep a reader busy.
func TestAReadEndsWithItsContext(t *testing.T) {
	testx.Each(t, nil, func(t *testing.T, d db.DB) {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		began := time.Now()
		err := d.Read(ctx, func(q db.Querier) error {
			rows, err := q.QuerySQL(ctx, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) FROM n")
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
			}
			return rows.Err()
		})
		if err == nil || time.Since(began) > 10*time.Second {
			t.Errorf("ended after %s with %v", time.Since(began), err)
		}
	})
}
