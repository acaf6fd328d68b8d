package broadcast

import (
	"context"
	"errors"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
)

// States of an audience check.
const (
	CheckRunning = "running"
	CheckDone    = "done"
)

// Check is a look at who would get a broadcast.
type Check struct {
	Name    string
	Version int // of the document that was looked at
	State   string
	MadeAt  heed.Time
	MadeBy  string
	DoneAt  heed.Time
	People  int64 // looked at so far
	Trouble string

	body  heed.RawJSON
	after heed.ID
}

func scanCheck(r db.Row) (*Check, error) {
	c := &Check{}
	err := r.Scan(&c.Name, &c.Version, &c.body, &c.State, &c.MadeAt, &c.MadeBy, &c.DoneAt, &c.after, &c.People, &c.Trouble)
	return c, err
}

// check looks at the next stretch of the segment: it asks decide about each person at the moment at which their turn
// would come, and sends nothing.
func (r *Runner) check(ctx context.Context, name string) (progress, error) {
	p := idle
	err := r.DB.Write(ctx, func(tx db.Tx) error {
		p = idle
		c, err := scanCheck(tx.QueryRow(ctx, "broadcast.lock_check", name))
		if errors.Is(err, db.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		p = more
		return r.look(ctx, tx, c)
	})
	return p, err
}

func (r *Runner) look(ctx context.Context, tx db.Tx, c *Check) error {
	now := r.Engine.Clock.Now()
	p, errs := compile(spec.Spec{Kind: spec.Broadcast, Name: c.Name, Body: c.body}, nil)
	if err := errors.Join(errs...); err != nil {
		return err
	}
	rules, err := r.Gate.Rules(ctx, tx)
	if err != nil {
		return err
	}
	people, err := r.Segments.Members(ctx, tx, p.segment, c.after, r.limit())
	if err != nil {
		return err
	}
	docs, err := r.People.GetEach(ctx, tx, people)
	if err != nil {
		return err
	}
	var found []Checked
	for _, doc := range docs {
		if doc != nil {
			found = append(found, p.judge(doc, rules, p.begins(now)))
		}
	}
	err = tx.ExecEach(ctx, "broadcast.add_checked", len(found), func(i int) []any {
		f := &found[i]
		return []any{c.Name, f.Person, f.Variant, f.Due, string(f.Outcome), f.Reason, f.Rule, f.Text, f.Until}
	})
	if err != nil {
		return err
	}
	c.People += int64(len(found))
	if len(people) < r.limit() {
		c.State, c.DoneAt, c.Trouble = CheckDone, now, ""
		live, err := r.Segments.Live(ctx, tx, p.segment)
		if err != nil {
			return err
		}
		if !live {
			c.Trouble = "The segment is being built: more people may come in. Check again when it is complete."
		}
	} else {
		c.after = people[len(people)-1]
	}
	_, err = tx.Exec(ctx, "broadcast.set_check", c.Name, c.State, c.DoneAt, c.after, c.People, c.Trouble)
	return err
}

// Checked is what a broadcast would mean for one person.
type Checked struct {
	Person  heed.ID
	Variant string
	Due     heed.Time // when their turn would come; 0 when nobody knows
	Outcome heed.Outcome
	Reason  string
	Rule    string
	Text    string
	Until   heed.Time
}

func (p *plan) judge(doc *heed.Person, rules Rules, begins heed.Time) Checked {
	v := p.variant(doc.ID)
	c := Checked{Person: doc.ID, Variant: v.Name, Outcome: heed.Drop}
	due, known := p.due(rules.Zone(doc), begins)
	switch {
	case !known:
		c.Reason, c.Text = NoZone, "skipped: nobody knows what time it is where they are"
	case p.heldOut(doc.ID):
		c.Due, c.Reason, c.Text = due, Holdout, "held out, to measure what the message does for the others"
	default:
		d := rules.Judge(p.intent(doc.ID, heed.ID{}, v, heed.ID{}, due), doc, due)
		c.Due, c.Outcome, c.Reason, c.Rule, c.Text, c.Until = due, d.Outcome, d.Reason, d.Rule, d.Text, d.Until
	}
	return c
}
