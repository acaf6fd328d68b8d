package rule_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/rule"
)

// benchRules are 25 rules as a brand has them, 10 of them over time windows.
func benchRules(t testing.TB) []*rule.Rule {
	texts := []string{
		`did "Order Completed" at least 3 times within 90d where properties.revenue > 50 and not in segment "at-risk"`,
		`did "Page Viewed" at least 5 times within 7d`, `did not "Page Viewed" within 30d`, `did "Cart Viewed" within 2d and did not "Order Completed" within 2d`,
		`last "Order Completed" within 30d`, `first "Signed Up" more than 14d ago`, `orders.last within 180d`, `last seen within 14d and known`,
		`did "Search" at least 3 times within 1d where properties.query contains "shoe"`, `good moment within 1d or trait renewal in next 7d`,
		`trait plan = "pro"`, `trait country in ("PT", "ES", "FR") and consent newsletter on email is granted`, `orders.revenue > 1000`, `orders.count >= 3`,
		`trait birthday exists`, `did "Order Completed" where properties.coupon exists`, `stage in (active, loyal)`, `has open case`, `preference topic "shoes"`,
		`channel email blocked or consent newsletter is denied`, `trait tags contains "vip"`, `"Cart Viewed" then "Order Completed" within 1d`,
		`did "Signed Up" and not did "Order Completed"`, `trait email ends with ".edu"`, `not known`,
	}
	var out []*rule.Rule
	for _, s := range texts {
		r, err := rule.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

const benchNow = heed.Time(1_790_000_000_000_000)

func benchPerson(rules []*rule.Rule) (*heed.Person, *rule.Index) {
	var needs []rule.CounterSpec
	for _, r := range rules {
		needs = append(needs, r.Counters()...)
	}
	x := rule.NewIndex(rule.Union(needs))
	p := &heed.Person{Traits: map[string]heed.Trait{}, Consents: map[string]heed.Consent{"newsletter/": {State: heed.Granted}}, Segments: map[string]heed.Member{},
		Known: 1, LastSeen: benchNow, Stage: "active", Orders: heed.Orders{Count: 4, Revenue: 400, Last: benchNow}}
	for k, v := range map[string]string{"plan": `"free"`, "country": `"PT"`, "email": `"ada@example.com"`, "renewal": `"2027-01-01"`, "tags": `["a","b","vip"]`, "birthday": `"1990-05-17"`} {
		p.Traits[k] = heed.Trait{Value: heed.RawValue(v)}
	}
	for i, name := range []string{"Page Viewed", "Search", "Cart Viewed", "Order Completed", "Signed Up"} {
		for j := range 6 {
			x.Fold(p, &heed.Event{Type: heed.Track, Name: name, Timestamp: benchNow.Add(-time.Duration(i*6+j) * time.Hour), Properties: heed.RawJSON(benchProperties)}, nil)
		}
	}
	return p, x
}

const benchProperties = `{"order_id":"o-1029","products":[{"sku":"a","price":12.5},{"sku":"b","price":41}],"currency":"EUR","revenue":66.5,"coupon":"MAY","query":"red shoes"}`

// Asking and counting are on the path of every event: they do not allocate.
func TestAllocations(t *testing.T) {
	rules := benchRules(t)
	p, x := benchPerson(rules)
	e := &heed.Event{Type: heed.Track, Name: "Order Completed", Timestamp: benchNow, Properties: heed.RawJSON(benchProperties)}
	for _, r := range rules {
		if n := testing.AllocsPerRun(100, func() {
			r.Eval(p, e, benchNow)
			r.EvalNext(p, benchNow)
		}); n != 0 {
			t.Errorf("%s: %v allocations", r, n)
		}
	}
	touched := make([]int, 0, 16)
	x.Fold(p, e, touched)
	if n := testing.AllocsPerRun(100, func() { x.Fold(p, e, touched[:0]) }); n != 0 {
		t.Errorf("Fold: %v allocations", n)
	}
}

func BenchmarkEval25(b *testing.B) {
	rules := benchRules(b)
	p, _ := benchPerson(rules)
	b.ReportAllocs()
	for b.Loop() {
		for _, r := range rules {
			r.EvalNext(p, benchNow)
		}
	}
}

func BenchmarkFold(b *testing.B) {
	rules := benchRules(b)
	p, x := benchPerson(rules)
	touched := make([]int, 0, 16)
	for _, name := range []string{"Order Completed", "Page Viewed", "Nothing That Counts"} {
		b.Run(fmt.Sprint(name), func(b *testing.B) {
			e := &heed.Event{Type: heed.Track, Name: name, Timestamp: benchNow, Properties: heed.RawJSON(benchProperties)}
			b.ReportAllocs()
			for b.Loop() {
				x.Fold(p, e, touched[:0])
			}
		})
	}
}
