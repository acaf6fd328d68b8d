package broadcast_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/broadcast"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/profile"
	"github.com/heedcx/heed/stream"
)

// world is the memory, the broadcasts and the gate on a virtual clock. Segments are what the test says.
type world struct {
	t       *testing.T
	d       db.DB
	clock   *clock.Virtual
	ledger  *ledger.Ledger
	engine  *stream.Engine
	runner  *broadcast.Runner
	members map[string][]heed.ID
	live    bool
	bad     heed.ID // nothing can be done with this person
}

var noon = heed.At(time.Date(2026, 1, 14, 12, 0, 0, 0, time.UTC))

func queries() []string {
	return []string{stream.Queries, profile.Queries, ledger.Queries, broadcast.Queries}
}

const brand = `
kind: brand
name: lumen
zone: Europe/Lisbon
zone_chain: [person, brand]
sender: {email: hello@lumen.example}
---
kind: purpose
name: news
class: marketing
consent: opt_in
---
kind: purpose
name: orders
class: service
consent: none
---
{kind: template, name: hello, channel: email, subject: Hello, text: Hello.}
---
{kind: template, name: short, channel: email, subject: Hi, text: Hi.}
---
{kind: template, name: hook, channel: webhook, body: "{}"}
---
{kind: segment, name: all, rule: 'stage = "customer"'}
`

func newWorld(t *testing.T, d db.DB) *world {
	w := &world{t: t, d: d, clock: clock.NewVirtual(noon), members: map[string][]heed.ID{}, live: true}
	log := slog.New(slog.DiscardHandler)
	w.ledger = ledger.New(ledger.Options{DB: d, Clock: w.clock, People: profile.NewStore(), Owner: "test", Logger: log})
	w.engine = w.newEngine()
	w.runner = w.newRunner()
	w.put(brand)
	return w
}

func (w *world) newEngine() *stream.Engine {
	p := profile.New(slog.New(slog.DiscardHandler))
	return &stream.Engine{DB: w.d, Clock: w.clock, Sleepers: p, Stages: []stream.Stage{p, inside{w}, broadcast.New(slog.New(slog.DiscardHandler)), w.ledger.Stage()}}
}

