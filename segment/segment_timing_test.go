package segment_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/stream"
)

// hotRules are 25 segments, 10 of them over time windows, as heed bench has them.
func hotRules() []string {
	return []string{
		`did "Order Completed" at least 3 times within 90d where properties.revenue > 50`,
		`did "Page Viewed" at least 5 times within 7d`, `did not "Page Viewed" within 30d`, `did "Cart Viewed" within 2d and did not "Order Completed" within 2d`,
		`last "Order Completed" within 30d`, `first "Signed Up" more than 14d ago`, `orders.last within 180d`, `last seen within 14d and known`,
		`did "Search" at least 3 times within 1d where properties.query contains "shoe"`, `good moment within 1d or trait renewal in next 7d`,
		`trait plan = "pro"`, `trait country in ("PT", "ES", "FR") and consent newsletter on email is granted`, `orders.revenue > 1000`, `orders.count >= 3`,
		`trait birthday exists`, `did "Order Completed" where properties.coupon exists`, `stage in (active, loyal)`, `has open case`, `preference topic "shoes"`,
		`channel email blocked or consent newsletter is denied`, `trait tags contains "vip"`, `"Cart Viewed" then "Order Completed" within 1d`,
		`did "Signed Up" and not did "Order Completed"`, `trait email ends with ".edu"`, `not known`,
	}
}

const hotProperties = `{"order_id":"o-1029","products":[{"sku":"a","price":12.5},{"sku":"b","price":41}],"currency":"EUR","revenue":66.5,"coupon":"MAY","query":"red shoes"}`

// hot is the stage in the middle of a batch of 1,000 people with ten events each.
type hot struct {
	stage  stream.Stage
	batch  *stream.Batch
	people []*heed.Person
	events []heed.Event
}

func newHot(t testing.TB) *hot {
	d := testx.SQLite(t, append(queries(), spec.Queries)...)
	w := newWorld(t, d)
	for i, text := range hotRules() {
		doc, err := json.Marshal(map[string]string{"rule": text})
		w.must(err)
		w.put(spec.Segment, fmt.Sprintf("s%02d", i), string(doc), false)
	}
	h := &hot{stage: w.engine.Stages[1], batch: &stream.Batch{Now: w.clock.Now(), Revision: 25, People: map[heed.ID]*heed.Person{}, Rebuild: true}}
	ctx := context.Background()
	begin := func() { w.must(d.Write(ctx, func(tx db.Tx) error { return h.stage.Begin(ctx, tx, h.batch) })) }
	begin()
	names := []string{"Page Viewed", "Page Viewed", "Product Viewed", "Search", "Page Viewed", "Cart Viewed", "Email Clicked", "Page Viewed", "Product Viewed", "Order Completed"}
	for i := range 1000 {
		p := &heed.Person{ID: idOf(fmt.Sprint(i)), Rev: 1, Traits: map[string]heed.Trait{}, Consents: map[string]heed.Consent{"newsletter/": {State: heed.Granted}}, Known: 1}
		for k, v := range map[string]string{"plan": `"free"`, "country": `"PT"`, "email": `"ada@example.com"`, "tags": `["a","b"]`} {
			p.Traits[k] = heed.Trait{Value: heed.RawValue(v)}
		}
		h.batch.People[p.ID] = p
		h.people = append(h.people, p)
		for j, name := range names {
			h.events = append(h.events, heed.Event{Type: heed.Track, Name: name, Person: p.ID, Timestamp: w.clock.Now().Add(-time.Duration(len(names)-j) * time.Minute), Properties: heed.RawJSON(hotProperties)})
		}
	}
	h.run() // everyone has their counters and memberships
	begin()
	return h
}

func (h *hot) run() {
	for i := range h.events {
		p := h.people[i/10]
		p.LastSeen = h.events[i].Timestamp // as profile does
		h.stage.Apply(h.batch, p, &h.events[i])
	}
}

// In the middle of a session, an event costs no allocation beyond what it changes.
func TestApplyAllocations(t *testing.T) {
	h := newHot(t)
	for range 20 { // until the rings of times are full
		h.run()
	}
	if n := testing.AllocsPerRun(3, h.run) / float64(len(h.events)); n > 0.05 {
		t.Errorf("%.2f allocations an event", n)
	}
}

func BenchmarkApply(b *testing.B) {
	h := newHot(b)
	b.ReportAllocs()
	for b.Loop() {
		h.run()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(h.events)), "ns/event")
}

func BenchmarkBegin(b *testing.B) {
	h := newHot(b)
	d := testx.SQLite(b, append(queries(), spec.Queries)...)
	ctx := context.Background()
	for b.Loop() {
		err := d.Write(ctx, func(tx db.Tx) error { return h.stage.Begin(ctx, tx, h.batch) })
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(h.people)), "ns/person")
}
