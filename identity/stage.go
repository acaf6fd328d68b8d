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
	sources  map[string]uint8 // numbers; 0: has none
	// mayVanish: some of them were given in a transaction that may have been rolled back.
	mayVanish bool

	// What follows lives for one batch.
	raw     map[heed.Identifier]*node // as it arrived; nil names nobody
	nodes   map[heed.ID]*node
	groups  map[heed.ID]*group // by person; complete
	presets map[heed.ID]heed.ID
	changed []*node       // touched in this batch, each once or more
	edges   []edge        // evidence by hand that is not written yet
	apart   map[pair]bool // known to be stored, or in parted
	parted  []pair        // links between two people, not written yet; the better end first
	merges  []merged
	out     []*heed.Event
	flat    []*node // the nodes of all events, one after the other, the best first
	ends    []int   // where each event's end in flat
	scratch []*node
}

type merged struct {
	survivor, loser heed.ID
	best            heed.ID // the identifier that stood for the loser
	at              heed.Time
}

var _ stream.Stage = (*Stage)(nil)

// New returns the stage with the default configuration; it reads the brand's in its first batch.
func New(log *slog.Logger) *Stage {
	return &Stage{
		log: log.With("stage", "identity"), config: Default(), revision: -1,
		raw: map[heed.Identifier]*node{}, nodes: map[heed.ID]*node{}, groups: map[heed.ID]*group{}, presets: map[heed.ID]heed.ID{},
		apart: map[pair]bool{}, sources: map[string]uint8{},
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
	clear(s.apart)
	s.parted = s.parted[:0]
	s.changed, s.edges, s.merges, s.out = s.changed[:0], s.edges[:0], s.merges[:0], nil
	s.flat, s.ends = s.flat[:0], s.ends[:0]
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
	if s.mayVanish {
		clear(s.sources)
		s.mayVanish = false
	}
	if err := s.number(ctx, tx, b); err != nil {
		return err
	}
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
		if err := s.resolve(ctx, tx, i, e); err != nil {
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
	return s.flushChanges(ctx, tx)
}

// load finds the nodes of every identifier in the events.
func (s *Stage) load(ctx context.Context, tx db.Tx, events []*heed.Event) error {
	var fresh []*node
	var presets []heed.ID
	begin := 0
	take := func(raw heed.Identifier) *node {
		n, ok := s.raw[raw]
		if ok {
			return n
		}
		id, ok := s.config.Normalise(raw)
		if !ok {
			s.raw[raw] = nil
			return nil
		}
		h := id.Hash()
		if n = s.nodes[h]; n == nil {
			n = &node{id: id, hash: h}
			s.behave(n)
			s.nodes[h] = n
			fresh = append(fresh, n)
		}
		s.raw[raw] = n
		return n
	}
	named := func(raw heed.Identifier) { s.flat = insert(s.flat, begin, take(raw)) }
	for _, e := range events {
		begin = len(s.flat)
		if !e.Type.Derived() {
			presets = appendPresets(presets, e)
			s.config.identifiers(e, named)
			if e.Type == heed.Alias && e.PreviousID != "" {
				take(heed.Identifier{Namespace: heed.AnonymousID, Value: e.PreviousID})
				take(heed.Identifier{Namespace: heed.UserID, Value: e.PreviousID})
			}
		}
		s.ends = append(s.ends, len(s.flat))
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

// find loads the nodes of the given hashes, and what was erased of those that are not stored.
func (s *Stage) find(ctx context.Context, tx db.Tx, hashes []heed.ID) error {
	if err := s.lookup(ctx, tx, hashes); err != nil {
		return err
	}
	missing := slices.DeleteFunc(hashes, func(h heed.ID) bool { return s.nodes[h].stored })
	if len(missing) == 0 {
		return nil
	}
	return s.tombstones(ctx, tx, missing, func(h heed.ID, gen int64, at heed.Time) error {
		s.nodes[h].gen, s.nodes[h].erased = gen, at
		return nil
	})
}

// tombstones tells how often, and when last, the people of identifiers that are not stored were erased.
func (s *Stage) tombstones(ctx context.Context, tx db.Tx, hashes []heed.ID, each func(h heed.ID, gen int64, at heed.Time) error) error {
	rows, err := tx.Query(ctx, "identity.tombstones", db.JSON(hashes))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var h heed.ID
		var gen int64
		var at heed.Time
		if err := rows.Scan(&h, &gen, &at); err != nil {
			return err
		}
		if err := each(h, gen, at); err != nil {
			return err
		}
	}
	return rows.Err()
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
	for i, e := range events {
		nodes := s.nodesAt(i)
		if len(nodes) < 2 {
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

// nodesAt returns what the i-th event of the batch names, the best first. It must not be changed.
func (s *Stage) nodesAt(i int) []*node {
	if i == 0 {
		return s.flat[:s.ends[0]:s.ends[0]]
	}
	return s.flat[s.ends[i-1]:s.ends[i]:s.ends[i]]
}

// nodesOf is the same for an event that need not be of the batch. The slice is good until the next call.
func (s *Stage) nodesOf(e *heed.Event) []*node {
	s.scratch = s.scratch[:0]
	s.config.identifiers(e, func(raw heed.Identifier) { s.scratch = insert(s.scratch, 0, s.raw[raw]) })
	return s.scratch
}

// insert puts n in its place among those from begin on, unless it is nil or there.
func insert(nodes []*node, begin int, n *node) []*node {
	if n == nil || slices.Contains(nodes[begin:], n) {
		return nodes
	}
	i := len(nodes)
	for i > begin && n.better(nodes[i-1]) {
		i--
	}
	return slices.Insert(nodes, i, n)
}

// ErrTooWide is logged when one contradiction spans more evidence than is worked out again at once.
var ErrTooWide = errors.New("identity: too much evidence hangs together here to work it out again; the new link is kept but not followed")
