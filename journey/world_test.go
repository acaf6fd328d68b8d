package journey_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/zone"
	"github.com/heedcx/heed/journey"
	"github.com/heedcx/heed/stream"
)

// world is a small Heed on a virtual clock: an engine with a fake memory, the real journey stage and a fake decide.
//
//	at 2026-03-28T10:00:00Z            go to a moment; whoever is due on the way is woken when they are due
//	after 36h                          the same, from now
//	jump 5h                            the clock jumps: nobody is woken on the way, as if we had been down
//	spec                               publish the documents of the indented block
//	delete journey NAME
//	ana track "Signed Up" {...} -3h    an event, which happened so long ago
//	ana identify {...}
//	ana enters vip / ana leaves vip    a segment
//	ana api NAME [key] {...}           enter a journey by the API; "public" as a key sends it with a public key
//	decide send|hold|drop              what decide answers from now on
//	ana decided send|hold|drop         the answer about the oldest message that is held
//	merge ana <- bob, split ana -> bob, erase ana
//	sweep                              reach the people whom a change concerns
//	ana runs / ana rows                where they stand: the document, the table
//	counts NAME
type world struct {
	t      *testing.T
	ctx    context.Context
	d      db.DB
	clock  *clock.Virtual
	engine *stream.Engine
	memory *memory
	decide *decider
	seen   map[heed.ID]bool
	lines  []string
	names  map[heed.ID]string
	n      int
}

func newWorld(t *testing.T, d db.DB) *world {
	w := &world{t: t, ctx: context.Background(), d: d, clock: clock.NewVirtual(0), seen: map[heed.ID]bool{}, names: map[heed.ID]string{}}
	w.memory, w.decide = &memory{}, &decider{w: w, answer: heed.Send}
	w.engine = w.newEngine()
	return w
}

func (w *world) newEngine() *stream.Engine {
	return &stream.Engine{
		DB: w.d, Clock: w.clock, Sleepers: w.memory,
		Stages: []stream.Stage{w.memory, journey.New(slog.New(slog.DiscardHandler), &zone.Cache{}), w.decide},
	}
}

func (w *world) say(format string, args ...any) {
	w.lines = append(w.lines, fmt.Sprintf(format, args...))
}

// said returns what has been said since the last time.
func (w *world) said() []string {
	out := w.lines
	w.lines = nil
	return out
}

func (w *world) id(name string) heed.ID {
	sum := sha256.Sum256([]byte(name))
	id := heed.MakeID(1, [10]byte(sum[:10]))
	w.names[id] = name
	return id
}

func (w *world) do(line, block string) {
	w.t.Helper()
	words := fields(line)
	switch words[0] {
	case "at":
		at, err := time.Parse(time.RFC3339, words[1])
		if err != nil {
			w.t.Fatal(err)
		}
		w.goTo(heed.At(at))
	case "after":
		w.goTo(w.clock.Now().Add(w.duration(words[1])))
	case "jump":
		w.clock.Advance(w.duration(words[1]))
		w.wake()
	case "spec":
		w.put(block)
	case "delete":
		w.must(w.d.Write(w.ctx, func(tx db.Tx) error {
			_, err := spec.Put(w.ctx, tx, spec.Spec{Kind: words[1], Name: words[2], Deleted: true, MadeAt: w.clock.Now()})
			return err
		}))
	case "decide":
		w.decide.answer = heed.Outcome(words[1])
	case "merge":
		w.send(&heed.Event{Type: heed.PeopleMerged, Person: w.id(words[1]), Loser: w.id(words[3])})
	case "split":
		w.send(&heed.Event{Type: heed.SplitPerson, Person: w.id(words[1]), Loser: w.id(words[3])})
	case "erase":
		w.send(&heed.Event{Type: heed.PersonErased, Person: w.id(words[1])})
	case "sweep":
		w.sweep()
	case "counts":
		w.counts(words[1])
	default:
		w.person(w.id(words[0]), words[1:])
	}
}

