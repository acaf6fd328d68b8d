package journey

import (
	"fmt"
	"log/slog"
	"testing"
	"time"
	"weak"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/zone"
	"github.com/heedcx/heed/stream"
)

// bench is a stage with some journeys, without a database.
type bench struct {
	s *Stage
	b *stream.Batch
	p *program
}

func newBench(tb testing.TB, bodies ...string) *bench {
	tb.Helper()
	p := &program{latest: map[string]*plan{}, old: map[versionOf]*plan{}, events: map[eventKey][]*plan{}}
	for i, body := range bodies {
		pl, errs := compile(spec.Spec{Kind: spec.Journey, Name: fmt.Sprint("j", i), Version: 1, Body: heed.RawJSON(body)}, nil)
		if len(errs) > 0 {
			tb.Fatal(errs)
		}
		p.latest[pl.name] = pl
		if e := pl.trigger.event; e != nil {
			k := eventKey{e.spec.Type, e.spec.Name}
			p.events[k] = append(p.events[k], pl)
		}
	}
	k := &bench{s: New(slog.New(slog.DiscardHandler), &zone.Cache{}), p: p}
	k.fresh()
	return k
}

// fresh starts another batch.
func (k *bench) fresh() {
	k.b = &stream.Batch{Now: heed.At(time.Date(2026, 3, 10, 10, 0, 0, 0, time.UTC))}
	w := &work{program: k.p, log: k.s.log, zones: k.s.zones}
	w.changes.begin(k.b)
	clear(k.s.works)
	k.s.last.Store(nil)
	k.s.works[weak.Make(k.b)] = w
}

const benchJourney = `{"trigger":{"event":"Go"},"exit":"did \"Stop\"","nodes":[
	{"id":"a","wait":"1h"},{"id":"b","branch":[{"when":"trait plan = \"pro\"","then":"c"}],"else":"a"},{"id":"c","wait":"1h","next":"b"}]}`

func busy(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = benchJourney
	}
	return out
}

// TestAnEventThatTouchesNoJourneyAllocatesNothing is the budget of the path that nearly every event takes.
func TestAnEventThatTouchesNoJourneyAllocatesNothing(t *testing.T) {
	k := newBench(t, busy(5)...)
	p := &heed.Person{ID: someone(1)}
	e := &heed.Event{Type: heed.Track, Name: "Product Viewed", Person: p.ID, Timestamp: k.b.Now, ReceivedAt: k.b.Now}
	if n := testing.AllocsPerRun(1000, func() { k.s.Apply(k.b, p, e) }); n > 0 {
		t.Errorf("%v allocations for an event that touches no journey, want none", n)
	}
	p.Runs = []heed.Run{{ID: someone(2), Journey: "j0", Version: 1, Node: "a", Since: k.b.Now, Due: k.b.Now + 1e9}}
	if n := testing.AllocsPerRun(1000, func() { k.s.Apply(k.b, p, e) }); n > 2 {
		t.Errorf("%v allocations for an event of somebody who waits, want at most 2", n)
	}
}

func BenchmarkApplyNothing(b *testing.B) {
	k := newBench(b, busy(5)...)
	p := &heed.Person{ID: someone(1)}
	e := &heed.Event{Type: heed.Track, Name: "Product Viewed", Person: p.ID, Timestamp: k.b.Now, ReceivedAt: k.b.Now}
	b.ReportAllocs()
	for b.Loop() {
		k.s.Apply(k.b, p, e)
	}
}

// BenchmarkApplyWaiting is an event of somebody who is in five journeys, none of which it moves.
func BenchmarkApplyWaiting(b *testing.B) {
	k := newBench(b, busy(5)...)
	p := &heed.Person{ID: someone(1)}
	for i := range 5 {
		p.Runs = append(p.Runs, heed.Run{ID: someone(2 + i), Journey: fmt.Sprint("j", i), Version: 1, Node: "a", Since: k.b.Now, Due: k.b.Now + 1e9})
	}
	e := &heed.Event{Type: heed.Track, Name: "Product Viewed", Person: p.ID, Timestamp: k.b.Now, ReceivedAt: k.b.Now}
	b.ReportAllocs()
	for b.Loop() {
		k.s.Apply(k.b, p, e)
	}
}

// BenchmarkStep is a wake that takes one run through a branch to its next wait: what a million due people cost each.
func BenchmarkStep(b *testing.B) {
	k := newBench(b, benchJourney)
	p := &heed.Person{ID: someone(1), Traits: map[string]heed.Trait{"plan": {Value: `"pro"`}}}
	e := &heed.Event{Type: heed.Wake, Person: p.ID}
	run := heed.Run{ID: someone(2), Journey: "j0", Version: 1, Node: "a", Since: k.b.Now - 4e9, Due: k.b.Now - 1, Entered: k.b.Now}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%5000 == 0 {
			b.StopTimer()
			k.fresh()
			b.StartTimer()
		}
		p.Wake, p.Runs = 0, append(p.Runs[:0], run)
		p.Runs[0].ID[15] = byte(i)
		k.s.Apply(k.b, p, e)
		if p.Runs[0].Node != "c" {
			b.Fatal("it did not step")
		}
	}
}

func BenchmarkEnter(b *testing.B) {
	k := newBench(b, benchJourney)
	p := &heed.Person{ID: someone(1)}
	e := &heed.Event{Type: heed.Track, Name: "Go", Person: p.ID, MessageID: "m", Timestamp: k.b.Now, ReceivedAt: k.b.Now, Properties: heed.RawJSON(`{"plan":"pro"}`)}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%5000 == 0 {
			b.StopTimer()
			k.fresh()
			b.StartTimer()
		}
		p.Wake, p.Runs = 0, p.Runs[:0]
		k.s.Apply(k.b, p, e)
		if len(p.Runs) != 1 {
			b.Fatal("it did not start")
		}
	}
}
