package identity_test

import (
	"context"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/identity"
	"github.com/heedcx/heed/internal/testx"
)

// TestChanges follows the feed as the history store does and ends with the same map as the graph.
func TestChanges(t *testing.T) {
	testx.Each(t, queries(), func(t *testing.T, d db.DB) {
		s, ctx := newScript(t, d), context.Background()
		owner, erased := map[heed.ID]heed.ID{}, map[heed.ID]heed.Time{}
		var at identity.Cursor
		once := func() (n int) {
			t.Helper()
			err := d.Read(ctx, func(q db.Querier) error {
				for {
					changes, next, err := identity.Changes(ctx, q, at, 2)
					if err != nil || len(changes) == 0 {
						return err
					}
					n += len(changes)
					at = next
					for _, c := range changes {
						if c.Erased > 0 {
							erased[c.Key] = c.Erased
						}
						owner[c.Key] = c.Person
					}
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		// On PostgreSQL the feed waits for every transaction of the server that began before, also those of other tests.
		follow := func(atLeast int) (n int) {
			t.Helper()
			for try := 0; try < 6000 && (try == 0 || n < atLeast); try++ {
				if try > 0 {
					<-time.After(10 * time.Millisecond)
				}
				n += once()
			}
			return n
		}
		steps := func(lines ...string) {
			t.Helper()
			for _, l := range lines {
				if err := s.step(l); err != nil {
					t.Fatalf("%s: %v", l, err)
				}
			}
		}
		key := func(ns, v string) heed.ID { return heed.Identifier{Namespace: ns, Value: v}.Hash() }
		steps("public page anon=A1", "public identify user=U1 anon=A1", "identify user=U2 anon=A2")
		if n := follow(4); n != 4 {
			t.Errorf("%d changes, want 4", n)
		}
		gone := owner[key(heed.UserID, "U2")]
		steps("merge user=U1 user_id=U2", "one user:U1 user:U2")
		follow(2)
		now := owner[key(heed.UserID, "U1")]
		if owner[key(heed.AnonymousID, "A2")] != now || now.IsZero() {
			t.Errorf("after the merge A2 is %v's, U1 %v's", owner[key(heed.AnonymousID, "A2")], now)
		}
		if gone == now {
			gone = owner[key(heed.UserID, "U1")]
		}
		err := d.Read(ctx, func(q db.Querier) error {
			former, err := identity.Former(ctx, q, now)
			if err != nil || len(former) != 1 {
				t.Errorf("former %v, %v", former, err)
				return err
			}
			who, err := identity.Resolve(ctx, q, former[0])
			if who != now {
				t.Errorf("%s is now %s, want %s", former[0], who, now)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := follow(0); n != 0 {
			t.Errorf("%d changes came twice", n)
		}
		err = d.Write(ctx, func(tx db.Tx) error { return identity.PruneChanges(ctx, tx, at.N) })
		if err != nil {
			t.Fatal(err)
		}
		steps("erase user=U1", "public page anon=A1")
		follow(5)
		if erased[key(heed.UserID, "U1")] == 0 || erased[key(heed.AnonymousID, "A1")] == 0 || !owner[key(heed.UserID, "U1")].IsZero() {
			t.Errorf("the erasure is not in the feed: %v %v", erased, owner)
		}
		if back := owner[key(heed.AnonymousID, "A1")]; back.IsZero() || back == now || back == gone {
			t.Errorf("the cookie that came back is %v's", back)
		}
	})
}

func TestReviewsAreClosed(t *testing.T) {
	testx.Each(t, queries(), func(t *testing.T, d db.DB) {
		s, ctx := newScript(t, d), context.Background()
		for _, l := range []string{"identify user=U1 email=a@example.com", "identify user=U2 email=a@example.com", "reviews 1"} {
			if err := s.step(l); err != nil {
				t.Fatalf("%s: %v", l, err)
			}
		}
		err := d.Write(ctx, func(tx db.Tx) error {
			items, err := identity.Reviews(ctx, tx, "open", 10)
			if err != nil {
				return err
			}
			if len(items) != 1 || len(items[0].Others) != 1 || items[0].Others[0] == items[0].Person {
				t.Errorf("the item does not name both: %+v", items)
			}
			if err := identity.CloseReview(ctx, tx, items[0].ID, "rui", start); err != nil {
				return err
			}
			if err := identity.CloseReview(ctx, tx, heed.NewID(1), "rui", start); heed.CodeOf(err) != heed.NotFound {
				t.Errorf("closing what is not there: %v", err)
			}
			if err := identity.OpenReview(ctx, tx, items[0].ID); err != nil {
				return err
			}
			if open, err := identity.Reviews(ctx, tx, "open", 10); err != nil || len(open) != 1 || open[0].ClosedBy != "" {
				t.Errorf("an item that is open again: %+v, %v", open, err)
			}
			return identity.CloseReview(ctx, tx, items[0].ID, "rui", start)
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range []string{"reviews 0", "identify user=U2 email=a@example.com", "reviews 0"} {
			if err := s.step(l); err != nil {
				t.Errorf("%s: %v", l, err)
			}
		}
	})
}
