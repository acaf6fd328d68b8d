package profile

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/stream"
)

// Stage folds events into memory. It is not safe for use by several workers at once: each has its own.
type Stage struct {
	log      *slog.Logger
	codec    codec
	config   *Config
	revision int64
	zones    map[string]bool // names of time zones, and whether there is such a zone

	// What follows lives for one batch.
	was    map[heed.ID]columns // as they are stored
	ids    []heed.ID
	gone   []heed.ID // merged or erased: to be deleted
	erased []heed.ID
	notes  []note
	merges []mergeRow
	undo   []mergeRow // snapshots for the splits of this batch
	moved  [][2]heed.ID

	seeking []heed.ID          // whose name, address or phone has changed
	words   map[heed.ID]string // what they are found by from now on
	orders  []order            // that are new
	given   []given            // orders that go with who was cut off
	lifted  []heed.ID          // who is blocked less than before
	blocked blocks             // the list of who is blocked, as it is to be written
	docs    []saved            // that have changed, by id
}

type note struct {
	person heed.ID
	Note
}

var (
	_ stream.Stage     = (*Stage)(nil)
	_ stream.Preparer  = (*Stage)(nil)
	_ stream.Sleepers  = (*Stage)(nil)
	_ stream.Postponer = (*Stage)(nil)
)

// New returns the stage; it reads the brand's configuration in its first batch.
func New(log *slog.Logger) *Stage {
	c, _ := FromBrand(nil) // the defaults are valid
	return &Stage{log: log.With("stage", "profile"), codec: newCodec(), config: c, revision: -1, zones: map[string]bool{}, was: map[heed.ID]columns{}, words: map[heed.ID]string{}}
}

// Name implements stream.Stage.
func (s *Stage) Name() string { return "profile" }

// Begin implements stream.Stage: it loads the documents of everyone in the batch.
func (s *Stage) Begin(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	clear(s.was)
	clear(s.words)
	s.ids, s.gone, s.erased, s.notes, s.merges, s.undo, s.moved = s.ids[:0], nil, nil, nil, nil, nil, nil
	s.seeking, s.orders, s.given, s.lifted = s.seeking[:0], s.orders[:0], s.given[:0], s.lifted[:0]
	if s.revision != b.Revision {
		c, err := LoadConfig(ctx, tx)
		switch {
		case err == nil:
			s.config = c
		case heed.CodeOf(err) == heed.Invalid: // stored before we checked; the last good one stays
			s.log.Error("the brand's configuration of memory is not used", "error", err)
		default:
			return err
		}
		s.revision = b.Revision
	}
	var last heed.ID
	for _, e := range b.Events {
		if e.Person != last && !e.Person.IsZero() {
			last = e.Person
			s.ids = append(s.ids, last)
		}
		if !e.Loser.IsZero() {
			s.ids = append(s.ids, e.Loser)
		}
	}
	slices.SortFunc(s.ids, func(a, b heed.ID) int { return slices.Compare(a[:], b[:]) })
	s.ids = slices.Compact(s.ids)
	if err := s.load(ctx, tx, s.ids, b.People); err != nil {
		return err
	}
	for _, id := range s.ids {
		if b.People[id] == nil {
			b.People[id] = &heed.Person{ID: id}
		}
	}
	return s.loadUndo(ctx, tx, b)
}

// Apply implements stream.Stage.
func (s *Stage) Apply(b *stream.Batch, p *heed.Person, e *heed.Event) {
	if p == nil {
		return
	}
	switch e.Type {
	case heed.Wake:
		p.Wake, p.Dirty = 0, true
	case heed.PeopleMerged:
		s.merge(b, p, e)
	case heed.SplitPerson:
		s.split(b, p, e)
	case heed.PersonErased:
		s.gone, s.erased = append(s.gone, p.ID), append(s.erased, p.ID)
		delete(b.People, p.ID)
	case heed.Track, heed.Page, heed.Screen, heed.Identify, heed.Group, heed.Alias, heed.Feedback:
		s.fold(p, e)
	}
}

// Prepare implements stream.Preparer.
func (s *Stage) Prepare(b *stream.Batch) error {
	s.blocked = s.blocksOf(b)
	s.findWords(b)
	return s.encode(b)
}

// Flush implements stream.Stage.
func (s *Stage) Flush(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	if err := s.save(ctx, tx); err != nil {
		return err
	}
	clear(s.docs) // a large batch's documents are tens of megabytes
	if err := s.blocked.flush(ctx, tx); err != nil {
		return err
	}
	if err := s.dropNames(ctx, tx); err != nil {
		return err
	}
	if err := s.flushRest(ctx, tx, b); err != nil {
		return err
	}
	return s.flushSearch(ctx, tx, b)
}

// zone says whether there is a time zone of that name.
func (s *Stage) zone(name string) bool {
	ok, known := s.zones[name]
	if !known {
		if len(s.zones) > 2000 { // made-up names must not fill the memory
			clear(s.zones)
		}
		ok = len(name) > 0 && len(name) <= 64 && name != "Local"
		if ok {
			_, err := time.LoadLocation(name)
			ok = err == nil
		}
		s.zones[string([]byte(name))] = ok // the batch's bytes do not outlive it
	}
	return ok
}
