package identity_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/identity"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/profile"
	"github.com/heedcx/heed/stream"
)

// start is second 0 of every script.
const start = heed.Time(1_700_000_000_000_000)

// TestScripts runs testdata/*.txt on both engines. A line is one step:
//
//	brand JSON                          the brand spec's body
//	[public] TYPE key=value ...         an event: user anon email phone device prev NAMESPACE=, person= (the id
//	                                    of whoever is behind an identifier), at= (seconds),
//	                                    id= (message id), n= (so many of them, {} is the number), name= props=
//	together ... apart                  the events in between are one batch
//	one X Y ...                         these identifiers are one person
//	not one X Y ...                     no two of them are
//	nobody                              the last event belongs to nobody
//	nobody X                            nobody is known under X
//	stranger X                          X is somebody who was never seen before this step
//	people N                            so many people are behind all identifiers
//	keys X N                            the person behind X has so many identifiers
//	review KIND X | reviews N           an open review item about X; so many of them
//	flag FLAG X                         X is capped, shared or kiosk
//	visits X N                          so many events were folded into X's memory
//	through the log                     from here on a worker reads the events from a log, and drops duplicates
//	replay                              all events again, into an empty store (tombstones stay)
//	rebuild                             who is who again, from the edges
//
// An identifier is NAMESPACE:VALUE, with user and anon for short.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts in testdata", err)
	}
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			testx.Each(t, queries(), func(t *testing.T, d db.DB) { newScript(t, d).run(string(text)) })
		})
	}
}

func queries() []string { return []string{stream.Queries, identity.Queries, profile.Queries, wipe} }

// wipe empties what a replay builds again.
const wipe = `
-- name: wipe.nodes
DELETE FROM identity_node;
-- name: wipe.edges
DELETE FROM identity_edge;
-- name: wipe.apart
DELETE FROM identity_apart;
-- name: wipe.aliases
DELETE FROM identity_alias;
-- name: wipe.reviews
DELETE FROM identity_review;
-- name: wipe.changes
DELETE FROM identity_change;
-- name: wipe.people
DELETE FROM person;
-- name: wipe.merges
DELETE FROM person_merge;
`

type script struct {
	t      *testing.T
	d      db.DB
	clock  *clock.Virtual
	engine *stream.Engine
	visits *visits
	all    []*heed.Event
	batch  []*heed.Event
	hold   bool
	n      int
	log    *memLog // set: events take the way through a worker
	worker *stream.Worker
	people map[heed.ID]bool // who was known before the latest event
}

// visits counts the events of each person as a later stage sees them.
type visits struct{ of map[heed.ID]int }

func (v *visits) Name() string                                         { return "visits" }
func (v *visits) Begin(context.Context, db.Tx, *stream.Batch) error    { return nil }
func (v *visits) Flush(context.Context, db.Tx, *stream.Batch) error    { return nil }
func (v *visits) Apply(_ *stream.Batch, p *heed.Person, e *heed.Event) { v.apply(p, e) }

func (v *visits) apply(p *heed.Person, e *heed.Event) {
	switch {
	case e.Type == heed.PeopleMerged:
		v.of[e.Person] += v.of[e.Loser]
		delete(v.of, e.Loser)
	case e.Type == heed.PersonErased:
		delete(v.of, e.Person)
	case p != nil:
		v.of[p.ID]++
	}
}

func newScript(t *testing.T, d db.DB) *script {
	s := &script{t: t, d: d, clock: clock.NewVirtual(start)}
	s.fresh()
	return s
}

func (s *script) fresh() {
	log := slog.New(slog.DiscardHandler)
	s.visits = &visits{map[heed.ID]int{}}
	mem := profile.New(log)
	s.engine = &stream.Engine{DB: s.d, Clock: s.clock, Stages: []stream.Stage{identity.New(log), mem, s.visits}, Sleepers: mem}
}

func (s *script) run(text string) {
	sc := bufio.NewScanner(strings.NewReader(text))
	for line := 1; sc.Scan(); line++ {
		step := strings.TrimSpace(sc.Text())
		if step == "" || step[0] == '#' {
			continue
		}
		if err := s.step(step); err != nil {
			s.t.Errorf("line %d: %s: %v", line, step, err)
		}
	}
	s.consistent()
}

