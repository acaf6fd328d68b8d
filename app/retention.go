package app

import (
	"time"

	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/internal/retain"
	"github.com/heedcx/heed/journey"
)

// openRetention starts what deletes what has been kept long enough.
func (a *App) openRetention() {
	if !a.Config.Has("work") || a.Config.LedgerDays == 0 {
		return
	}
	k := &retain.Keeper{DB: a.DB, Clock: a.clock, Log: a.log, Keep: time.Duration(a.Config.LedgerDays) * 24 * time.Hour, Tables: []retain.Table{
		{Name: "decisions", Piece: ledger.OldDecisions},
		{Name: "messages", Piece: ledger.OldMessages},
		{Name: "journey runs", Piece: journey.OldRuns},
	}}
	a.parts.Go("retention", k.Run)
}
