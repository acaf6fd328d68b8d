package segment_test

import (
	"maps"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/segment"
)

// One row a day, the latest count of it; what is not live yet has none.
func TestSizes(t *testing.T) {
	testx.Each(t, queries(), func(t *testing.T, d db.DB) {
		w := newWorld(t, d)
		w.segment("buyers", `did "A"`, false)
		w.build()
		note := func() {
			w.must(d.Write(t.Context(), func(tx db.Tx) error { return segment.NoteSizes(t.Context(), tx, w.clock.Now()) }))
		}
		note()
		w.happens(0, "ada", "does A")
		w.happens(0, "ben", "does A")
		note()
		w.clock.Advance(24 * time.Hour)
		w.happens(0, "cat", "does A")
		w.segment("waiting", `did "B"`, false)
		note()
		w.must(d.Read(t.Context(), func(q db.Querier) error {
			got, err := segment.Sizes(t.Context(), q, "buyers", 0)
			if err != nil {
				return err
			}
			today := heed.At(w.clock.Now().Std().Truncate(24 * time.Hour))
			if len(got) != 2 || got[0] != (segment.Size{Day: today.Add(-24 * time.Hour), People: 2}) || got[1] != (segment.Size{Day: today, People: 3}) {
				t.Errorf("sizes: %v", got)
			}
			if got, _ = segment.Sizes(t.Context(), q, "waiting", 0); len(got) > 0 {
				t.Errorf("a segment that is still built has sizes: %v", got)
			}
			got, err = segment.Sizes(t.Context(), q, "buyers", today)
			if len(got) != 1 {
				t.Errorf("since today: %v", got)
			}
			return err
		}))
	})
}

// Everybody is counted once, in the combination that is theirs.
func TestOverlap(t *testing.T) {
	testx.Each(t, queries(), func(t *testing.T, d db.DB) {
		w := newWorld(t, d)
		for _, name := range []string{"A", "B", "C"} {
			w.segment("did-"+name, `did "`+name+`"`, false)
		}
		w.build()
		for who, what := range map[string]string{"ada": "A", "ben": "AB", "cat": "AB", "dan": "ABC", "eve": "C"} {
			for _, event := range what {
				w.happens(0, who, "does "+string(event))
			}
		}
		got, err := segment.Overlap(t.Context(), d, []string{"did-A", "did-B", "did-C"}, time.Minute)
		w.must(err)
		if want := map[int]int64{1: 1, 3: 2, 7: 1, 4: 1}; !maps.Equal(got.People, want) || got.Asked != 0 {
			t.Errorf("got %+v, want %v", got, want)
		}
	})
}
