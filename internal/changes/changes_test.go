package changes_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/changes"
	"github.com/heedcx/heed/internal/testx"
)

// clock stands still until somebody sets it.
type clock struct{ now heed.Time }

func (c *clock) Now() heed.Time { return c.now }

// process is a hub as one process has it, with people who have changed so often.
type process struct {
	*changes.Hub
	t   testing.TB
	rev int64
}

func newProcess(t testing.TB, name string, c *clock, d db.DB, shared bool, asks ...changes.Ask) *process {
	p := &process{t: t}
	p.Hub = changes.New(changes.Options{
		// "journey.put_run" changes journeys; "tick" changes nothing.
		Kinds: func(statement string) []string {
			owner, _, known := strings.Cut(statement, ".")
			if !known {
				return nil
			}
			return []string{owner + "s"}
		},
		Clock: c, Log: slog.New(slog.DiscardHandler), Process: name, Late: "history",
		Revs: func(_ context.Context, _ db.Querier, ids []heed.ID) ([]int64, error) {
			return slices.Repeat([]int64{p.rev}, len(ids)), nil
		},
	})
	p.Open(d, shared, asks...)
	return p
}

func (p *process) watch(ctx context.Context, person heed.ID) <-chan []string {
	p.t.Helper()
	c, err := p.Watch(ctx, person)
	if err != nil {
		p.t.Fatal(err)
	}
	return c
}

// turn lets a second go by.
func (p *process) turn() {
	p.t.Helper()
	if err := p.Turn(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
}

// expect takes what waits in the channel: nothing when want is empty.
func expect(t *testing.T, c <-chan []string, want ...string) {
	t.Helper()
	var got []string
	select {
	case got = <-c:
	default:
	}
	if !slices.Equal(got, want) {
		t.Fatalf("the watcher was told %q, want %q", got, want)
	}
}

func TestWhatMovedIsToldOnceASecond(t *testing.T) {
	testx.Each(t, []string{changes.Queries}, func(t *testing.T, d db.DB) {
		p := newProcess(t, "a", &clock{now: 1}, d, false)
		p.Changed([]string{"journey.put_run"}) // before anybody listens
		c := p.watch(t.Context(), heed.ID{})
		p.turn()
		expect(t, c)

		p.Changed([]string{"journey.put_run", "tick"})
		p.Changed([]string{"segment.enter"})
		p.Changed([]string{"journey.put_run"})
		expect(t, c) // not before the second is over
		p.turn()
		expect(t, c, "journeys", "segments")
		p.turn()
		expect(t, c)
		p.Changed([]string{"tick"})
		p.turn()
		expect(t, c)
	})
}

func TestSlowWatcherMissesNothing(t *testing.T) {
	p := newProcess(t, "a", &clock{now: 1}, testx.SQLite(t, changes.Queries), false)
	slow, fast := p.watch(t.Context(), heed.ID{}), p.watch(t.Context(), heed.ID{})
	for _, statement := range []string{"segment.enter", "journey.put_run", "segment.leave"} {
		p.Changed([]string{statement})
		p.turn()
		<-fast
	}
	expect(t, slow, "journeys", "segments")
	expect(t, slow)
}

func TestTwoProcessesOnOneStore(t *testing.T) {
	testx.Each(t, []string{changes.Queries}, func(t *testing.T, d db.DB) {
		c := &clock{now: 1}
		rows := uint64(0)
		here, there := newProcess(t, "here", c, d, true), newProcess(t, "there", c, d, true,
			changes.Ask{Kind: "history", Tell: true, Ask: func(context.Context) (uint64, error) { return rows, nil }},
			changes.Ask{Kind: "mailbox", Ask: func(context.Context) (uint64, error) { t.Error("asked although nobody listens there"); return 0, nil }})

		there.Changed([]string{"segment.enter"})
		there.turn()
		if n := marks(t, d); n != 0 {
			t.Fatalf("%d processes wrote although nobody listens", n)
		}
		ctx, stop := context.WithCancel(t.Context())
		watch := here.watch(ctx, heed.ID{})
		here.turn()
		expect(t, watch)

		there.Changed([]string{"journey.put_run"})
		there.turn()
		here.turn()
		<-watch // segments are named too: they moved before anybody said that they listen
		there.Changed([]string{"journey.put_run"})
		there.turn()
		here.turn()
		expect(t, watch, "journeys")
		rows = 7
		there.turn()
		here.turn()
		expect(t, watch, "history")
		here.turn()
		expect(t, watch)

		c.now = c.now.Add(50e9) // the minute is nearly over: whoever still listens says so again
		here.turn()
		c.now = c.now.Add(20e9)
		there.Changed([]string{"journey.put_run"})
		there.turn()
		here.turn()
		expect(t, watch, "journeys")

		stop()
		for range watch { // closed
		}
		before := told(t, d, "there")
		c.now = c.now.Add(61e9)
		there.Changed([]string{"journey.put_run"})
		there.turn()
		if told(t, d, "there") != before {
			t.Error("it goes on writing for nobody")
		}
	})
}

func TestOnePersonIsFollowed(t *testing.T) {
	c := &clock{now: 1}
	p := newProcess(t, "a", c, testx.SQLite(t, changes.Queries), false)
	ann := heed.NewID(c.now)
	name := changes.PersonPrefix + ann.String()
	hers, all := p.watch(t.Context(), ann), p.watch(t.Context(), heed.ID{})

	p.Changed([]string{"people.update"}) // of somebody else
	p.turn()
	expect(t, hers, "peoples")
	expect(t, all, "peoples")

	p.rev++
	p.Changed([]string{"people.update"})
	p.turn()
	expect(t, hers, "peoples", name)
	expect(t, all, "peoples")
	p.Changed([]string{"people.update"})
	p.turn()
	expect(t, hers, "peoples")

	// What history takes in may be about her, until it has moved on for long enough.
	p.Options().Late = "journeys"
	for range 3 {
		c.now = c.now.Add(20e9)
		p.Changed([]string{"journey.put_run"})
		p.turn()
		expect(t, hers, "journeys", name)
	}
	p.Changed([]string{"journey.put_run"})
	p.turn()
	expect(t, hers, "journeys")
}

func TestTheEnd(t *testing.T) {
	p := newProcess(t, "a", &clock{now: 1}, testx.SQLite(t, changes.Queries), false)
	c := p.watch(t.Context(), heed.ID{})
	ctx, stop := context.WithCancel(t.Context())
	stop()
	p.Run(ctx)
	if _, open := <-c; open {
		t.Error("who listens is not sent away")
	}
	if _, open := <-p.watch(t.Context(), heed.ID{}); open {
		t.Error("one can still listen after the end")
	}
}

func marks(t *testing.T, d db.DB) int {
	t.Helper()
	n := 0
	each(t, d, func(string, string) { n++ })
	return n
}

func told(t *testing.T, d db.DB, process string) (text string) {
	t.Helper()
	each(t, d, func(name, counts string) {
		if name == process {
			text = counts
		}
	})
	return text
}

func each(t *testing.T, d db.DB, row func(process, counts string)) {
	t.Helper()
	err := d.Read(t.Context(), func(q db.Querier) error {
		rows, err := q.Query(t.Context(), "changes.marks", "")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var process, counts string
			if err := rows.Scan(&process, &counts); err != nil {
				return err
			}
			row(process, counts)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}
