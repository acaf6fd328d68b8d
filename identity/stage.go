package identity

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/stream"
)

// Stage is the first stage of a worker. It is not safe for use by several workers at once: each has its own.
type Stage struct {
	log      *slog.Logger
	config   *Config
	revision int64

	// What follows lives for one batch.
	raw     map[heed.Identifier]*node // as it arrived; nil names nobody
	nodes   map[heed.ID]*node
	groups  map[heed.ID]*group // by person; complete
	presets map[heed.ID]heed.ID
	changed []*node   // touched in this batch, each once or more
	claimed []heed.ID // stored without a person until the batch has found one
	edges   []edge    // evidence not written yet
	merges  []merged
	out     []*heed.Event
	scratch []*node
}

type merged struct {
	survivor, loser heed.ID
	at              heed.Time
}

var _ stream.Stage = (*Stage)(nil)

// New returns the stage with the default configuration; it reads the brand's in its first batch.
func New(log *slog.Logger) *Stage {
	return &Stage{
		log: log.With("stage", "identity"), config: Default(), revision: -1,
		raw: map[heed.Identifier]*node{}, nodes: map[heed.ID]*node{}, groups: map[heed.ID]*group{}, presets: map[heed.ID]heed.ID{},
	}
}

// Name implements stream.Stage.
func (s *Stage) Name() string { return "identity" }

// Config is what the brand has configured, as of the latest batch.
func (s *Stage) Config() *Config { return s.config }

func (s *Stage) reset() {
	clear(s.raw)
	clear(s.nodes)
	clear(s.groups)
	clear(s.presets)
	s.changed, s.edges, s.merges, s.out = s.changed[:0], s.edges[:0], s.merges[:0], nil
	s.claimed = nil
}

// LoadConfig reads the brand's configuration.
func LoadConfig(ctx context.Context, q db.Querier) (*Config, error) {
	brands, err := spec.Latest(ctx, q, spec.Brand)
	if err != nil {
		return nil, err
	}
	if len(brands) == 0 {
		return Default(), nil
	}
	return FromBrand(brands[0].Body)
}

// Begin implements stream.Stage: it sets the Person of every event.
func (s *Stage) Begin(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	s.reset()
	if s.revision != b.Revision {
		c, err := LoadConfig(ctx, tx)
		switch {
		case err == nil:
			s.config = c
		case heed.CodeOf(err) == heed.Invalid: // stored before we checked; the last good one stays
			s.log.Error("the brand's identity configuration is not used", "error", err)
		default:
			return err
		}
		s.revision = b.Revision
	}
	if err := s.load(ctx, tx, b.Events); err != nil {
		return err
	}
	if err := s.expand(ctx, tx, b.Events); err != nil {
		return err
	}
	for i, e := range b.Events {
		before := len(s.out)
		if err := s.resolve(ctx, tx, e); err != nil {
			return err
		}
		// Until the first inserted event the batch's own list is good enough.
		if s.out == nil {
			continue
		}
		if before == 0 {
			inserted := slices.Clone(s.out)
			s.out = append(append(make([]*heed.Event, 0, len(b.Events)+8), b.Events[:i]...), inserted...)
		}
		s.out = append(s.out, e)
	}
	if s.out != nil {
		b.Events = s.out
	}
	return nil
}

// Apply implements stream.Stage. Whose the event is was decided in Begin, before the documents were loaded; here the
// document learns since when we know its person.
func (s *Stage) Apply(_ *stream.Batch, p *heed.Person, e *heed.Event) {
	if p == nil || e.Type.Derived() || p.Known != 0 && p.Known <= e.Timestamp {
		return
	}
	for _, n := range s.nodesOf(e) {
		if !n.anon && n.person == p.ID {
			p.Known, p.Dirty = e.Timestamp, true
		}
	}
}

// Flush implements stream.Stage.
func (s *Stage) Flush(ctx context.Context, tx db.Tx, _ *stream.Batch) error {
	if err := s.flush(ctx, tx); err != nil {
		return err
	}
	unused := slices.DeleteFunc(s.claimed, func(h heed.ID) bool { return !s.nodes[h].person.IsZero() })
	arg := make([]any, 1)
	if err := tx.ExecEach(ctx, "identity.delete_node", len(unused), func(i int) []any { arg[0] = unused[i][:]; return arg }); err != nil {
		return err
	}
	return s.flushChanges(ctx, tx)
}

