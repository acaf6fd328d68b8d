package journey

import (
	"context"
	_ "embed"
	"log/slog"
	"sync"
	"sync/atomic"
	"weak"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/zone"
	"github.com/heedcx/heed/stream"
)

// Queries are the statements of this package.
//
//go:embed queries.sql
var Queries string

// Stage moves people along journeys. One serves all workers: what a batch needs lies in a work of its own.
type Stage struct {
	// Refused, if any, is called when a date or schedule has come for somebody and they do not enter: no event tells of
	// that. It is called again when a batch is tried again. It must be set before the stage is used.
	Refused func(person heed.ID, journey, why string)

	log   *slog.Logger
	zones *zone.Cache

	mu   sync.Mutex
	prog *program
	// The keys are weak, because a batch that is rolled back tells nobody.
	works map[weak.Pointer[stream.Batch]]*work
	last  atomic.Pointer[lastWork] // the one that was asked for last: nearly always the one that is asked for next
}

type lastWork struct {
	b *stream.Batch
	w *work
}

var _ stream.Stage = (*Stage)(nil)

// New makes a stage. zones may be shared by the whole process.
func New(log *slog.Logger, zones *zone.Cache) *Stage {
	return &Stage{log: log, zones: zones, works: map[weak.Pointer[stream.Batch]]*work{}}
}

// Name implements stream.Stage.
func (s *Stage) Name() string { return "journey" }

// work is what the stage does in one batch.
type work struct {
	*program
	log     *slog.Logger
	zones   *zone.Cache
	refused func(person heed.ID, journey, why string) // may be nil
	changes changes

	spent   int // nodes passed because of the event at hand
	spentBy heed.ID
}

// Begin implements stream.Stage: it loads the journeys when they have changed, and older versions that people of the
// batch are in.
func (s *Stage) Begin(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	if b.Rebuild {
		return nil
	}
	p, err := s.program(ctx, tx, b.Revision)
	if err != nil {
		return err
	}
	if err := p.loadOld(ctx, tx, s.log, b); err != nil {
		return err
	}
	w := &work{program: p, log: s.log, zones: s.zones, refused: s.Refused}
	w.changes.begin(b)
	if err := w.changes.loadSplits(ctx, tx, b); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for k := range s.works {
		if k.Value() == nil {
			delete(s.works, k)
		}
	}
	s.works[weak.Make(b)] = w
	s.last.Store(&lastWork{b, w})
	return nil
}

// program returns what was published as of the revision.
func (s *Stage) program(ctx context.Context, tx db.Tx, revision int64) (*program, error) {
	s.mu.Lock()
	p := s.prog
	s.mu.Unlock()
	if p != nil && p.revision == revision {
		return p, nil
	}
	p, err := load(ctx, tx, s.log, revision)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.prog == nil || s.prog.revision < revision {
		s.prog = p
	}
	return p, nil
}

func (s *Stage) work(b *stream.Batch) *work {
	if l := s.last.Load(); l != nil && l.b == b {
		return l.w
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.works[weak.Make(b)]
	s.last.Store(&lastWork{b, w})
	return w
}

// Apply implements stream.Stage.
func (s *Stage) Apply(b *stream.Batch, p *heed.Person, e *heed.Event) {
	if b.Rebuild || e.Person.IsZero() {
		return
	}
	s.work(b).apply(b, p, e)
}

// Flush implements stream.Stage: it writes the rows of runs that changed.
func (s *Stage) Flush(ctx context.Context, tx db.Tx, b *stream.Batch) error {
	if b.Rebuild {
		return nil
	}
	w := s.work(b)
	s.last.Store(nil)
	s.mu.Lock()
	delete(s.works, weak.Make(b))
	s.mu.Unlock()
	return w.changes.write(ctx, tx)
}
