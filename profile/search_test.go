package profile

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// found are the first names of those whom a search finds, in its order.
func (b *bench) found(text string) string {
	b.t.Helper()
	var names []string
	err := b.d.Read(context.Background(), func(q db.Querier) error {
		list, err := b.store.Search(context.Background(), q, text, 10)
		for _, p := range list {
			names = append(names, strings.Trim(string(p.Traits["first_name"].Value), `"`))
		}
		return err
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return strings.Join(names, " ")
}

func (b *bench) rows(kind string) (n int) {
	b.t.Helper()
	err := b.d.Read(context.Background(), func(q db.Querier) error {
		rows, err := q.QuerySQL(context.Background(), "SELECT count(*) FROM person_search WHERE kind = $1", kind)
		if err != nil {
			return err
		}
		defer rows.Close()
		rows.Next()
		return rows.Scan(&n)
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return n
}

func TestPeopleAreFoundByHowTheyBegin(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.process(
			of("a", ev(heed.Identify, 1, "", `{"first_name":"Ana","last_name":"Silva Gonçalves","email":"Ana.Silva@Example.org","phone":"+351 912-345-678"}`)),
			of("b", ev(heed.Identify, 2, "", `{"first_name":"Anabel","last_name":"Silver","email":"bel@example.org"}`)),
			of("c", ev(heed.Identify, 3, "", `{"first_name":"Carl","name":"Carl O'Neill","phone":"004915112345678","plan":"ana"}`)),
			of("c", ev(heed.Track, 4, "Order Completed", `{"order_id":"INV-1742"}`)),
			of("b", ev(heed.Track, 5, "Order Completed", `{"order_id":1742}`)),
		)
		for text, want := range map[string]string{
			"ana": "Ana Anabel", "ANAB": "Anabel", "silva g": "Ana", "ana silv": "Anabel Ana", "goncal": "Ana", "ana.silva@": "Ana", "bel@": "Anabel",
			"+351 912": "Ana", "912345": "Ana", "0151 1234": "Carl", "00351912": "Ana", "o'neill": "Carl", "inv-17": "Carl", "1742": "Anabel",
			"silva goncalves ana": "Ana", "silva goncalves anabel": "", "nobody": "", "": "", "   ": "", "example.org": "", "%": "", "_na": "",
			"\U0010FFFF": "", strings.Repeat("x", 500): "",
		} {
			if got := b.found(text); got != want {
				t.Errorf("%q finds %q, want %q", text, got, want)
			}
		}
		b.process(of("a", ev(heed.Identify, 9, "", `{"first_name":"Maria","email":null}`)))
		for text, want := range map[string]string{"ana": "Anabel", "ana.silva@": "", "maria": "Maria", "silva": "Maria"} {
			if got := b.found(text); got != want {
				t.Errorf("after a change %q finds %q, want %q", text, got, want)
			}
		}
		before := b.rows("n")
		b.process(of("a", ev(heed.Identify, 10, "", `{"first_name":"Maria"}`)), of("a", ev(heed.Identify, 8, "", `{"first_name":"Old"}`)))
		if got := b.rows("n"); got != before || b.found("old") != "" {
			t.Errorf("%d rows, were %d; old news: %q", got, before, b.found("old"))
		}
	})
}

// TestTheRarestWordLeads: what fits nearly everybody is asked only of those whom a rarer word fits.
func TestTheRarestWordLeads(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.process(
			of("a", ev(heed.Identify, 1, "", `{"first_name":"Ana","last_name":"Customers 777"}`)),
			of("b", ev(heed.Identify, 2, "", `{"first_name":"Bea","last_name":"Customers 778"}`)),
		)
		err := b.d.Write(t.Context(), func(tx db.Tx) error {
			return tx.ExecEach(t.Context(), "profile.put_name", maxLooked+1, func(i int) []any {
				return []any{"customer", heed.MakeID(0, [10]byte{7: byte(i), 8: byte(i >> 8), 9: byte(i >> 16)})}
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"customer 777", "777 customer", "customer.777"} {
			if got := b.found(text); got != "Ana" {
				t.Errorf("%q finds %q", text, got)
			}
		}
	})
}

func TestTheSearchFollowsMergesSplitsAndErasures(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.process(
			of("a", ev(heed.Identify, 1, "", `{"first_name":"Ana","email":"ana@example.org"}`)), of("a", ev(heed.Track, 2, "Order Completed", `{"order_id":"A1"}`)),
			of("b", ev(heed.Identify, 3, "", `{"first_name":"Bea","phone":"+49151222333"}`)), of("b", ev(heed.Track, 4, "Order Completed", `{"order_id":"B1"}`)))
		b.process(&heed.Event{Type: heed.PeopleMerged, Person: person("a"), Loser: person("b"), Timestamp: sec(5), ReceivedAt: sec(5)})
		for _, text := range []string{"ana@", "49151", "a1", "b1", "bea"} {
			if got := b.found(text); got != "Bea" {
				t.Errorf("merged: %q finds %q", text, got)
			}
		}
		b.process(&heed.Event{Type: heed.SplitPerson, Person: person("a"), Loser: person("b"), Timestamp: sec(6), ReceivedAt: sec(6)})
		for text, want := range map[string]string{"ana@": "Ana", "49151": "Bea", "a1": "Ana", "b1": "Bea", "bea": "Bea", "ana": "Ana"} {
			if got := b.found(text); got != want {
				t.Errorf("split: %q finds %q, want %q", text, got, want)
			}
		}
		// An order and a merge in one batch.
		b.process(of("b", ev(heed.Track, 7, "Order Completed", `{"order_id":"B2"}`)),
			&heed.Event{Type: heed.PeopleMerged, Person: person("a"), Loser: person("b"), Timestamp: sec(8), ReceivedAt: sec(8)})
		if b.found("b2") != "Bea" || b.found("b1") != "Bea" {
			t.Errorf("an order beside a merge: %q %q", b.found("b2"), b.found("b1"))
		}
		b.process(&heed.Event{Type: heed.PersonErased, Person: person("a")})
		if n := b.rows("n") + b.rows("o"); n != 0 {
			t.Errorf("%d rows are left of who was erased", n)
		}
	})
}

func TestOnlyTheLatestOrdersAreKeptForTheSearch(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.process(of("a", ev(heed.Identify, 1, "", `{"first_name":"Ana"}`)))
		for batch := range 4 {
			var list []*heed.Event
			for i := range 25 {
				n := batch*25 + i
				list = append(list, of("a", ev(heed.Track, 10+n, "Order Completed", fmt.Sprintf(`{"order_id":"order-%03d"}`, n))))
			}
			b.process(slices.Concat(list, list)...) // lines of the same orders
		}
		if n := b.rows("o"); n != recentOrders {
			t.Errorf("%d orders are kept, want %d", n, recentOrders)
		}
		if b.found("order-099") != "Ana" || b.found("order-001") != "" {
			t.Errorf("found %q and %q", b.found("order-099"), b.found("order-001"))
		}
	})
}
