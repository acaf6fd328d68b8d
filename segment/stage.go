package segment

import (
	"context"
	_ "embed"
	"encoding/json"
	"log/slog"
	"math/bits"
	"strconv"
	"sync/atomic"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/rule"
	"github.com/heedcx/heed/stream"
)

// Queries are the statements of this package.
//
//go:embed queries.sql
var Queries string

// CounterSource says what somebody's rules need counted besides those of segments: journeys, relationship rules.
type CounterSource interface {
	Counters(ctx context.Context, q db.Querier) ([]rule.CounterSpec, error)
}

// CounterFunc is a CounterSource.
type CounterFunc func(ctx context.Context, q db.Querier) ([]rule.CounterSpec, error)

// Counters implements CounterSource.
func (f CounterFunc) Counters(ctx context.Context, q db.Querier) ([]rule.CounterSpec, error) {
	return f(ctx, q)
}

// Stage counts, and keeps memberships true. It is not safe for use by several workers at once: each has its own.
type Stage struct {
	// Purged counts the counters that people's documents have lost because no rule needs them any more; may be nil. A
	// batch that is rolled back has counted all the same.
	Purged *atomic.Int64

	log     *slog.Logger
	sources []CounterSource
	set     *set
	tick    int64

	// What follows lives for one batch.
	prints  []uint64                 // len(set.watches) for each person
	at      map[*heed.Person]int     // where theirs begin
	dirty   []uint64                 // nodes to ask
	touched []int                    // counters that the event changed
	changes map[change]moved         // memberships that changed
	resync  map[heed.ID]*heed.Person // whose rows are written anew; nil: deleted
}

type change struct {
	person  heed.ID
	segment string
}

// moved is a membership as the batch found it, and as it leaves it.
type moved struct {
	was   bool
	since heed.Time // 0: no member
}

// note keeps what the batch found when a membership changes more than once.
func (s *Stage) note(p *heed.Person, name string, was bool, since heed.Time) {
	c := change{p.ID, name}
	if had, ok := s.changes[c]; ok {
		was = had.was
	}
	s.changes[c] = moved{was, since}
}

var _ stream.Stage = (*Stage)(nil)

// New returns the stage. It reads the specs in its first batch.
func New(log *slog.Logger, sources ...CounterSource) *Stage {
	return &Stage{log: log.With("stage", "segment"), sources: sources, tick: -1,
		at: map[*heed.Person]int{}, changes: map[change]moved{}, resync: map[heed.ID]*heed.Person{}}
}

// Name implements stream.Stage.
func (s *Stage) Name() string { return "segment" }

// Begin implements stream.Stage.
func (s *Stage) Begin(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	clear(s.at)
	clear(s.changes)
	clear(s.resync)
	s.prints = s.prints[:0]
	if err := s.refresh(ctx, tx, b); err != nil {
		return err
	}
	for _, p := range b.People {
		s.purge(p)
		if p.Rev > 0 {
			s.remember(p)
		}
	}
	return nil
}

// remember takes the fingerprints of a person whose nodes are all answered.
func (s *Stage) remember(p *heed.Person) {
	s.at[p] = len(s.prints)
	for i := range s.set.watches {
		s.prints = append(s.prints, s.set.watches[i].print(p))
	}
}

// Names of the Wake events that the Builder makes.
const (
	wakeSweep = "segment.sweep" // look at everything
	wakeCount = "segment.count" // Properties: counters to add, by id
)

// counted are the counters of a wakeCount event.
type counted struct {
	Counters map[string]*heed.Counter `json:"counters"`
	Deepen   []string                 `json:"deepen,omitempty"` // of these, add the times only
}

// Apply implements stream.Stage.
func (s *Stage) Apply(b *stream.Batch, p *heed.Person, e *heed.Event) {
	switch e.Type {
	case heed.PersonErased:
		s.resync[e.Person] = nil
		return
	case heed.PeopleMerged:
		s.resync[e.Loser] = nil
		if p != nil {
			s.afterMerge(p)
			s.everything(b, p)
			s.resync[p.ID] = p
		}
		return
	case heed.SplitPerson:
		if l := b.Person(e.Loser); l != nil {
			s.purgeRestored(l)
			s.everything(b, l)
			s.resync[l.ID] = l
		}
		if p != nil {
			s.everything(b, p)
			s.resync[p.ID] = p
		}
		return
	}
	if p == nil {
		return
	}
	s.purge(p) // of someone who is new there is nothing to lose
	s.touched = s.touched[:0]
	if !e.Type.Derived() {
		s.touched = s.set.index.Fold(p, e, s.touched)
	}
	if e.Type == heed.Wake && e.Name != "" {
		if e.Name == wakeCount {
			s.count(p, e)
		} else {
			s.afterMerge(p) // a sequence may be new to someone whose steps were counted already
		}
		s.everything(b, p)
		return
	}
	off, known := s.at[p]
	if !known {
		s.everything(b, p)
		return
	}
	clear(s.dirty)
	any := false
	for _, i := range s.touched {
		or(s.dirty, s.set.byCounter[i])
		any = true
	}
	if e.Type == heed.Wake {
		or(s.dirty, s.set.timed)
		any = true
	}
	for i := range s.set.watches {
		w := &s.set.watches[i]
		if now := w.print(p); now != s.prints[off+i] {
			s.prints[off+i] = now
			or(s.dirty, w.nodes)
			any = true
		}
	}
	if any {
		s.ask(b, p)
	}
}