// load finds the nodes of every identifier in the events.
func (s *Stage) load(ctx context.Context, tx db.Tx, events []*heed.Event) error {
	var fresh []*node
	var presets []heed.ID
	take := func(raw heed.Identifier) {
		if _, ok := s.raw[raw]; ok {
			return
		}
		id, ok := s.config.Normalise(raw)
		if !ok {
			s.raw[raw] = nil
			return
		}
		h := id.Hash()
		n := s.nodes[h]
		if n == nil {
			n = &node{id: id, hash: h}
			s.behave(n)
			s.nodes[h] = n
			fresh = append(fresh, n)
		}
		s.raw[raw] = n
	}
	for _, e := range events {
		if e.Type.Derived() {
			continue
		}
		if id, ok := s.config.preset(e); ok {
			presets = append(presets, id)
		}
		s.config.identifiers(e, take)
		if e.Type == heed.Alias && e.PreviousID != "" {
			take(heed.Identifier{Namespace: heed.AnonymousID, Value: e.PreviousID})
			take(heed.Identifier{Namespace: heed.UserID, Value: e.PreviousID})
		}
	}
	hashes := make([]heed.ID, len(fresh))
	for i, n := range fresh {
		hashes[i] = n.hash
	}
	if err := s.find(ctx, tx, sortedHashes(hashes)); err != nil {
		return err
	}
	return s.loadPresets(ctx, tx, sortedHashes(presets))
}

// find loads the nodes of the given hashes, and claims those that are not stored on an engine with several writers.
func (s *Stage) find(ctx context.Context, tx db.Tx, hashes []heed.ID) error {
	if err := s.lookup(ctx, tx, hashes); err != nil {
		return err
	}
	missing := slices.DeleteFunc(hashes, func(h heed.ID) bool { return s.nodes[h].stored })
	if len(missing) == 0 {
		return nil
	}
	arg := make([]any, 3)
	byHash := func(i int) []any { return append(arg[:0], missing[i][:]) }
	err := tx.Each(ctx, "identity.tombstone", len(missing), byHash, func(i int, r db.Row) error {
		n := s.nodes[missing[i]]
		return r.Scan(&n.gen, &n.erased)
	})
	if err != nil || tx.Dialect() != db.Postgres {
		return err
	}
	// Another worker may be about to store the same identifier: the claim waits for it, the second lookup sees it.
	err = tx.ExecEach(ctx, "identity.claim", len(missing), func(i int) []any {
		n := s.nodes[missing[i]]
		return append(arg[:0], n.hash[:], n.id.Namespace, n.id.Value)
	})
	if err != nil {
		return err
	}
	s.claimed = missing
	gens := make(map[heed.ID]node, len(missing))
	for _, h := range missing {
		gens[h] = *s.nodes[h]
	}
	if err := s.lookup(ctx, tx, missing); err != nil {
		return err
	}
	for h, was := range gens {
		if n := s.nodes[h]; n.person.IsZero() {
			n.gen, n.erased = was.gen, was.erased
		}
	}
	return nil
}

func (s *Stage) loadPresets(ctx context.Context, tx db.Tx, ids []heed.ID) error {
	arg := make([]any, 1)
	return tx.Each(ctx, "identity.preset", len(ids), func(i int) []any { arg[0] = ids[i][:]; return arg }, func(i int, r db.Row) error {
		var survivor heed.ID
		var lives bool
		err := r.Scan(&survivor, &lives)
		if survivor.IsZero() && lives {
			survivor = ids[i]
		}
		s.presets[ids[i]] = survivor
		return err
	})
}

// expand loads everything that belongs to the people who may gain or lose an identifier in this batch, at once.
func (s *Stage) expand(ctx context.Context, tx db.Tx, events []*heed.Event) error {
	var people []heed.ID
	for _, e := range events {
		nodes := s.nodesOf(e)
		if len(nodes) < 2 || e.Type.Derived() {
			continue
		}
		for _, n := range nodes[1:] {
			if n.person != nodes[0].person || n.find(nodes[0].hash, e.Public) == nil {
				people = append(people, n.person, nodes[0].person)
			}
		}
	}
	return s.members(ctx, tx, people)
}

// nodesOf returns what the event names, the best first. The slice is good until the next call.
func (s *Stage) nodesOf(e *heed.Event) []*node {
	s.scratch = s.scratch[:0]
	s.config.identifiers(e, func(raw heed.Identifier) {
		n := s.raw[raw]
		if n == nil || slices.Contains(s.scratch, n) {
			return
		}
		i := len(s.scratch)
		for i > 0 && n.better(s.scratch[i-1]) {
			i--
		}
		s.scratch = slices.Insert(s.scratch, i, n)
	})
	return s.scratch
}

// ErrTooWide is logged when one contradiction spans more evidence than is worked out again at once.
var ErrTooWide = errors.New("identity: too much evidence hangs together here to work it out again; the new link is kept but not followed")
