package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/collect/importer"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/stream"
)

// sinkFunc is a stream that fails as the test wants.
type sinkFunc func() error

func (f sinkFunc) Write(context.Context, []heed.Event) (stream.Position, error) { return nil, f() }

// An import that Heed itself fails at is tried a few times, also over restarts, and then given up with the reason; one
// that only waits for the stream is not.
func TestAnImportIsNotTriedForEver(t *testing.T) {
	ctx, d := context.Background(), emptyState(t)
	busy := heed.Errorf(heed.Unavailable, "The stream is starting.")
	for name, c := range map[string]struct {
		fail  error
		ended int // how often it has ended the process before
		tries int // until it has failed; 0: never
		says  string
	}{
		"an error":         {errors.New("input/output error"), 0, importTries, "input/output error"},
		"a crash":          {nil, importTries, 1, "ended in the middle of it 5 times"},
		"the stream waits": {busy, 0, 0, ""},
	} {
		owner := name
		start := func() *imports { // as after a restart
			return &imports{
				uploads: importer.Uploads{DB: d}, jobs: importer.Store{DB: d}, sink: sinkFunc(func() error { return c.fail }), clock: clock.NewSystem(),
				log: slog.New(slog.DiscardHandler), dir: filepath.Join(t.TempDir(), "imports"), owner: owner, poke: make(chan struct{}, 1),
			}
		}
		i := start()
		mapping := "kind: import\nname: tills\nsource: tills\nformat: csv\ntype: track\nevent: Bought\nids: {user_id: customer}\n"
		up, err := i.Upload(ctx, api.NewImport{Name: "x.csv", Mapping: mapping, File: strings.NewReader("customer\n" + name + "\n"), By: "test"})
		if err != nil {
			t.Fatal(err)
		}
		id, err := heed.ParseID(up.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := i.uploads.Tried(ctx, id, c.ended); err != nil {
			t.Fatal(err)
		}
		dir := i.dir
		for try := 1; try <= importTries+2; try++ {
			u, found, err := i.uploads.Next(ctx, owner)
			if err != nil {
				t.Fatal(err)
			}
			if over := c.tries > 0 && try > c.tries; found == over {
				t.Fatalf("%s: try %d: there is one to do: %v", name, try, found)
			}
			if !found {
				break
			}
			if err := i.one(ctx, u); (err == nil) != (try == c.tries) {
				t.Errorf("%s: try %d: %v", name, try, err)
			}
			i = start()
			i.dir = dir
		}
		got, err := i.uploads.Get(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if c.tries > 0 && (got.State != importer.Failed || !strings.Contains(got.Detail, c.says)) || c.tries == 0 && got.State != importer.Running {
			t.Errorf("%s: in the end it is %s: %s", name, got.State, got.Detail)
		}
		_ = os.RemoveAll(dir)
	}
}
