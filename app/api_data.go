package app

import "github.com/heedcx/heed/api"

// dataDeps is what the pages about data ask.
func (a *App) dataDeps() api.DataDeps {
	a.parts.Go("tallies", a.tally)
	return api.DataDeps{Ledger: retold{a.ledger, recollection{a}}}
}
