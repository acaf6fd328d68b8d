package db_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// BenchmarkExecEach puts rows all over a growing table, in the order of its key, 10,000 in a transaction.
func BenchmarkExecEach(b *testing.B) {
	ctx := context.Background()
	d, err := db.Open(ctx, "sqlite:"+filepath.Join(b.TempDir(), "state.db"), db.Options{Queries: []string{`
-- name: t.put
INSERT INTO person_search (token, person, kind, hash, at) VALUES ($1, $2, 'n', 0, 0) ON CONFLICT (token, person, kind) DO NOTHING;
`}})
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	const rows = 10_000
	id := heed.NewID(1)
	args := make([]any, 2)
	for n := 0; b.Loop(); n++ {
		err := d.Write(ctx, func(tx db.Tx) error {
			return tx.ExecEach(ctx, "t.put", rows, func(i int) []any {
				return append(args[:0], fmt.Sprintf("customer.%08d@people.example", i*1000+n), id[:])
			})
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
}
