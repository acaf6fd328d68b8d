package db_test

import (
	"context"
	"sync"
	"testing"

	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
)

// TestProcessesMigrateOneAfterTheOther opens an empty PostgreSQL from several processes' worth of handles at once.
func TestProcessesMigrateOneAfterTheOther(t *testing.T) {
	url := testx.NewPostgres(t)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			d, err := db.Open(context.Background(), url, db.Options{Queries: []string{spec.Queries}})
			if err != nil {
				t.Error(err)
				return
			}
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
