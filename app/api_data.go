package app

import (
	"net"

	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/internal/desk"
)

// dataDeps is what the pages about decisions and data ask.
func (a *App) dataDeps() api.DataDeps {
	a.parts.Go("tallies", a.tally)
	d := api.DataDeps{
		Ledger: retold{a.ledger, recollection{a}}, Deliveries: told{a.ledger}, Desk: &desk.Store{DB: a.DB}, Suppressions: suppressions{a.DB}, Fixer: a.letters(),
		Exports: a.openExports(), Previews: previews{a.clock}, Mailing: mailing{a, net.DefaultResolver}, Graphs: identities{a.DB},
	}
	if a.history != nil {
		d.Trends = trends{a.history.store, a.clock, a.trends}
	}
	return d
}
