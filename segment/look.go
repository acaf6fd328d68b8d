package segment

import (
	"cmp"
	"context"
	"strconv"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Look looks for people step by step, so that one answer never has to look at everybody: a rule may hold for three of a
// million.
type Look struct {
	Those  Those
	Now    heed.Time
	After  heed.ID     // looks at those behind this id
	Limit  int         // finds at most so many
	Step   int         // looks at so many people at a time; 0 takes 4,000
	Of     int64       // among how many the whole look is, where that is known; 0 counts them
	Enough func() bool // asked after each step: whether to leave it at that
}

// Found is what a look brought.
type Found struct {
	People []heed.ID // by id
	Next   heed.ID   // look on after this one; zero when nobody is left to look at
	Looked int64     // how many people were looked at; 0 where nobody is who does not fit
	Of     int64     // among how many the whole look is: the segment's, or the stage's, or all
}

// step is how many people are looked at between two questions whether that is enough: some 50 ms.
const step = 4_000

// People looks. Errors: those of the function People.
func (l Look) People(ctx context.Context, q db.Querier) (Found, error) {
	out := Found{Next: l.After}
	limit := max(1, min(l.Limit, MaxPage))
	for {
		end, err := l.end(ctx, q, out.Next)
		if err != nil {
			return out, err
		}
		ids, err := within(ctx, q, l.Those, l.Now, out.Next, end, limit-len(out.People))
		if err != nil {
			return out, err
		}
		out.People = append(out.People, ids...)
		full := len(out.People) == limit
		if out.Next = end; full {
			out.Next = ids[len(ids)-1]
		}
		if full || end.IsZero() || l.Enough() {
			if l.Those.Narrow() {
				err = l.count(ctx, q, &out)
			}
			return out, err
		}
	}
}

// among selects the people who are looked at: the smallest list that the database has in the order of ids.
func (t Those) among() (from, id string, args []any) {
	switch {
	case t.Segment != "":
		return "segment_member WHERE segment = $1 AND ", "person", []any{t.Segment}
	case t.Stage != "":
		return "person WHERE stage = $1 AND ", "id", []any{t.Stage}
	}
	return "person WHERE $1 = '' AND ", "id", []any{""}
}

// end is the last person of the step after the given one; zero when the step reaches the end.
func (l Look) end(ctx context.Context, q db.Querier, after heed.ID) (heed.ID, error) {
	from, id, args := l.Those.among()
	ids, err := db.IDs(q.QuerySQL(ctx, "SELECT "+id+" FROM "+from+id+" > $2 ORDER BY "+id+" LIMIT 1 OFFSET "+strconv.Itoa(cmp.Or(l.Step, step)-1), append(args, after[:])...))
	if err != nil || len(ids) == 0 {
		return heed.ID{}, err
	}
	return ids[0], nil
}

// count says how many people were looked at, and among how many.
func (l Look) count(ctx context.Context, q db.Querier, out *Found) error {
	from, id, args := l.Those.among()
	until := out.Next
	if until.IsZero() {
		until = last
	}
	of := "(SELECT COUNT(*) FROM " + from + "TRUE)"
	if l.Of > 0 {
		of = strconv.FormatInt(l.Of, 10)
	}
	return one(q.QuerySQL(ctx, "SELECT (SELECT COUNT(*) FROM "+from+id+" > $2 AND "+id+" <= $3), "+of, append(args, l.After[:], until[:])...))(&out.Looked, &out.Of)
}

// last is behind every id.
var last = heed.ID{255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}

// one scans the only row of an answer.
func one(rows db.Rows, err error) func(into ...any) error {
	return func(into ...any) error {
		if err != nil {
			return err
		}
		defer rows.Close()
		if rows.Next() {
			if err := rows.Scan(into...); err != nil {
				return err
			}
		}
		return rows.Err()
	}
}

// Narrow says whether finding those people may take a look at many others.
func (t Those) Narrow() bool { return t.Rule != nil || t.Segment != "" && t.Stage != "" }
