package journey

import (
	"context"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Earlier is what a person had gone through of one journey at a moment.
type Earlier struct {
	Past   map[string]heed.Ran // as in the person's document
	Inside []Stay              // in which they were then
}

// Stay is a run from the outside.
type Stay struct {
	ID      heed.ID
	Key     string
	Entered heed.Time
	Exited  heed.Time // 0: they are in it still
}

// EarlierOf tells of people, given as they are today, what they had gone through of a journey before a time; of whom there
// is nothing to tell, nothing. Runs are read in one statement: a thousand people are a good number. What retention has
// deleted of them is known from the documents: how often, and when it was last, but for those who have entered since.
func EarlierOf(ctx context.Context, q db.Querier, journey string, people []*heed.Person, before heed.Time) (map[heed.ID]Earlier, error) {
	out := map[heed.ID]Earlier{}
	ids := make([]heed.ID, 0, len(people))
	for _, p := range people {
		ids = append(ids, p.ID)
		for k, ran := range p.Past {
			if k == journey || strings.HasPrefix(k, journey+"/") {
				out[p.ID] = out[p.ID].with(k, ran.N, ran.Last)
			}
		}
	}
	type of struct {
		person heed.ID
		run    Stay
	}
	rows, err := q.Query(ctx, "journey.runs_of_people", db.JSON(ids), journey)
	runs, err := db.List(rows, err, func(r db.Row) (o of, err error) {
		err = r.Scan(&o.person, &o.run.ID, &o.run.Key, &o.run.Entered, &o.run.Exited)
		return o, err
	})
	if err != nil {
		return nil, err
	}
	for _, o := range runs { // from the documents goes what ended later
		if k := pastKey(journey, o.run.Key); o.run.Exited > before && out[o.person].Past[k].N > 0 {
			out[o.person] = out[o.person].with(k, -1, 0)
		}
	}
	known := map[heed.ID]Earlier{}
	for _, o := range runs {
		switch e := known[o.person]; {
		case o.run.Entered >= before:
		case o.run.Exited > 0 && o.run.Exited <= before:
			known[o.person] = e.with(pastKey(journey, o.run.Key), 1, o.run.Entered)
		default:
			e.Inside = append(e.Inside, o.run)
			known[o.person] = e
		}
	}
	for id, e := range out {
		there := known[id]
		for k, ran := range e.Past {
			if ran.N > there.Past[k].N { // the oldest rows are gone
				last := ran.Last
				if last >= before {
					last = 0
				}
				there = there.with(k, ran.N-there.Past[k].N, last)
			}
		}
		if there.Past != nil || there.Inside != nil {
			known[id] = there
		}
	}
	return known, nil
}

// with is e and n more runs, of which the last began then.
func (e Earlier) with(key string, n int, last heed.Time) Earlier {
	if e.Past == nil {
		e.Past = map[string]heed.Ran{}
	}
	ran := e.Past[key]
	e.Past[key] = heed.Ran{N: ran.N + n, Last: max(ran.Last, last)}
	return e
}
