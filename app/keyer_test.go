package app

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
)

func emptyState(t *testing.T) db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), "sqlite:"+filepath.Join(t.TempDir(), "state.db"), db.Options{Queries: queries(), CacheMB: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// What identifies people may change while Heed runs: history's keys go by it as the workers' do.
func TestHistoryFollowsWhatIdentifiesPeople(t *testing.T) {
	ctx, d := context.Background(), emptyState(t)
	k, err := newKeyer(ctx, d, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	e := &heed.Event{Type: heed.Track, UserID: "till-1", AnonymousID: "a1"}
	before, _ := k.key(e)
	err = d.Write(ctx, func(tx db.Tx) error {
		_, err := spec.Put(ctx, tx, spec.Spec{Kind: spec.Brand, Name: "b", Body: heed.RawJSON(`{"identity":{"blocked":["till-1"]}}`)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if same, _ := k.key(e); same != before {
		t.Error("the key has changed before the change was read")
	}
	if err := k.load(ctx); err != nil {
		t.Fatal(err)
	}
	after, ok := k.key(e)
	if want, _ := k.key(&heed.Event{Type: heed.Track, AnonymousID: "a1"}); !ok || after == before || after != want {
		t.Errorf("the key of a blocked user id is %s, as before", after)
	}
}
