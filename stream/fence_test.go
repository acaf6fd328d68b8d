package stream

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
)

// drowsy is a log whose caller falls asleep right before it appends.
type drowsy struct {
	Log
	fencer
	asleep func()
}

func (d *drowsy) appendAfter(ctx context.Context, t Topic, part int, last uint64, data []byte) (uint64, error) {
	d.asleep()
	return d.fencer.appendAfter(ctx, t, part, last, data)
}

// A publisher that has slept through the end of its lease, sure that it still has it, publishes nothing twice.
func TestAPublisherThatSleptPublishesNothingTwice(t *testing.T) {
	ctx := context.Background()
	d := testx.SQLite(t, spec.Queries, Queries)
	l, err := OpenEmbedded(ctx, Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	engine := &Engine{DB: d, Clock: clock.NewSystem()}
	publisher := func(owner string, l Log) *Publisher {
		return &Publisher{Engine: engine, Log: l, Owner: owner, Logger: slog.New(slog.DiscardHandler)}
	}
	once := func(p *Publisher) error {
		_, err := p.once(ctx, new(time.Time), new(bool))
		return err
	}
	for range 2 {
		err = d.Write(ctx, func(tx db.Tx) error {
			return PutFacts(ctx, tx, engine.Clock.Now(), []*heed.Event{{Type: heed.TaskWanted, Name: "one"}})
		})
		if err != nil {
			t.Fatal(err)
		}
		before, err := l.Last(ctx, Facts, 0)
		if err != nil {
			t.Fatal(err)
		}
		first := publisher("first", nil)
		first.Log = &drowsy{l, l.(fencer), func() {
			if err := first.lease().Release(ctx); err != nil { // its time is over
				t.Error(err)
			}
			second := publisher("second", l)
			if err := once(second); err != nil {
				t.Error(err)
			}
			if err := second.lease().Release(ctx); err != nil {
				t.Error(err)
			}
		}}
		if err := once(first); !errors.Is(err, errLost) {
			t.Errorf("the one that slept got %v", err)
		}
		if last, err := l.Last(ctx, Facts, 0); err != nil || last != before+1 {
			t.Errorf("%d records, %v: want %d", last, err, before+1)
		}
	}
}
