package app

import (
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/collect/importer"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/identity"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/internal/account"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/journey"
	"github.com/heedcx/heed/profile"
	"github.com/heedcx/heed/segment"
	"github.com/heedcx/heed/stream"
)

// queries are the statements of every folder that owns tables.
func queries() []string {
	return []string{
		spec.Queries, stream.Queries, identity.Queries, profile.Queries, segment.Queries, journey.Queries, ledger.Queries,
		channel.Queries, account.Queries, importer.Queries, insight.Queries,
	}
}

// engine makes an engine with stages of its own where a stage keeps what it loaded for its batch.
func (a *App) engine() *stream.Engine {
	p := profile.New(a.log)
	return &stream.Engine{
		DB: a.DB, Clock: a.clock, Sleepers: p,
		Stages: []stream.Stage{identity.New(a.log), p, a.segments(), a.journeys, a.ledger.Stage()},
	}
}

// segments makes the stage that counts for everybody: segments themselves, journeys and relationship rules.
func (a *App) segments() *segment.Stage {
	return segment.New(a.log, segment.CounterFunc(journey.Counters), segment.CounterFunc(ledger.Counters))
}
