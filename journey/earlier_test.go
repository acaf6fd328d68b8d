package journey_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/journey"
)

// What people had gone through before a moment is told by the rows of their runs, and of what is not there any more by
// their documents.
func TestEarlier(t *testing.T) {
	const before = 1000
	type run struct {
		key             string
		entered, exited heed.Time
		reason          string
	}
	testx.Each(t, []string{journey.Queries}, func(t *testing.T, d db.DB) {
		n := 0
		for i, c := range []struct {
			name string
			runs []run
			past map[string]heed.Ran
			want string
		}{
			{"nothing", nil, nil, ""},
			{"two that have ended", []run{{"", 10, 20, "done"}, {"", 100, 200, "exit"}}, map[string]heed.Ran{"thanks": {N: 2, Last: 100}}, "thanks 2 100"},
			{"one that has ended, and one inside", []run{{"", 10, 20, "done"}, {"", 900, 0, ""}}, map[string]heed.Ran{"thanks": {N: 1, Last: 10}}, "thanks 1 10, inside  900-0"},
			{"one that ended since", []run{{"", 900, 1100, "done"}}, map[string]heed.Ran{"thanks": {N: 1, Last: 900}}, "inside  900-1100"},
			{"one that came and ended since", []run{{"", 1050, 1100, "done"}}, map[string]heed.Ran{"thanks": {N: 1, Last: 1050}}, ""},
			{"one that came since", []run{{"", 1050, 0, ""}}, nil, ""},
			{"rows that are gone", nil, map[string]heed.Ran{"thanks": {N: 3, Last: 50}, "thankyou": {N: 1, Last: 60}}, "thanks 3 50"},
			{"rows that are gone, and one since", []run{{"", 1050, 1100, "done"}}, map[string]heed.Ran{"thanks": {N: 3, Last: 1050}}, "thanks 2 0"},
			{"rows that are gone, and one that is not", []run{{"", 500, 600, "done"}}, map[string]heed.Ran{"thanks": {N: 3, Last: 500}}, "thanks 3 500"},
			{"by key, of which a document keeps none", []run{{"a", 10, 20, "done"}, {"b", 30, 0, ""}, {"a", 40, 50, "done"}}, nil, "thanks/a 2 40, inside b 30-0"},
			{"by key, rows that are gone", nil, map[string]heed.Ran{"thanks/a": {N: 1, Last: 5}}, "thanks/a 1 5"},
			{"what became one with another", []run{{"", 10, 20, "merged"}}, nil, ""},
		} {
			who := heed.MakeID(heed.Time(i+1)*1000, [10]byte{1})
			for _, r := range c.runs {
				n++
				id := heed.MakeID(heed.Time(n)*1000, [10]byte{2})
				for _, name := range []string{"thanks", "other"} {
					id[15]++
					if err := d.Write(t.Context(), func(tx db.Tx) error {
						_, err := tx.Exec(t.Context(), "journey.put_run", id, name, 1, who, r.key, "wait", "active", r.entered, r.entered, 0, r.exited, r.reason, 0, 1)
						return err
					}); err != nil {
						t.Fatal(err)
					}
				}
			}
			var all map[heed.ID]journey.Earlier
			if err := d.Read(t.Context(), func(q db.Querier) (err error) {
				all, err = journey.EarlierOf(t.Context(), q, "thanks", []*heed.Person{{ID: who, Past: c.past}, {ID: heed.ID{1}}}, before)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			var got []string
			for k, ran := range all[who].Past {
				got = append(got, fmt.Sprintf("%s %d %d", k, ran.N, ran.Last))
			}
			slices.Sort(got)
			for _, s := range all[who].Inside {
				got = append(got, fmt.Sprintf("inside %s %d-%d", s.Key, s.Entered, s.Exited))
			}
			if text := strings.Join(got, ", "); text != c.want || text == "" && len(all) > 0 {
				t.Errorf("%s: got %q, want %q", c.name, text, c.want)
			}
		}
	})
}
