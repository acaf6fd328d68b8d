package broadcast

import (
	"context"
	"errors"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/stream"
)

// burst is how far a broadcast that was late may catch up with its pace at once: a little less than a second, so that
// one per second is one and not two.
const burst = heed.Time(time.Second/time.Microsecond) - 1

// room is how many turns the pace allows now, and how the pace stands after n of them.
func room(every, used, now heed.Time, limit int) int {
	if every <= 0 {
		return limit
	}
	used = max(used, now-burst)
	if used > now {
		return 0
	}
	return int(min(heed.Time(limit), (now-used)/every+1))
}

func used(every, before, now heed.Time, n int) heed.Time {
	return max(before, now-burst) + every*heed.Time(n)
}

// together does a step for many people in one transaction: the turns, the messages that decide lets through for them and
// the pace commit together. If somebody among them cannot be decided about, they go one at a time, so that the others need
// not wait.
func (r *Runner) together(ctx context.Context, name string, step func(ctx context.Context, name string, limit int) (progress, error)) (progress, error) {
	p, err := step(ctx, name, r.limit())
	if err == nil || ctx.Err() != nil || db.Trouble(err) {
		return p, err
	}
	r.Log.Error("a broadcast could not reach some people together; going one by one", "broadcast", name, "error", err)
	for range r.limit() {
		p, err := step(ctx, name, 1)
		if err != nil && ctx.Err() == nil && !db.Trouble(err) {
			p, err = more, r.pass(ctx, name, err)
		}
		if err != nil || p != more {
			return p, err
		}
	}
	return more, nil
}

var errNothing = errors.New("broadcast: nothing to do")

// turns takes at most limit turns in one transaction.
func (r *Runner) turns(ctx context.Context, name string, limit int) (progress, error) {
	p := idle
	err := r.Engine.Process(ctx, nil, func(tx db.Tx, b *stream.Batch) error {
		p, b.Events = idle, nil
		x, err := lockRun(ctx, tx, name)
		if err != nil || x == nil || x.State != Sending {
			return errors.Join(err, errNothing)
		}
		plan, err := x.plan()
		if err != nil {
			return err
		}
		n := room(plan.every, x.paced, b.Now, limit)
		if n == 0 {
			p = paced
			return errNothing
		}
		people, err := standings(tx.Query(ctx, "broadcast.due", name, b.Now, n))
		if err != nil {
			return err
		}
		if len(people) == 0 {
			return r.finish(ctx, tx, x)
		}
		if people, err = r.postpone(ctx, tx, x, plan, people, b); err != nil {
			return err
		}
		for _, one := range people {
			e := &heed.Event{Type: heed.BroadcastTurn, Name: name, Person: one.person, Timestamp: b.Now, ReceivedAt: b.Now}
			if one.outcome == heed.Hold {
				e.Ref = messageID(name, x.BegunAt, one.person) // the ledger has heard of it
			}
			b.Events = append(b.Events, e)
		}
		x.Turned += int64(len(people))
		x.paced, x.Trouble = used(plan.every, x.paced, b.Now, len(people)), ""
		p = more
		return x.save(ctx, tx)
	})
	if errors.Is(err, errNothing) {
		err = nil
	}
	return p, err
}