func (s *script) step(step string) error {
	w := strings.Fields(step)
	switch w[0] {
	case "brand":
		return s.d.Write(context.Background(), func(tx db.Tx) error {
			_, err := spec.Put(context.Background(), tx, spec.Spec{Kind: spec.Brand, Name: "b", Body: heed.RawJSON(strings.TrimPrefix(step, "brand ")), MadeAt: 1})
			return err
		})
	case "together":
		s.hold = true
		return nil
	case "apart":
		s.hold = false
		return s.process()
	case "replay":
		s.wipe("nodes", "edges", "apart", "aliases", "reviews", "changes", "people", "merges")
		s.fresh()
		s.batch = s.all
		s.all = nil
		return s.process()
	case "through":
		s.follow()
		return nil
	case "rebuild":
		return s.d.Write(context.Background(), func(tx db.Tx) error {
			return identity.New(slog.New(slog.DiscardHandler)).Rebuild(context.Background(), tx)
		})
	case "one", "not", "nobody", "stranger", "people", "keys", "review", "reviews", "flag", "visits":
		return s.d.Read(context.Background(), func(q db.Querier) error { return s.check(q, w) })
	}
	return s.event(w)
}

func (s *script) wipe(tables ...string) {
	err := s.d.Write(context.Background(), func(tx db.Tx) error {
		for _, t := range tables {
			if _, err := tx.Exec(context.Background(), "wipe."+t); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func short(ns string) string {
	switch ns {
	case "user":
		return heed.UserID
	case "anon":
		return heed.AnonymousID
	}
	return ns
}

func (s *script) event(w []string) error {
	times, public := 1, w[0] == "public"
	if public {
		w = w[1:]
	}
	for _, x := range w {
		if v, ok := strings.CutPrefix(x, "n="); ok {
			times, _ = strconv.Atoi(v)
		}
	}
	for i := range times {
		e, err := s.parse(w, public, i)
		if err != nil {
			return err
		}
		s.batch = append(s.batch, e)
	}
	if s.hold {
		return nil
	}
	return s.process()
}

func (s *script) parse(w []string, public bool, i int) (*heed.Event, error) {
	s.n++
	e := &heed.Event{Type: heed.ParseType(w[0]), Public: public, Source: "test", MessageID: fmt.Sprintf("m%d", s.n), Direction: heed.Inbound}
	if e.Type == 0 {
		return nil, fmt.Errorf("%q is no step and no type of event", w[0])
	}
	e.ReceivedAt = start + heed.Time(s.n)*1_000_000
	e.Timestamp = e.ReceivedAt
	for _, x := range w[1:] {
		k, v, ok := strings.Cut(x, "=")
		if !ok {
			return nil, fmt.Errorf("want key=value, got %q", x)
		}
		v = strings.ReplaceAll(strings.ReplaceAll(v, "{}", strconv.Itoa(i)), "_", " ")
		switch k {
		case "person": // the id of whoever is behind this identifier
			err := s.d.Read(context.Background(), func(q db.Querier) error {
				id, err := s.find(q, v)
				e.IDs = append(e.IDs, heed.Identifier{Namespace: identity.Person, Value: id.String()})
				return err
			})
			if err != nil {
				return nil, err
			}
		case "n":
		case "user":
			e.UserID = v
		case "anon":
			e.AnonymousID = v
		case "prev":
			e.PreviousID = v
		case "id":
			e.MessageID = v
		case "name":
			e.Name = v
		case "props":
			e.Properties = heed.RawJSON(v)
		case "at", "received":
			sec, err := strconv.Atoi(v)
			if err != nil {
				return nil, err
			}
			if t := start + heed.Time(sec)*1_000_000; k == "at" {
				e.Timestamp = t
			} else {
				e.ReceivedAt = t
			}
		default:
			e.IDs = append(e.IDs, heed.Identifier{Namespace: short(k), Value: v})
		}
	}
	return e, nil
}

func (s *script) process() error {
	s.people = map[heed.ID]bool{}
	err := s.d.Read(context.Background(), func(q db.Querier) error {
		nodes, err := identity.Graph(context.Background(), q)
		for _, n := range nodes {
			s.people[n.Person] = true
		}
		return err
	})
	if err != nil {
		return err
	}
	batch := s.batch
	s.batch = nil
	if len(batch) == 0 {
		return nil
	}
	s.all = append(s.all, batch...)
	s.clock.Set(max(s.clock.Now(), batch[len(batch)-1].ReceivedAt))
	if s.log != nil {
		return s.send(batch)
	}
	return s.engine.Process(context.Background(), batch, nil)
}
