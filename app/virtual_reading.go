package app

import (
	"context"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/identity"
	"github.com/heedcx/heed/journey"
)

// pageSize is how many rows a question about one person reads.
const pageSize = 1000

// Person returns who is behind an identifier in any spelling; a NotFound error when that is nobody.
func (v *Virtual) Person(ctx context.Context, id heed.Identifier) (*heed.Person, error) {
	return v.reading.Find(ctx, id)
}

// Resolve follows a person who has become another to who they are now.
func (v *Virtual) Resolve(ctx context.Context, id heed.ID) (now heed.ID, err error) {
	err = v.db.Read(ctx, func(q db.Querier) (err error) {
		now, err = identity.Resolve(ctx, q, id)
		return err
	})
	return now, err
}

// Runs returns a person's journey runs, active, paused and ended, oldest first.
func (v *Virtual) Runs(ctx context.Context, person heed.ID) (out []journey.Row, err error) {
	err = v.db.Read(ctx, func(q db.Querier) (err error) {
		out, err = journey.OfPerson(ctx, q, person, heed.ID{}, pageSize)
		return err
	})
	slices.Reverse(out)
	return out, err
}

// Messages returns a person's messages, oldest first.
func (v *Virtual) Messages(ctx context.Context, person heed.ID) ([]ledger.MessageRow, error) {
	var out []ledger.MessageRow
	f := ledger.Filter{Person: person, Limit: pageSize}
	for {
		page, err := v.ledger.Messages(ctx, f)
		out = append(out, page...)
		if err != nil || len(page) < pageSize {
			slices.Reverse(out)
			return out, err
		}
		f.After = page[len(page)-1].ID
	}
}

// Decisions returns what was decided about a person, oldest first, without answers to May.
func (v *Virtual) Decisions(ctx context.Context, person heed.ID) ([]ledger.Row, error) {
	var out []ledger.Row
	wet := false
	f := ledger.Filter{Person: person, Limit: pageSize, Dry: &wet}
	for {
		page, err := v.ledger.Decisions(ctx, f)
		out = append(out, page...)
		if err != nil || len(page) < pageSize {
			slices.Reverse(out)
			return out, err
		}
		f.After = page[len(page)-1].ID
	}
}

// May answers whether a message might go now, without sending it.
func (v *Virtual) May(ctx context.Context, in heed.Intent) (heed.Decision, error) {
	return v.ledger.Ask(ctx, in)
}

// Reviews returns what identity wants people to look at.
func (v *Virtual) Reviews(ctx context.Context) (out []identity.Review, err error) {
	err = v.db.Read(ctx, func(q db.Querier) (err error) {
		out, err = identity.Reviews(ctx, q, "open", pageSize)
		return err
	})
	return out, err
}
