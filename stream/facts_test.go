package stream_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/stream"
)

// wary is a state store that knows how many commits the machine's power could still undo.
type wary struct {
	db.DB
	loose atomic.Int64
}

func (s *wary) Write(ctx context.Context, f func(db.Tx) error) error {
	s.loose.Add(1)
	return s.DB.Write(ctx, f)
}

func (s *wary) WriteDurable(ctx context.Context, f func(db.Tx) error) error {
	err := s.DB.WriteDurable(ctx, f)
	if err == nil {
		s.loose.Store(0)
	}
	return err
}

// witness is a log that asks the store when facts are appended.
type witness struct {
	stream.Log
	store *wary
	loose chan int64
}

func (l *witness) Append(ctx context.Context, t stream.Topic, part int, data []byte) (uint64, error) {
	if t == stream.Facts {
		l.loose <- l.store.loose.Load()
	}
	return l.Log.Append(ctx, t, part, data)
}

// A record of the log survives the machine's power. What it says must not be forgotten by the state store, which would
// say it again in other words.
func TestFactsAreOnDiskBeforeTheyArePublished(t *testing.T) {
	s := &wary{DB: testx.SQLite(t, spec.Queries, stream.Queries)}
	l := &witness{embedded(t, t.TempDir(), stream.Options{}), s, make(chan int64, 10)}
	ctx, cancel := context.WithCancel(within(t))
	w, stop := start(t, s, l, "a")
	pos, err := stream.NewWriter(l).Write(ctx, []heed.Event{event(0, 0)})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WaitFor(ctx, pos[0]); err != nil {
		t.Fatal(err)
	}
	stop()
	gone := make(chan struct{})
	p := &stream.Publisher{Engine: w.Engine, Log: l, Owner: "a", Logger: slog.New(slog.DiscardHandler)}
	go func() { defer close(gone); p.Run(ctx) }()
	if n := <-l.loose; n != 0 {
		t.Errorf("%d commits could still be lost when the facts were published", n)
	}
	cancel()
	<-gone
}

// breaking is a log that fails once, after some records of facts.
type breaking struct {
	stream.Log
	good int
}

func (l *breaking) Append(ctx context.Context, t stream.Topic, part int, data []byte) (uint64, error) {
	if t == stream.Facts {
		if l.good--; l.good == -1 {
			return 0, errors.New("the stream is away")
		}
	}
	return l.Log.Append(ctx, t, part, data)
}

// When a round of publishing breaks off, what it has published is found in the log and not published again.
func TestARoundThatBreaksOffPublishesEachFactOnce(t *testing.T) {
	s := testx.SQLite(t, spec.Queries, stream.Queries)
	log := embedded(t, t.TempDir(), stream.Options{})
	ctx, cancel := context.WithCancel(within(t))
	const facts = 20
	big := heed.RawJSON(`"` + strings.Repeat("x", 300<<10) + `"`)
	for i := range facts {
		err := s.Write(ctx, func(tx db.Tx) error {
			return stream.PutFacts(ctx, tx, heed.Time(i+1)*1_000_000, []*heed.Event{{Type: heed.SegmentEntered, Name: fmt.Sprint("fact ", i), Properties: big}})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	p := &stream.Publisher{
		Engine: &stream.Engine{DB: s, Clock: clock.NewSystem()}, Log: &breaking{log, 3}, Owner: "a", Logger: slog.New(slog.DiscardHandler),
	}
	gone := make(chan struct{})
	go func() { defer close(gone); p.Run(ctx) }()
	r, err := log.Read(ctx, stream.Facts, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var names []string
	for len(names) < facts {
		recs, err := r.Next(ctx, 10, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		for _, rec := range recs {
			events, err := stream.DecodeEnvelope(rec.Data, nil)
			if err != nil {
				t.Fatal(err)
			}
			for i := range events {
				names = append(names, events[i].Name)
			}
		}
	}
	cancel()
	<-gone
	for i, name := range names {
		if name != fmt.Sprint("fact ", i) {
			t.Fatalf("published %q", names)
		}
	}
}