// everything asks every node about p, whatever touched it.
func (s *Stage) everything(b *stream.Batch, p *heed.Person) {
	for name := range p.Segments {
		if !s.set.known[name] { // it was removed
			delete(p.Segments, name)
			s.note(p, name, true, 0)
			p.Dirty = true
		}
	}
	copy(s.dirty, s.set.all)
	s.ask(b, p)
	s.remember(p)
}

// ask answers the dirty nodes in order; one that changes makes those dirty that ask about it.
func (s *Stage) ask(b *stream.Batch, p *heed.Person) {
	for w := range s.dirty {
		for s.dirty[w] != 0 {
			i := w*64 + bits.TrailingZeros64(s.dirty[w])
			s.dirty[w] &= s.dirty[w] - 1
			n := &s.set.nodes[i]
			changed := false
			if n.rule == nil {
				changed = s.climb(b, p, n)
			} else {
				changed = s.member(b, p, n)
			}
			if changed {
				or(s.dirty, s.set.byNode[i])
			}
		}
	}
}

func (s *Stage) member(b *stream.Batch, p *heed.Person, n *node) bool {
	in, next := n.rule.EvalNext(p, b.Now)
	p.WakeBy(next)
	_, was := p.Segments[n.name]
	if in == was {
		return false
	}
	p.Dirty = true
	e := &heed.Event{Type: heed.SegmentEntered, Name: n.name, Person: p.ID, Timestamp: b.Now, ReceivedAt: b.Now}
	if in {
		if p.Segments == nil {
			p.Segments = map[string]heed.Member{}
		}
		p.Segments[n.name] = heed.Member{Since: b.Now}
		s.note(p, n.name, false, b.Now)
	} else {
		e.Type = heed.SegmentLeft
		delete(p.Segments, n.name)
		s.note(p, n.name, true, 0)
	}
	if n.state == Live || n.loud {
		s.tell(b, e)
	}
	return true
}

// maxPath is how many earlier stages a person's document keeps.
const maxPath = 16

// climb finds the last rung whose rule holds. The stage can change when that rung's answer can, or a later one's.
func (s *Stage) climb(b *stream.Batch, p *heed.Person, n *node) bool {
	stage := ""
	for i := len(n.rungs) - 1; i >= 0 && stage == ""; i-- {
		in, next := n.rungs[i].Rule.EvalNext(p, b.Now)
		p.WakeBy(next)
		if in {
			stage = n.rungs[i].Name
		}
	}
	if stage == "" || stage == p.Stage {
		return false
	}
	if p.Stage != "" {
		p.StagePath = append(p.StagePath, heed.StageEntry{Stage: p.Stage, At: p.StageSince})
		if len(p.StagePath) > maxPath {
			p.StagePath = append([]heed.StageEntry(nil), p.StagePath[len(p.StagePath)-maxPath:]...)
		}
	}
	from, first := p.Stage, p.Stage == "" && stage == n.rungs[0].Name // where everyone begins is no change
	p.Stage, p.StageSince, p.Dirty = stage, b.Now, true
	if n.state == Live && !first {
		s.tell(b, &heed.Event{Type: heed.StageChanged, Name: stage, Person: p.ID, Timestamp: b.Now, ReceivedAt: b.Now,
			Properties: heed.RawJSON(`{"from":` + strconv.Quote(from) + `}`)})
	}
	return true
}

// tell hands on what has changed, and notes it for history.
func (s *Stage) tell(b *stream.Batch, e *heed.Event) {
	if b.Rebuild {
		return
	}
	b.Record(e)
	if !b.Emit(e) {
		s.log.Warn("a change of membership started nothing: the event that caused it has caused too many others",
			"person", e.Person, "change", e.Type, "name", e.Name)
	}
}

// afterMerge cuts the counters that profile joined to their depths, and looks for sequences that have come about.
func (s *Stage) afterMerge(p *heed.Person) {
	specs := s.set.index.Specs()
	for i := range specs {
		if c := p.Counters[specs[i].ID]; c != nil {
			specs[i].Trim(c)
		}
	}
	for i := range specs {
		if len(specs[i].Steps) > 0 {
			s.set.index.Settle(p, i)
		}
	}
}

// count adds what history knows of a person.
func (s *Stage) count(p *heed.Person, e *heed.Event) {
	var c counted
	if err := json.Unmarshal(e.Properties, &c); err != nil { // the Builder of this package wrote it
		s.log.Error("counters from history are lost", "person", p.ID, "error", err)
		return
	}
	deepen := map[string]bool{}
	for _, id := range c.Deepen {
		deepen[id] = true
	}
	specs := s.set.index.Specs()
	for i := range specs {
		from := c.Counters[specs[i].ID]
		if from == nil {
			continue
		}
		p.Dirty = true
		into := rule.CounterOf(p, specs[i].ID)
		switch {
		case len(specs[i].Steps) > 0:
			if into.N == 0 {
				*into = heed.Counter{N: 1, First: from.First, Last: from.Last}
			}
		case deepen[specs[i].ID]:
			rule.Deepen(into, from.Recent, specs[i].Depth)
		default:
			rule.Merge(into, from, max(specs[i].Depth, 1))
			specs[i].Trim(into)
		}
	}
	s.afterMerge(p)
}
