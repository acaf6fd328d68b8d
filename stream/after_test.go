package stream_test

import (
	"context"
	"errors"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/stream"
)

// caller wants to be told of the commit by every batch.
type caller struct {
	fail  error
	calls int
}

func (*caller) Name() string                                      { return "caller" }
func (*caller) Begin(context.Context, db.Tx, *stream.Batch) error { return nil }
func (*caller) Apply(*stream.Batch, *heed.Person, *heed.Event)    {}
func (c *caller) Flush(_ context.Context, _ db.Tx, b *stream.Batch) error {
	b.After(func() { c.calls++ })
	return c.fail
}

func TestAfterIsCalledOncePerCommitAndNeverAfterARollback(t *testing.T) {
	testx.Each(t, []string{stream.Queries}, func(t *testing.T, d db.DB) {
		c := &caller{}
		g := &stream.Engine{DB: d, Clock: clock.NewSystem(), Stages: []stream.Stage{c}}
		if err := g.Process(context.Background(), nil, nil); err != nil || c.calls != 1 {
			t.Fatalf("%d calls after a commit (%v)", c.calls, err)
		}
		c.fail = errors.New("no")
		if err := g.Process(context.Background(), nil, nil); !errors.Is(err, c.fail) || c.calls != 1 {
			t.Fatalf("%d calls after a rollback (%v)", c.calls, err)
		}
	})
}