func (w *world) person(id heed.ID, words []string) {
	w.t.Helper()
	e := &heed.Event{Person: id}
	for len(words) > 1 && strings.HasPrefix(words[len(words)-1], "-") {
		e.Timestamp = w.clock.Now().Add(w.duration(words[len(words)-1]))
		words = words[:len(words)-1]
	}
	last := words[len(words)-1]
	if strings.HasPrefix(last, "{") {
		if !json.Valid([]byte(last)) {
			w.t.Fatalf("not JSON: %s", last)
		}
		e.Properties = heed.RawJSON(last)
		words = words[:len(words)-1]
	}
	switch words[0] {
	case "track", "page", "feedback":
		e.Type, e.Name = heed.ParseType(words[0]), words[1]
	case "identify":
		e.Type = heed.Identify
	case "enters":
		e.Type, e.Name = heed.SegmentEntered, words[1]
	case "leaves":
		e.Type, e.Name = heed.SegmentLeft, words[1]
	case "api":
		key := ""
		if len(words) > 2 && words[2] != "public" {
			key = words[2]
		}
		in, err := journey.Enter(words[1], key, e.Properties)
		w.must(err)
		in.Person, in.Public = id, len(words) > 2 && words[2] == "public"
		e = in
	case "decided":
		p := w.load(id)
		if len(p.Pending) == 0 {
			w.t.Fatalf("nothing is held for %s", w.names[id])
		}
		e.Type, e.Name, e.Ref = heed.MessageDecided, words[1], p.Pending[0].Message
	case "runs":
		w.runs(id)
		return
	case "rows":
		w.rows(id)
		return
	default:
		w.t.Fatalf("no such command: %q", words)
	}
	w.send(e)
}

// send takes events through the engine as one batch.
func (w *world) send(events ...*heed.Event) {
	w.t.Helper()
	for _, e := range events {
		w.n++
		if e.MessageID == "" {
			e.MessageID = fmt.Sprint("m", w.n)
		}
		if e.Timestamp == 0 {
			e.Timestamp = w.clock.Now()
		}
		e.ReceivedAt = w.clock.Now()
	}
	w.must(w.engine.Process(w.ctx, events, nil))
	w.facts()
	w.wake()
}

// goTo moves the clock and wakes people when they are due.
func (w *world) goTo(t heed.Time) {
	w.t.Helper()
	for range 100_000 {
		next := w.memory.nextWake(w)
		if next == 0 || next > t {
			w.clock.Set(t)
			return
		}
		if next > w.clock.Now() {
			w.clock.Set(next)
		}
		w.wake()
	}
	w.t.Fatal("people are woken without end")
}

// wake wakes whoever is due now.
func (w *world) wake() {
	w.t.Helper()
	for i := 0; ; i++ {
		n, err := w.engine.WakeDue(w.ctx, w.clock.Now(), 100)
		w.must(err)
		w.facts()
		if n == 0 {
			return
		}
		if i > 50 {
			w.t.Fatal("the same people are due again and again")
		}
	}
}

func (w *world) sweep() {
	w.t.Helper()
	sw := &journey.Sweeper{DB: w.d, Engine: w.newEngine(), People: w.memory, Log: slog.New(slog.DiscardHandler), Limit: 2}
	for i := 0; ; i++ {
		more, err := sw.Step(w.ctx)
		w.must(err)
		w.facts()
		if !more {
			break
		}
		if i > 1000 {
			w.t.Fatal("the sweep does not end")
		}
	}
	w.wake()
}

func (w *world) duration(s string) time.Duration {
	w.t.Helper()
	d, err := journey.ParseSpan(s)
	w.must(err)
	return d.Exact()
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// fields splits a line at spaces; quotes and an object at the end keep theirs.
func fields(line string) []string {
	var out []string
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		end := strings.IndexByte(line, ' ')
		switch line[0] {
		case '"':
			end = strings.IndexByte(line[1:], '"') + 2
			out = append(out, line[1:end-1])
			line = line[end:]
			continue
		case '{':
			end = strings.LastIndexByte(line, '}') + 1
		}
		if end < 0 {
			end = len(line)
		}
		out = append(out, line[:end])
		line = line[end:]
	}
	return out
}
