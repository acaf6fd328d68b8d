package broadcast

import (
	"context"
	"errors"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Runs lists the broadcasts that were started, the latest first.
func Runs(ctx context.Context, q db.Querier) ([]*Run, error) {
	return all(scanRun)(q.Query(ctx, "broadcast.runs"))
}

// Find returns a broadcast that was started; nil when it was not.
func Find(ctx context.Context, q db.Querier, name string) (*Run, error) {
	return maybe(scanRun(q.QueryRow(ctx, "broadcast.run", name)))
}

// FindCheck returns the latest audience check of a broadcast; nil when there is none.
func FindCheck(ctx context.Context, q db.Querier, name string) (*Check, error) {
	return maybe(scanCheck(q.QueryRow(ctx, "broadcast.check", name)))
}

// Result counts the people of one variant, state and outcome.
type Result struct {
	Variant, State, Outcome                                                         string
	People, Sent, Delivered, Opened, Clicked, Bounced, Failed, OptedOut, Complained int64
}

// Results counts what a broadcast has come to.
func Results(ctx context.Context, q db.Querier, name string) ([]Result, error) {
	return all(func(r db.Row) (Result, error) {
		var x Result
		err := r.Scan(&x.Variant, &x.State, &x.Outcome, &x.People, &x.Sent, &x.Delivered, &x.Opened, &x.Clicked, &x.Bounced, &x.Failed, &x.OptedOut, &x.Complained)
		return x, err
	})(q.Query(ctx, "broadcast.results", name))
}

// Reason counts the people for whom one thing was decided.
type Reason struct {
	State, Variant, Outcome, Reason, Rule string

	People   int64
	From, To heed.Time // of an audience check: when their turns would come
}

// Reasons counts why people got nothing, or not yet, the most frequent first.
func Reasons(ctx context.Context, q db.Querier, name string) ([]Reason, error) {
	return all(func(r db.Row) (Reason, error) {
		var x Reason
		err := r.Scan(&x.State, &x.Outcome, &x.Reason, &x.Rule, &x.People)
		return x, err
	})(q.Query(ctx, "broadcast.reasons", name))
}

// CheckedReasons counts what an audience check has found, the most frequent first.
func CheckedReasons(ctx context.Context, q db.Querier, name string) ([]Reason, error) {
	return all(func(r db.Row) (Reason, error) {
		var x Reason
		err := r.Scan(&x.Variant, &x.Outcome, &x.Reason, &x.Rule, &x.People, &x.From, &x.To)
		return x, err
	})(q.Query(ctx, "broadcast.checked_reasons", name))
}

// Person is one person in a broadcast, with what has become of it for them.
type Person struct {
	Checked
	State   string
	Turn    heed.Time
	Message heed.ID

	Sent, Delivered, Opened, Clicked, Bounced, Failed, OptedOut, Complained heed.Time
}

// Filter selects people of a broadcast. What is empty does not narrow it.
type Filter struct {
	State, Outcome, Reason, Rule, Variant string

	After heed.ID
	Limit int
}

// MaxPage bounds one page of people.
const MaxPage = 1000

func (f *Filter) limit() int { return max(1, min(f.Limit, MaxPage)) }

// PeopleOf lists the people of a broadcast by id.
func PeopleOf(ctx context.Context, q db.Querier, name string, f Filter) ([]Person, error) {
	return all(func(r db.Row) (Person, error) {
		var x Person
		var outcome string
		err := r.Scan(&x.Person, &x.Due, &x.State, &x.Variant, &x.Turn, &x.Message, &outcome, &x.Reason, &x.Rule, &x.Text, &x.Until,
			&x.Sent, &x.Delivered, &x.Opened, &x.Clicked, &x.Bounced, &x.Failed, &x.OptedOut, &x.Complained)
		x.Outcome = heed.Outcome(outcome)
		return x, err
	})(q.Query(ctx, "broadcast.people", name, f.After[:], f.State, f.Outcome, f.Reason, f.Variant, f.limit()))
}

// CheckedPeople lists the people of an audience check by id.
func CheckedPeople(ctx context.Context, q db.Querier, name string, f Filter) ([]Checked, error) {
	return all(func(r db.Row) (Checked, error) {
		var x Checked
		var outcome string
		err := r.Scan(&x.Person, &x.Variant, &x.Due, &outcome, &x.Reason, &x.Rule, &x.Text, &x.Until)
		x.Outcome = heed.Outcome(outcome)
		return x, err
	})(q.Query(ctx, "broadcast.checked_people", name, f.After[:], f.Outcome, f.Reason, f.Rule, f.Variant, f.limit()))
}

// maybe is what a query for one thing found, nil when nothing.
func maybe[T any](x *T, err error) (*T, error) {
	if errors.Is(err, db.ErrNoRows) {
		return nil, nil
	}
	return x, err
}

// all reads a whole result.
func all[T any](scan func(db.Row) (T, error)) func(db.Rows, error) ([]T, error) {
	return func(rows db.Rows, err error) ([]T, error) {
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		var out []T
		for rows.Next() {
			x, err := scan(rows)
			if err != nil {
				return nil, err
			}
			out = append(out, x)
		}
		return out, rows.Err()
	}
}
