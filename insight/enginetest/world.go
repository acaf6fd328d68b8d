package enginetest

import (
	"context"
	"log/slog"
	"math"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/stream"
)

// world is a store with everything that feeds it.
type world struct {
	t         testing.TB
	ctx       context.Context
	store     insight.Store
	follower  *insight.Follower
	log       *Log
	feed      *Feed
	dropped   Dropped
	committed map[int]uint64 // of a partition; missing: no bound
	clock     *clock.Virtual
	hours     int
}

func newWorld(t testing.TB, store insight.Store) *world {
	w := &world{t: t, ctx: t.Context(), store: store, log: NewLog(2), feed: &Feed{}, dropped: Dropped{}, committed: map[int]uint64{}, clock: clock.NewVirtual(Epoch)}
	w.follow()
	return w
}

// follow makes a follower, as a process that has just started would.
func (w *world) follow() {
	w.t.Helper()
	if w.follower != nil {
		_ = w.follower.Close()
	}
	f, err := insight.NewFollower(insight.Config{
		Log: w.log, Sink: w.store, Key: KeyOf, Keys: w.feed, Dropped: w.dropped, Clock: w.clock, Logger: slog.New(slog.DiscardHandler),
		Committed: func(part int) uint64 {
			if n, ok := w.committed[part]; ok {
				return n
			}
			return math.MaxUint64
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.follower = f
	w.t.Cleanup(func() { _ = f.Close() })
}

// put appends one envelope of events to a partition and returns its sequence.
func (w *world) put(part int, events ...heed.Event) uint64 {
	w.t.Helper()
	seq, err := w.log.Append(w.ctx, stream.Events, part, Envelope(events...))
	w.ok(err)
	return seq
}

// fact appends one envelope of facts.
func (w *world) fact(events ...heed.Event) {
	w.t.Helper()
	_, err := w.log.Append(w.ctx, stream.Facts, 0, Envelope(events...))
	w.ok(err)
}

// event makes a track event of a user, an hour after the one before.
func (w *world) event(user, name string) heed.Event {
	w.hours++
	at := Epoch.Add(time.Duration(w.hours) * time.Hour)
	return heed.Event{Type: heed.Track, UserID: user, Name: name, Source: "shop", Touchpoint: "Store till", Channel: "shop", Direction: heed.Inbound,
		Department: "sales", Timestamp: at, ReceivedAt: at, MessageID: "m-" + name + "-" + at.String(), Properties: heed.RawJSON(`{"revenue":12.5,"coupon":"SPRING"}`)}
}

func (w *world) assign(user string, person int) {
	w.feed.Put(insight.KeyChange{Key: UserKey(user), Person: PersonID(person)})
}

func (w *world) catchUp() {
	w.t.Helper()
	w.ok(w.follower.CatchUp(w.ctx))
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// names returns the names of a person's timeline, newest first.
func (w *world) names(person int) []string {
	w.t.Helper()
	keys, err := w.store.Keys(w.ctx, PersonID(person))
	w.ok(err)
	return w.namesOf(keys, insight.Filter{})
}

func (w *world) namesOf(keys []heed.ID, f insight.Filter) []string {
	w.t.Helper()
	page, err := w.store.Timeline(w.ctx, keys, f, 1000)
	w.ok(err)
	out := []string{}
	for _, e := range page.Entries {
		out = append(out, e.Name)
	}
	return out
}

func (w *world) rows() int64 {
	w.t.Helper()
	st, err := w.store.Stats(w.ctx)
	w.ok(err)
	return st.Rows
}

func (w *world) wantNames(got []string, want ...string) {
	w.t.Helper()
	if len(got) != len(want) {
		w.t.Fatalf("got %q, want %q", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			w.t.Fatalf("got %q, want %q", got, want)
		}
	}
}