// postpone puts off the turns of those for whom quiet hours would hold the message, to when those end: there they come at
// the broadcast's pace, which a message that decide holds does not know. It returns the others. Without a pace decide
// holds. Putting off is an event of the batch too, so that the ledger hears of it while the person is locked.
func (r *Runner) postpone(ctx context.Context, tx db.Tx, x *Run, p *plan, people []standing, b *stream.Batch) ([]standing, error) {
	if p.every <= 0 {
		return people, nil
	}
	rules, err := r.Gate.Rules(ctx, tx)
	if err != nil {
		return nil, err
	}
	ids := make([]heed.ID, len(people))
	for i := range people {
		ids[i] = people[i].person
	}
	docs, err := r.People.GetEach(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	there := people[:0]
	for i, id := range ids {
		var d heed.Decision
		if docs[i] != nil { // those held out too: the same time is measured for all
			d = rules.Judge(p.intent(id, messageID(x.Name, x.BegunAt, id), p.variant(id), x.ID, b.Now), docs[i], b.Now)
		}
		if d.Outcome == heed.Hold && d.Reason == quietHours && d.Until > b.Now {
			b.Events = append(b.Events, p.told(x, id, d, b.Now))
		} else {
			there = append(there, people[i])
		}
	}
	return there, nil
}

// finish ends a broadcast for which nobody waits any more.
func (r *Runner) finish(ctx context.Context, tx db.Tx, x *Run) error {
	var one int64
	err := tx.QueryRow(ctx, "broadcast.waiting", x.Name).Scan(&one)
	if !errors.Is(err, db.ErrNoRows) {
		return err // somebody's time comes later
	}
	x.State, x.EndedAt, x.Trouble = Done, r.Engine.Clock.Now(), ""
	r.Log.Info("a broadcast has come to everybody", "broadcast", x.Name, "people", x.Audience)
	return x.save(ctx, tx)
}

// pass skips the next person, about whom nothing can be decided. If their turn was put off, the ledger hears that it does
// not come.
func (r *Runner) pass(ctx context.Context, name string, why error) error {
	return r.DB.Write(ctx, func(tx db.Tx) error {
		x, err := lockRun(ctx, tx, name)
		if err != nil || x == nil {
			return err
		}
		now := r.Engine.Clock.Now()
		var people []standing
		if x.State == Stopping {
			people, err = standings(tx.Query(ctx, "broadcast.to_withdraw", name, x.after[:], 1))
		} else {
			people, err = standings(tx.Query(ctx, "broadcast.due", name, now, 1))
		}
		if err != nil || len(people) == 0 {
			return err
		}
		one, end := people[0], passed
		r.Log.Error("a broadcast passes over a person about whom nothing can be decided", "broadcast", name, "person", one.person, "error", why)
		switch {
		case x.State != Stopping:
			x.Turned++
			_, err = tx.Exec(ctx, "broadcast.turn", name, one.person, Skipped, "", now, heed.ID{}, Broken)
		case one.state == Waiting:
			x.after, end = one.person, stopped
			_, err = tx.Exec(ctx, "broadcast.withdrawn", name, one.person)
		default: // what is held for them stays held: it cannot go out either
			x.after = one.person
		}
		if err != nil {
			return err
		}
		if plan, _ := x.plan(); one.state == Waiting && one.outcome == heed.Hold && plan != nil && !plan.heldOut(one.person) {
			if err := r.Gate.Told(ctx, tx, plan.told(x, one.person, end, now).Intent, end, now); err != nil {
				return err
			}
		}
		return x.save(ctx, tx)
	})
}

// takeBack ends a broadcast that was stopped: nobody's turn comes any more, and what decide has held or reserved and no
// sender has in hand is withdrawn.
func (r *Runner) takeBack(ctx context.Context, name string, limit int) (progress, error) {
	p := idle
	err := r.Engine.Process(ctx, nil, func(tx db.Tx, b *stream.Batch) error {
		p, b.Events = idle, nil
		x, err := lockRun(ctx, tx, name)
		if err != nil || x == nil || x.State != Stopping {
			return errors.Join(err, errNothing)
		}
		if x.after.IsZero() {
			if _, err := tx.Exec(ctx, "broadcast.cancel_waiting", name); err != nil {
				return err
			}
		}
		people, err := standings(tx.Query(ctx, "broadcast.to_withdraw", name, x.after[:], limit))
		if err != nil {
			return err
		}
		plan, _ := x.plan() // one that cannot be understood has put off nobody
		for _, one := range people {
			e := &heed.Event{Type: heed.MessageWithdrawn, Name: name, Person: one.person, Ref: x.ID, Timestamp: b.Now, ReceivedAt: b.Now}
			if one.state == Waiting && plan != nil {
				e = plan.told(x, one.person, stopped, b.Now)
			}
			b.Events = append(b.Events, e)
		}
		if len(people) < limit {
			x.State, x.EndedAt = Stopped, b.Now
		} else {
			x.after, p = people[len(people)-1].person, more
		}
		return x.save(ctx, tx)
	})
	if errors.Is(err, errNothing) {
		err = nil
	}
	return p, err
}