// newRunner is one of a process of its own.
func (w *world) newRunner() *broadcast.Runner {
	return &broadcast.Runner{DB: w.d, Engine: w.newEngine(), Segments: w, People: profile.NewStore(), Gate: w, Log: slog.New(slog.DiscardHandler)}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// put publishes documents.
func (w *world) put(text string) {
	w.t.Helper()
	set, err := spec.Read("test.yaml", []byte(text))
	w.must(err)
	w.must(w.d.Write(w.t.Context(), func(tx db.Tx) error {
		for _, s := range set.All() {
			s.MadeAt = w.clock.Now()
			if _, err := spec.Put(w.t.Context(), tx, s); err != nil {
				return err
			}
		}
		return nil
	}))
}

func person(n int) heed.ID {
	sum := sha256.Sum256(fmt.Appendf(nil, "person %d", n))
	return heed.MakeID(heed.Time(n)*1000, [10]byte(sum[:10]))
}

// people makes n people who have asked for news by e-mail, all in segment all.
func (w *world) people(n int) []heed.ID {
	w.t.Helper()
	var ids []heed.ID
	var events []*heed.Event
	for i := range n {
		id := person(i + 1)
		ids = append(ids, id)
		at := w.clock.Now()
		events = append(events,
			&heed.Event{Type: heed.Identify, Person: id, Timestamp: at, ReceivedAt: at, Properties: heed.RawJSON(fmt.Sprintf(`{"email":"p%d@x.example"}`, i+1))},
			&heed.Event{Type: heed.Track, Name: "Consent Granted", Person: id, Timestamp: at, ReceivedAt: at,
				Properties: heed.RawJSON(`{"purpose":"news","channel":"email","act":"ticked"}`)},
			&heed.Event{Type: heed.SegmentEntered, Name: "all", Person: id, Timestamp: at, ReceivedAt: at})
	}
	w.process(events...)
	w.members["all"] = slices.Clone(ids)
	return ids
}

func (w *world) process(events ...*heed.Event) {
	w.t.Helper()
	w.must(w.engine.Process(w.t.Context(), events, nil))
}

func (w *world) track(id heed.ID, name, properties string) {
	w.t.Helper()
	w.clock.Advance(time.Millisecond)
	now := w.clock.Now()
	w.process(&heed.Event{Type: heed.Track, Name: name, Person: id, Timestamp: now, ReceivedAt: now, Properties: heed.RawJSON(properties)})
}

func (w *world) feedback(message heed.ID, id heed.ID, what string) {
	w.t.Helper()
	now := w.clock.Now()
	w.process(&heed.Event{Type: heed.Feedback, Name: what, Person: id, Timestamp: now, ReceivedAt: now, Properties: heed.RawJSON(fmt.Sprintf(`{"message":%q}`, message))})
}

func (w *world) start(name string) {
	w.t.Helper()
	w.must(broadcast.Start(w.t.Context(), w.d, name, 0, "ana", w.clock.Now()))
}

// run does everything that is to be done now.
func (w *world) run() {
	w.t.Helper()
	for range 1000 {
		more, err := w.runner.Step(w.t.Context())
		w.must(err)
		if !more {
			return
		}
	}
	w.t.Fatal("the runner does not come to an end")
}

func (w *world) find(name string) *broadcast.Run {
	w.t.Helper()
	var x *broadcast.Run
	w.must(w.d.Read(w.t.Context(), func(q db.Querier) (err error) { x, err = broadcast.Find(w.t.Context(), q, name); return err }))
	return x
}

func (w *world) peopleOf(name string) map[heed.ID]broadcast.Person {
	w.t.Helper()
	out := map[heed.ID]broadcast.Person{}
	var after heed.ID
	for {
		var page []broadcast.Person
		w.must(w.d.Read(w.t.Context(), func(q db.Querier) (err error) {
			page, err = broadcast.PeopleOf(w.t.Context(), q, name, broadcast.Filter{After: after, Limit: 100})
			return err
		}))
		for _, p := range page {
			out[p.Checked.Person] = p
			after = p.Checked.Person
		}
		if len(page) < 100 {
			return out
		}
	}
}

// messages are those of the ledger, by person.
func (w *world) messages() map[heed.ID][]ledger.MessageRow {
	w.t.Helper()
	out := map[heed.ID][]ledger.MessageRow{}
	var after heed.ID
	for {
		page, err := w.ledger.Messages(w.t.Context(), ledger.Filter{After: after, Limit: 1000})
		w.must(err)
		for _, m := range page {
			out[m.Person] = append(out[m.Person], m)
			after = m.ID
		}
		if len(page) < 1000 {
			return out
		}
	}
}

// tally counts people by state and outcome.
func (w *world) tally(name string) string {
	w.t.Helper()
	n := map[string]int{}
	for _, p := range w.peopleOf(name) {
		n[strings.TrimSpace(p.State+" "+string(p.Outcome)+" "+p.Reason)]++
	}
	var out []string
	for k, v := range n {
		out = append(out, fmt.Sprintf("%d %s", v, k))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// Members implements broadcast.Segments.
func (w *world) Members(_ context.Context, _ db.Querier, name string, after heed.ID, limit int) ([]heed.ID, error) {
	var out []heed.ID
	for _, id := range w.members[name] {
		if slices.Compare(id[:], after[:]) > 0 && len(out) < limit {
			out = append(out, id)
		}
	}
	return out, nil
}

// Live implements broadcast.Segments.
func (w *world) Live(context.Context, db.Querier, string) (bool, error) { return w.live, nil }

// Rules implements broadcast.Gate.
func (w *world) Rules(ctx context.Context, q db.Querier) (broadcast.Rules, error) {
	revision, err := spec.Revision(ctx, q)
	if err != nil {
		return nil, err
	}
	o, err := w.ledger.Policy(ctx, q, revision)
	return rules{o}, err
}

// Told implements broadcast.Gate.
func (w *world) Told(ctx context.Context, tx db.Tx, in *heed.Intent, d heed.Decision, now heed.Time) error {
	return w.ledger.Told(ctx, tx, in, d, now)
}

type rules struct{ *decide.Policy }

func (r rules) Judge(in *heed.Intent, p *heed.Person, at heed.Time) heed.Decision {
	return r.DecideOne(&decide.Candidate{Intent: in, Waited: true}, p, at)
}

// inside stands in for the segment stage: it does what SegmentEntered and SegmentLeft say.
type inside struct{ w *world }

func (inside) Name() string { return "segment" }

func (i inside) Begin(_ context.Context, _ db.Tx, b *stream.Batch) error {
	for _, e := range b.Events {
		if !i.w.bad.IsZero() && e.Person == i.w.bad {
			return fmt.Errorf("nothing can be done with %s", e.Person)
		}
	}
	return nil
}

func (inside) Apply(_ *stream.Batch, p *heed.Person, e *heed.Event) {
	if p == nil {
		return
	}
	switch e.Type {
	case heed.SegmentEntered:
		if p.Segments == nil {
			p.Segments = map[string]heed.Member{}
		}
		p.Segments[e.Name], p.Dirty = heed.Member{Since: e.Timestamp}, true
	case heed.SegmentLeft:
		delete(p.Segments, e.Name)
		p.Dirty = true
	}
}

func (inside) Flush(context.Context, db.Tx, *stream.Batch) error { return nil }
