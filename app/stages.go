package app

import (
	"log/slog"

	"github.com/heedcx/heed/broadcast"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/collect/importer"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/identity"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/internal/account"
	"github.com/heedcx/heed/internal/changes"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/desk"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/journey"
	"github.com/heedcx/heed/profile"
	"github.com/heedcx/heed/segment"
	"github.com/heedcx/heed/stream"
)

// queries are the statements of every folder that owns tables.
func queries() []string {
	return []string{
		spec.Queries, stream.Queries, identity.Queries, profile.Queries, segment.Queries, journey.Queries, broadcast.Queries, ledger.Queries,
		channel.Queries, account.Queries, importer.Queries, insight.Queries, desk.Queries, changes.Queries,
	}
}

// engine makes an engine with stages of its own where a stage keeps what it loaded for its batch.
func (a *App) engine() *stream.Engine {
	e := newEngine(a.DB, a.clock, a.log, a.journeys, a.ledger)
	for _, s := range e.Stages {
		if s, ok := s.(*segment.Stage); ok {
			s.Purged = &a.purged
		}
	}
	return e
}

func newEngine(d db.DB, c clock.Clock, log *slog.Logger, j *journey.Stage, l *ledger.Ledger) *stream.Engine {
	p := profile.New(log)
	return &stream.Engine{DB: d, Clock: c, Sleepers: p, Stages: []stream.Stage{identity.New(log), p, newSegments(log), j, broadcast.New(log), l.Stage()}}
}

// newSegments makes the stage that counts for everybody: segments themselves, journeys and relationship rules.
func newSegments(log *slog.Logger) *segment.Stage {
	return segment.New(log, segment.CounterFunc(journey.Counters), segment.CounterFunc(ledger.Counters))
}
