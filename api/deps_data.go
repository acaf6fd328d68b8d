package api

import (
	"context"
	"io"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/desk"
	"github.com/heedcx/heed/internal/spec"
)

// DataDeps are those of the ledger's pages, and of the pages about data.
type DataDeps struct {
	Ledger       Ledger
	Desk         *desk.Store
	Suppressions Suppressions
	Fixer        Fixer
	Exports      Exports
	Trends       Trends
	Previews     Previewer
	Mailing      Mailing
	Graphs       Graphs
	Deliveries   Deliveries
}

// Deliveries looks at how messages were handed over, and has them handed over again.
type Deliveries interface {
	// Tries returns what each attempt came to, the oldest first.
	Tries(ctx context.Context, message heed.ID) ([]Try, error)
	// Resend has a message that its channel has had sent once more, under the same id; a heed.Conflict says why not.
	Resend(ctx context.Context, message heed.ID, by string) (heed.Message, error)
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

// Suppressions lists to whom nothing goes.
type Suppressions interface {
	Suppressions(ctx context.Context, q, reason, after string, limit int) (items []Suppression, next string, err error)
	Counts(ctx context.Context) (map[string]int64, error)
}

// Fixer takes in what a dead letter should have been.
type Fixer interface {
	// Fix takes an event in through the door of the letter's source. A heed.Invalid says why it is still wrong.
	Fix(ctx context.Context, id string, event []byte) error
}

// Exports writes files in the background.
type Exports interface {
	Exports(ctx context.Context, by string, limit int) ([]ExportJob, error)
	Export(ctx context.Context, id heed.ID) (ExportJob, error)
	Ask(ctx context.Context, e NewExport, by string) (ExportJob, error)
	Cancel(ctx context.Context, id heed.ID, by string) (ExportJob, error)
	// Open opens the file of an export that is done; a heed.NotFound when it is not there any more.
	Open(ctx context.Context, id heed.ID) (file io.ReadSeekCloser, e ExportJob, err error)
}

// Trends counts events by kind and day.
type Trends interface {
	Trends(ctx context.Context, days int) ([]Trend, error)
}

// Previewer says what a mapping would make of a file.
type Previewer interface {
	Preview(ctx context.Context, in PreviewIn) (ImportPreview, error)
}

// Mailing looks at what receivers of mail look at.
type Mailing interface {
	Deliverability(ctx context.Context) (Deliverability, error)
}

// Graphs tells how a person's identifiers hang together.
type Graphs interface {
	Graph(ctx context.Context, person heed.ID) (IdentityGraph, error)
}
