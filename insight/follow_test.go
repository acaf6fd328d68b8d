package insight_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/insight/enginetest"
	"github.com/heedcx/heed/stream"
)

// memory is a sink that keeps what is committed.
type memory struct {
	insight.Sink
	at       insight.Resume
	names    []string
	pending  []string
	commits  int
	failOnce error
}

func (m *memory) Resume(context.Context) (insight.Resume, error) {
	at := m.at
	at.Positions = maps.Clone(m.at.Positions)
	if at.Positions == nil {
		at.Positions = insight.Positions{}
	}
	return at, nil
}

func (m *memory) Append(_ context.Context, r insight.Rows) error {
	for _, e := range r.Events {
		m.pending = append(m.pending, string([]byte(e.Name)))
	}
	return nil
}

func (m *memory) Commit(_ context.Context, c insight.Commit) error {
	if err := m.failOnce; err != nil {
		m.failOnce = nil
		m.pending = nil
		return err
	}
	m.commits++
	m.names, m.pending = append(m.names, m.pending...), nil
	if m.at.Positions == nil {
		m.at.Positions = insight.Positions{}
	}
	maps.Copy(m.at.Positions, c.Positions)
	return nil
}

func (m *memory) Rollback(context.Context) error { m.pending = nil; return nil }

// bubbleClock is the time of a synctest bubble.
type bubbleClock struct{}

func (bubbleClock) Now() heed.Time { return heed.At(time.Now()) }

func start(t *testing.T, log stream.Log, sink insight.Sink, change func(*insight.Config)) (f *insight.Follower, stop func()) {
	cfg := insight.Config{Log: log, Sink: sink, Key: enginetest.KeyOf, Keys: &enginetest.Feed{}, Dropped: enginetest.Dropped{},
		Clock: bubbleClock{}, Logger: slog.New(slog.DiscardHandler), Committed: func(int) uint64 { return math.MaxUint64 }}
	if change != nil {
		change(&cfg)
	}
	f, err := insight.NewFollower(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	return f, func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// generous hands out more than it is asked for, as a feed does that keeps the changes of a batch together.
type generous struct{ enginetest.Feed }

func (g *generous) Changes(ctx context.Context, after int64, limit int) ([]insight.KeyChange, error) {
	return g.Feed.Changes(ctx, after, limit+limit/20)
}

func TestEveryKeyIsTakenInWithTheEventsThatNeedIt(t *testing.T) {
	const people = 450_000 // more than one commit takes
	synctest.Test(t, func(t *testing.T) {
		log, feed := enginetest.NewLog(1), &generous{}
		for i := range people {
			feed.Put(insight.KeyChange{Key: heed.ID{1, byte(i), byte(i >> 8), byte(i >> 16)}, Person: heed.ID{2}})
		}
		f, stop := start(t, log, &memory{}, func(c *insight.Config) { c.Keys = feed })
		put(t, log, "a")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if s := f.Stats(); s.KeyChanges != people {
			t.Errorf("%d of %d keys are in history", s.KeyChanges, people)
		}
		stop()
	})
}

func TestKeysThatComeBehindTheirEventsAreTakenIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, feed := enginetest.NewLog(1), &enginetest.Feed{}
		f, stop := start(t, log, &memory{}, func(c *insight.Config) { c.Keys = feed })
		put(t, log, "a")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if s := f.Stats(); s.Rows != 1 || s.KeyChanges != 0 {
			t.Fatalf("got %+v", s)
		}
		feed.Put(insight.KeyChange{Key: heed.ID{1}, Person: heed.ID{2}})
		time.Sleep(3 * time.Second)
		synctest.Wait()
		if s := f.Stats(); s.KeyChanges != 1 || s.Commits != 2 {
			t.Errorf("got %+v", s)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if s := f.Stats(); s.Commits != 2 {
			t.Errorf("nothing new was committed: %+v", s)
		}
		stop()
	})
}

func put(t *testing.T, log *enginetest.Log, names ...string) uint64 {
	var events []heed.Event
	for _, n := range names {
		events = append(events, heed.Event{Type: heed.Track, UserID: "ana", Name: n, Timestamp: 1, ReceivedAt: 1})
	}
	seq, err := log.Append(t.Context(), stream.Events, 0, enginetest.Envelope(events...))
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

func TestRunWaitsForTheWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, sink := enginetest.NewLog(1), &memory{}
		var upto atomic.Uint64
		_, stop := start(t, log, sink, func(c *insight.Config) { c.Committed = func(int) uint64 { return upto.Load() } })
		first := put(t, log, "a")
		put(t, log, "b")
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if len(sink.names)+len(sink.pending) != 0 {
			t.Errorf("ahead of the workers: %q", sink.names)
		}
		upto.Store(first)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if len(sink.names) != 1 {
			t.Errorf("got %q", sink.names)
		}
		stop()
	})
}

// crashed is a state store that has lost what it had not flushed: until it is folded again, it knows of no duplicates.
type crashed struct {
	folded atomic.Uint64
	all    enginetest.Dropped
}

func (c *crashed) Dropped(ctx context.Context, part int, after, upto uint64) (map[uint64][]int, uint64, error) {
	folded := min(c.folded.Load(), upto)
	out, _, err := c.all.Dropped(ctx, part, after, folded)
	return out, folded, err
}

func TestRunWaitsForAStateThatHasCrashed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, sink := enginetest.NewLog(1), &memory{}
		first := put(t, log, "a")
		state := &crashed{all: enginetest.Dropped{0: {put(t, log, "a", "b"): {0}}}}
		state.folded.Store(first) // while the worker has told of both
		_, stop := start(t, log, sink, func(c *insight.Config) { c.Dropped = state })
		for _, want := range []string{"a", "ab"} {
			time.Sleep(5 * time.Second)
			synctest.Wait()
			if got := strings.Join(sink.names, ""); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			state.folded.Store(math.MaxUint64)
		}
		stop()
	})
}

func TestRunTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, sink := enginetest.NewLog(1), &memory{failOnce: errors.New("disk full")}
		f, stop := start(t, log, sink, nil)
		put(t, log, "a", "b")
		time.Sleep(1100 * time.Millisecond) // the commit fails
		synctest.Wait()
		log.FailNext(errors.New("the stream is away"))
		put(t, log, "c")
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if len(sink.names) != 3 {
			t.Errorf("got %q", sink.names)
		}
		if s := f.Stats(); s.Failures == 0 || s.LastError == "" {
			t.Errorf("got %+v", s)
		}
		stop()
	})
}

func TestConfigIsChecked(t *testing.T) {
	if _, err := insight.NewFollower(insight.Config{}); err == nil {
		t.Error("an empty configuration went through")
	}
}
