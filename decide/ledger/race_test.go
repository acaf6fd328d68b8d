package ledger_test

import (
	"context"
	"sync"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
)

// checkAThousandRacersOnACap: exactly as many messages as the cap allows, however many want to go at once.
func checkAThousandRacersOnACap(t *testing.T, r *rig) { race(t, r, r) }

// TestTwoEnginesRaceOnACap: the same with two programs on one PostgreSQL.
func TestTwoEnginesRaceOnACap(t *testing.T) {
	url := testx.NewPostgres(t)
	c := clock.NewVirtual(noon)
	var rigs []*rig
	for _, owner := range []string{"one", "two"} {
		d, err := db.Open(context.Background(), url, db.Options{Queries: append(queries(), spec.Queries)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = d.Close() })
		r := newRig(t, d, c)
		r.restart(owner)
		rigs = append(rigs, r)
	}
	race(t, rigs...)
}

func race(t *testing.T, rigs ...*rig) {
	const candidates, allowed, each = 1000, 7, 10
	r := rigs[0]
	r.basics(map[string]string{"cap seven": `{"max":7,"per":"7d"}`})
	p := ana(1)
	r.put(p)
	var wg sync.WaitGroup
	next := make(chan int)
	for i := range 8 {
		wg.Go(func() {
			for from := range next {
				var events []*heed.Event
				for n := from; n < from+each; n++ {
					events = append(events, wanted(p.ID, 0, "email", "orders", func(in *heed.Intent) { in.ID = heed.ID{0xcc, byte(n >> 8), byte(n)} }))
				}
				if err := rigs[i%len(rigs)].eng.Process(context.Background(), events, nil); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for n := 0; n < candidates; n += each {
		next <- n
	}
	close(next)
	wg.Wait()
	if c := len(r.person(p.ID).Contacts); c != allowed {
		t.Errorf("%d contacts, want %d", c, allowed)
	}
	counts, err := r.led.Counts(context.Background(), noon)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for _, c := range counts {
		got[c.Reason] += c.N
	}
	if got[decide.OK] != allowed || got[decide.Cap] != candidates-allowed {
		t.Errorf("decided %v", got)
	}
	// All senders together claim what was reserved, each message once.
	var mu sync.Mutex
	seen := map[heed.ID]int{}
	for i := range 6 {
		wg.Go(func() {
			got, err := rigs[i%len(rigs)].led.Claim(context.Background(), "email", 3)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, m := range got {
				seen[m.Message.ID]++
			}
		})
	}
	wg.Wait()
	if len(seen) != allowed {
		t.Errorf("claimed %v", seen)
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s was claimed %d times", id, n)
		}
	}
}

// checkClaimsAndWithdrawalsDoNotCross: a message is either claimed or taken back, never both, and nothing deadlocks.
func checkClaimsAndWithdrawalsDoNotCross(t *testing.T, r *rig) {
	r.basics(nil)
	const n = 200
	var all []*heed.Event
	for i := range n {
		p := ana(0)
		p.ID = heed.ID{1, byte(i)}
		p.Runs = []heed.Run{{ID: heed.ID{2, byte(i)}}}
		r.put(p)
		all = append(all, wanted(p.ID, 0, "email", "orders", func(in *heed.Intent) { in.ID, in.Run = heed.ID{3, byte(i)}, heed.ID{2, byte(i)} }))
	}
	r.process(all...)
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := n - 1; i >= 0; i-- {
			e := &heed.Event{Type: heed.MessageWithdrawn, Person: heed.ID{1, byte(i)}, Ref: heed.ID{2, byte(i)}}
			if err := r.eng.Process(context.Background(), []*heed.Event{e}, nil); err != nil {
				t.Error(err)
			}
		}
	})
	claimed := map[heed.ID]bool{}
	for range n / 4 {
		got, err := r.led.Claim(context.Background(), "email", 5)
		if err != nil {
			t.Error(err)
		}
		for _, m := range got {
			claimed[m.Message.ID] = true
		}
	}
	wg.Wait()
	ms, err := r.led.Messages(context.Background(), ledger.Filter{Limit: 500})
	if err != nil || len(ms) != n {
		t.Fatal(len(ms), err)
	}
	for _, m := range ms {
		contacts := len(r.person(m.Person).Contacts)
		switch {
		case m.State == heed.MessageSending && claimed[m.ID] && contacts == 1:
		case m.State == heed.MessageCanceled && !claimed[m.ID] && contacts == 0:
		default:
			t.Errorf("%s: %s, claimed %v, %d contacts", m.ID, m.State, claimed[m.ID], contacts)
		}
	}
}
