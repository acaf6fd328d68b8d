package stream

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/testx"
)

func TestSeenKnowsExactlyWhatTheWorkerRemembers(t *testing.T) {
	testx.Each(t, []string{Queries}, func(t *testing.T, store db.DB) {
		now := heed.At(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
		d := newDedup(0)
		d.limit = 50
		rnd := rand.New(rand.NewPCG(3, 4))
		beside := NewSeen(0) // follows all the time
		for round := range 45 {
			now = now.Add(3 * time.Hour)
			var ids []string
			for range 1 + rnd.IntN(30) {
				ids = append(ids, fmt.Sprint(rnd.IntN(600)))
			}
			pass(t, store, d, now, withIDs(ids...))
			if d.frozen != nil {
				<-d.frozen.done
			}
			if round%4 != 0 {
				continue
			}
			var asked []string
			for i := range 600 {
				asked = append(asked, fmt.Sprint(i))
			}
			remembered := remembers(t, store, d, asked)
			for name, s := range map[string]*Seen{"following": beside, "new": NewSeen(0)} {
				var got, other []bool
				err := store.Read(context.Background(), func(q db.Querier) (err error) {
					if got, err = s.Ask(context.Background(), q, "web", asked); err == nil {
						other, err = s.Ask(context.Background(), q, "app", asked)
					}
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				for i, id := range asked {
					if other[i] || got[i] != remembered[id] {
						t.Fatalf("round %d, %s: %s is seen %v (of another source %v), the worker remembers it: %v", round, name, id, got[i], other[i], remembered[id])
					}
				}
			}
		}
	})
}

// remembers is what the worker itself would drop.
func remembers(t *testing.T, store db.DB, d *dedup, ids []string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	err := store.Read(context.Background(), func(q db.Querier) error {
		hashes := make([]hash, len(ids))
		for i, id := range ids {
			hashes[i] = hashOf("web", id)
		}
		for i, h := range hashes {
			_, open := d.open[h]
			frozen := false
			if d.frozen != nil {
				_, frozen = d.frozen.ids[h]
			}
			out[ids[i]] = open || frozen
		}
		for _, b := range d.sealed {
			for i, h := range hashes {
				var shard []byte
				if err := q.QueryRow(context.Background(), "dedup.run", d.part, b.number, int64(h[0])).Scan(&shard); err != nil && err != db.ErrNoRows {
					return err
				}
				out[ids[i]] = out[ids[i]] || contains(shard, h)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
