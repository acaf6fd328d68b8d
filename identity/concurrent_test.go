package identity_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/identity"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/profile"
	"github.com/heedcx/heed/stream"
)

// workers gives each of n workers its own stages on one store, and runs work for all of them at the same moment.
func workers(t *testing.T, d db.DB, n int, work func(worker int) []*heed.Event) {
	t.Helper()
	begin, errs := make(chan struct{}), make(chan error, n)
	var wg sync.WaitGroup
	for i := range n {
		log := slog.New(slog.DiscardHandler)
		mem := profile.New(log)
		g := &stream.Engine{DB: d, Clock: clock.NewVirtual(start), Stages: []stream.Stage{identity.New(log), mem}, Sleepers: mem}
		events := work(i)
		wg.Go(func() {
			<-begin
			errs <- g.Process(context.Background(), events, nil)
		})
	}
	close(begin)
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestMirroredMerges merges many pairs of people from both sides at the same moment: one survivor each, no edge lost.
func TestMirroredMerges(t *testing.T) {
	testx.Each(t, queries(), func(t *testing.T, d db.DB) {
		const pairs = 20
		id := func(side, i int) string { return fmt.Sprintf("U%d-%d", side, i) }
		event := func(typ heed.Type, worker, i int) *heed.Event {
			return &heed.Event{Type: typ, Source: "test", MessageID: fmt.Sprint(typ, worker, "-", i), Timestamp: start + heed.Time(i), ReceivedAt: start + heed.Time(i)}
		}
		workers(t, d, 2, func(w int) (out []*heed.Event) {
			for i := range pairs {
				e := event(heed.Identify, w, i)
				e.UserID, e.AnonymousID, e.Properties = id(w, i), fmt.Sprintf("A%d-%d", w, i), heed.RawJSON(fmt.Sprintf(`{"side%d":true}`, w))
				out = append(out, e)
			}
			return out
		})
		workers(t, d, 4, func(w int) (out []*heed.Event) {
			for i := range pairs {
				if w%2 == 1 {
					i = pairs - 1 - i
				}
				e := event(heed.MergePeople, w, i)
				e.IDs = []heed.Identifier{{Namespace: heed.UserID, Value: id(w%2, i)}, {Namespace: heed.UserID, Value: id(1-w%2, i)}}
				out = append(out, e)
			}
			return out
		})
		check := newScript(t, d)
		for i := range pairs {
			for _, step := range []string{
				fmt.Sprintf("one user:%s user:%s anon:A0-%d anon:A1-%d", id(0, i), id(1, i), i, i),
				fmt.Sprintf("keys user:%s 4", id(0, i)),
			} {
				if err := check.step(step); err != nil {
					t.Errorf("%s: %v", step, err)
				}
			}
			err := d.Read(context.Background(), func(q db.Querier) error {
				who, err := check.find(q, "user:"+id(0, i))
				if err != nil {
					return err
				}
				p, err := profile.NewStore().Get(context.Background(), q, who)
				if err == nil && len(p.Traits) != 2 {
					err = fmt.Errorf("it remembers %v", p.Traits)
				}
				return err
			})
			if err != nil {
				t.Errorf("pair %d: %v", i, err)
			}
		}
		if err := check.step(fmt.Sprintf("people %d", pairs)); err != nil {
			t.Error(err)
		}
		check.consistent()
	})
}

// TestSameStrangerTwice has several workers meet the same new people at the same moment: each becomes one person.
func TestSameStrangerTwice(t *testing.T) {
	testx.Each(t, queries(), func(t *testing.T, d db.DB) {
		const people = 30
		workers(t, d, 4, func(w int) (out []*heed.Event) {
			for i := range people {
				out = append(out, &heed.Event{
					Type: heed.Track, Public: true, Source: "test", MessageID: fmt.Sprint(w, "-", i), UserID: fmt.Sprint("U", (i+w*7)%people),
					AnonymousID: fmt.Sprintf("A%d-%d", (i+w*7)%people, w), Timestamp: start + heed.Time(w), ReceivedAt: start + heed.Time(w),
				})
			}
			return out
		})
		check := newScript(t, d)
		for i := range people {
			if err := check.step(fmt.Sprintf("keys user:U%d 5", i)); err != nil {
				t.Errorf("U%d: %v", i, err)
			}
		}
		if err := check.step(fmt.Sprintf("people %d", people)); err != nil {
			t.Error(err)
		}
		check.consistent()
	})
}
