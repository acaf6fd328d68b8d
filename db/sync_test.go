package db_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
)

func TestSyncOnBothEngines(t *testing.T) {
	testx.Each(t, nil, func(t *testing.T, d db.DB) {
		ctx := context.Background()
		for range 2 {
			err := d.Write(ctx, func(tx db.Tx) error {
				_, err := spec.Put(ctx, tx, spec.Spec{Kind: spec.Segment, Name: "one"})
				return err
			})
			if err == nil {
				err = d.Sync(ctx)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// The delay that makes a slow disk of a fast one slows what waits for the disk, and nothing else.
func TestADelayedFlushDelaysWhatIsDurable(t *testing.T) {
	ctx := context.Background()
	const delay = 100 * time.Millisecond
	d, err := db.Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "state.db"), db.Options{Queries: []string{spec.Queries}, CacheMB: 4, SyncDelay: delay})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	put := func(tx db.Tx) error {
		_, err := spec.Put(ctx, tx, spec.Spec{Kind: spec.Segment, Name: "one"})
		return err
	}
	for name, f := range map[string]func() error{
		"WriteDurable": func() error { return d.WriteDurable(ctx, put) },
		"Sync":         func() error { return d.Sync(ctx) },
	} {
		began := time.Now()
		if err := f(); err != nil || time.Since(began) < delay {
			t.Errorf("%s took %s, %v", name, time.Since(began), err)
		}
	}
}
