package api

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/spec"
)

// DataDeps are those of the ledger's pages.
type DataDeps struct {
	Ledger Ledger
}

// Ledger looks at decisions as a whole, and makes them again.
type Ledger interface {
	Decision(ctx context.Context, id heed.ID) (LedgerEntry, error)
	// Tallies counts the decisions of a query by what was decided, and over time. Its Before and Limit do not matter.
	Tallies(ctx context.Context, q DecisionQuery) (DecisionTally, error)
	// Today makes one decision again with the rules in force; a heed.Conflict when its inputs are not on record.
	Today(ctx context.Context, id heed.ID) (DecidedAgain, error)
	// Rehearse makes the decisions since then again under a draft of what is in force.
	Rehearse(ctx context.Context, current, draft spec.Set, since heed.Time) (Rehearsal, error)
}
