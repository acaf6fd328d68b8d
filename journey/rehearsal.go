package journey

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// The states of a rehearsal.
const (
	RehearsalQueued   = "queued"
	RehearsalRunning  = "running"
	RehearsalDone     = "done"
	RehearsalFailed   = "failed"
	RehearsalCanceled = "canceled"
)

// Rehearsal is a draft that is, or was, tried on the past.
type Rehearsal struct {
	ID      heed.ID
	Journey string
	State   string
	Done    float64 // 0..1
	Made    heed.Time
	MadeBy  string
	Draft   heed.RawJSON // what is asked, as whoever runs it wrote it
	Error   string
	Result  heed.RawJSON
}

// keptRehearsals is how many are kept; older ones are deleted when one is made.
const keptRehearsals = 100

// PutRehearsal queues one.
func PutRehearsal(ctx context.Context, tx db.Tx, r Rehearsal) error {
	if _, err := tx.Exec(ctx, "journey.put_rehearsal", r.ID, r.Journey, r.Made, r.MadeBy, string(r.Draft)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "journey.trim_rehearsals", keptRehearsals)
	return err
}

// GetRehearsal returns one; a NotFound error when there is none any more.
func GetRehearsal(ctx context.Context, q db.Querier, id heed.ID) (Rehearsal, error) {
	return readRehearsal(q.QueryRow(ctx, "journey.rehearsal", id))
}

func readRehearsal(row db.Row) (r Rehearsal, err error) {
	var draft, result string
	err = row.Scan(&r.ID, &r.Journey, &r.State, &r.Done, &r.Made, &r.MadeBy, &draft, &r.Error, &result)
	if err == db.ErrNoRows {
		return r, heed.Errorf(heed.NotFound, "This rehearsal is not kept any more: start another one.")
	}
	r.Draft, r.Result = heed.RawJSON(draft), heed.RawJSON(result)
	return r, err
}

// ClaimRehearsal takes the one that waits longest, or that nobody has worked on since stale; a NotFound error when there
// is nothing to do.
func ClaimRehearsal(ctx context.Context, tx db.Tx, now, stale heed.Time) (Rehearsal, error) {
	return readRehearsal(tx.QueryRow(ctx, "journey.claim_rehearsal", now, stale))
}

// BeatRehearsal notes how far it has come; false when it is to stop, because somebody has canceled it.
func BeatRehearsal(ctx context.Context, tx db.Tx, id heed.ID, done float64, now heed.Time) (bool, error) {
	n, err := tx.Exec(ctx, "journey.beat_rehearsal", id, done, now)
	return n > 0, err
}

// EndRehearsal stores what came of it: a result, or why there is none. One that was canceled stays so.
func EndRehearsal(ctx context.Context, tx db.Tx, id heed.ID, result heed.RawJSON, failure string, now heed.Time) error {
	state := RehearsalDone
	if failure != "" {
		state = RehearsalFailed
	}
	_, err := tx.Exec(ctx, "journey.end_rehearsal", id, state, string(result), failure, now)
	return err
}

// CancelRehearsal stops one that has not ended; a Conflict error when it has.
func CancelRehearsal(ctx context.Context, tx db.Tx, id heed.ID, now heed.Time) error {
	n, err := tx.Exec(ctx, "journey.cancel_rehearsal", id, now)
	if err == nil && n == 0 {
		err = heed.Errorf(heed.Conflict, "This rehearsal has ended already.")
	}
	return err
}
