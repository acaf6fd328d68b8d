package api

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/spec"
)

// Studio tries journeys before they are published, and says what published ones do.
type Studio interface {
	// Simulate takes one person through a draft on a virtual clock. Nothing of it reaches anybody.
	Simulate(ctx context.Context, q SimulationQuery) (Simulation, error)
	// Rehearse queues a rehearsal of a draft on what really happened.
	Rehearse(ctx context.Context, draft spec.Spec, days int, by string) (RehearsalJob, error)
	Rehearsal(ctx context.Context, id heed.ID) (RehearsalJob, error)
	CancelRehearsal(ctx context.Context, id heed.ID) error
	// Holdout compares those whom a journey holds out with those whom it does not.
	Holdout(ctx context.Context, journey spec.Spec, days int) (HoldoutResult, error)
	// Inside counts the runs under way by the version that they are in, the newest first.
	Inside(ctx context.Context, journey string) ([]VersionInside, error)
}

// SimulationQuery asks what would become of one person.
type SimulationQuery struct {
	Draft    spec.Spec
	Person   heed.ID // zero: an invented one
	Invented Invented
	Start    heed.Time
	Until    heed.Time
	Enter    bool // put them in at Start, whatever starts the journey
	Events   []heed.Event
}
