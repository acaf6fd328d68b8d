package broadcast

import (
	"context"
	_ "embed"
	"errors"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
)

// Queries are the statements of this package.
//
//go:embed queries.sql
var Queries string

// States of a broadcast that was started. They are part of the API.
const (
	Scheduled = "scheduled" // its moment has not come
	Gathering = "gathering" // it notes who is in the segment
	Sending   = "sending"   // turns are taken
	Done      = "done"      // everybody has had their turn
	Stopping  = "stopping"  // what has not gone out is taken back
	Stopped   = "stopped"
)

// States of a person in a broadcast. They are part of the API.
const (
	Waiting  = "waiting"  // their turn has not come
	Wanted   = "wanted"   // a message was wanted for them; the outcome says what was decided
	HeldOut  = "held_out" // they get nothing, to measure what the others' message does
	Skipped  = "skipped"  // they were not meant any more; the reason says why
	Canceled = "canceled" // the broadcast was stopped before anything went out to them
)

// Reasons for which somebody is skipped, besides those of decide.
const (
	LeftSegment = "LEFT_SEGMENT" // they are not in the segment any more
	NoZone      = "NO_ZONE"      // nobody knows what time it is where they are
	Gone        = "GONE"         // there is no such person any more
	Broken      = "BROKEN"       // nothing can be decided about them: see the log
	Holdout     = "HOLDOUT"      // in an audience check
)

// Codes of decide: of what waits for quiet hours to end, and of what was taken back.
const (
	quietHours = "QUIET_HOURS"
	withdrawn  = "WITHDRAWN"
)

// What becomes of a turn that was put off and does not come.
var (
	stopped = heed.Decision{Outcome: heed.Drop, Reason: withdrawn, Text: "canceled: the broadcast that wanted it was stopped"}
	left    = heed.Decision{Outcome: heed.Drop, Reason: withdrawn, Text: "canceled: they had left the segment when their turn came"}
	became  = heed.Decision{Outcome: heed.Drop, Reason: withdrawn, Text: "canceled: they became one with another person, and have one turn together"}
	passed  = heed.Decision{Outcome: heed.Drop, Reason: withdrawn, Text: "canceled: nothing could be decided about them when their turn came"}
)

// Run is a broadcast that was started.
type Run struct {
	Name      string
	ID        heed.ID // by which its messages name it
	Version   int     // of the document that it was started with
	Body      heed.RawJSON
	State     string
	Paused    bool
	StartedAt heed.Time
	StartedBy string
	Begins    heed.Time // when it gathers its people
	BegunAt   heed.Time // when it did
	EndedAt   heed.Time
	EndedBy   string // who stopped it
	Audience  int64  // how many there were in the segment
	Turned    int64  // how many have had their turn
	Trouble   string // why it does not get on, empty when it does

	after heed.ID
	paced heed.Time // up to when the pace has been used up
}

func scanRun(r db.Row) (*Run, error) {
	x := &Run{}
	var paused int64
	err := r.Scan(&x.Name, &x.ID, &x.Version, &x.Body, &x.State, &paused, &x.StartedAt, &x.StartedBy, &x.Begins, &x.BegunAt, &x.EndedAt,
		&x.EndedBy, &x.after, &x.Audience, &x.Turned, &x.paced, &x.Trouble)
	x.Paused = paused != 0
	return x, err
}

// plan is the document that the broadcast was started with. It was checked then.
func (x *Run) plan() (*plan, error) {
	p, errs := compile(spec.Spec{Kind: spec.Broadcast, Name: x.Name, Body: x.Body}, nil)
	return p, errors.Join(errs...)
}

func (x *Run) save(ctx context.Context, tx db.Tx) error {
	_, err := tx.Exec(ctx, "broadcast.set_run", x.Name, x.State, x.BegunAt, x.EndedAt, x.after, x.Audience, x.Turned, x.paced, x.Trouble)
	return err
}

// lockRun returns a broadcast that is to go on; nil when it is not, or when another process works on it.
func lockRun(ctx context.Context, tx db.Tx, name string) (*Run, error) {
	x, err := scanRun(tx.QueryRow(ctx, "broadcast.lock_run", name))
	if errors.Is(err, db.ErrNoRows) {
		return nil, nil
	}
	return x, err
}

func names(rows db.Rows, err error) ([]string, error) {
	return all(func(r db.Row) (name string, err error) { err = r.Scan(&name); return name, err })(rows, err)
}

// standing is where a person stands in a broadcast.
type standing struct {
	person  heed.ID
	state   string
	outcome heed.Outcome // of who is waiting: hold when their turn was put off
}

func standings(rows db.Rows, err error) ([]standing, error) {
	return all(func(r db.Row) (s standing, err error) {
		var outcome string
		err = r.Scan(&s.person, &s.state, &outcome)
		s.outcome = heed.Outcome(outcome)
		return s, err
	})(rows, err)
}
