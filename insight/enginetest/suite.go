package enginetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
)

// Run runs the suite. open returns an empty store, closed by the test.
func Run(t *testing.T, open func(t *testing.T) insight.Store) {
	for name, test := range map[string]func(*world){
		"what went in comes out":                       testRoundTrip,
		"a timeline is paged newest first":             testPaging,
		"a timeline is filtered":                       testFilter,
		"duplicates are left out":                      testDuplicates,
		"history stays behind the workers":             testCommitted,
		"facts show messages and decisions":            testFacts,
		"a fact published twice counts once":           testFactsTwice,
		"merges and splits are resolved when read":     testMerge,
		"a person who is merged within a batch":        testMergeInBatch,
		"many keys at once":                            testManyKeys,
		"erased people leave nothing and never return": testErase,
		"people who were merged are erased together":   testEraseMerged,
		"an erasure among the facts":                   testEraseByFact,
		"forget at once":                               testForget,
		"a failed read repeats nothing":                testFailedRead,
		"what was not committed is read again":         testAbandoned,
		"replay from a position":                       testRewind,
		"commits by rows":                              testByRows,
		"lag":                                          testLag,
		"counters":                                     testCounters,
		"counts":                                       testCounts,
		"the catalogue":                                testCatalogue,
		"the catalogue of what is rare":                testCatalogueOfTheRare,
		"values of a property":                         testValues,
		"questions that both engines understand":       testPortable,
		"queries only read":                            testQuery,
		"exports":                                      testExport,
		"compaction changes no answer":                 testCompact,
		"odd input":                                    testOdd,
	} {
		t.Run(name, func(t *testing.T) {
			test(newWorld(t, open(t)))
		})
	}
}

func testRoundTrip(w *world) {
	e := w.event("ana", "Order Completed")
	e.Context = heed.RawJSON(`{"ip":"10.0.0.1"}`)
	e.ReceivedAt += 5
	w.assign("ana", 1)
	w.put(0, w.event("bea", "Signed Up"))
	seq := w.put(1, heed.Event{Type: heed.Page, Timestamp: 1, ReceivedAt: 2}, e)
	w.catchUp()
	keys, err := w.store.Keys(w.ctx, PersonID(1))
	w.ok(err)
	page, err := w.store.Timeline(w.ctx, keys, insight.Filter{}, 10)
	w.ok(err)
	if len(page.Entries) != 1 || !page.Next.IsZero() {
		w.t.Fatalf("got %+v", page)
	}
	got := page.Entries[0]
	want := insight.Entry{Interaction: heed.Interaction{At: e.Timestamp, Type: "track", Name: "Order Completed", Touchpoint: "Store till", Channel: "shop",
		Direction: heed.Inbound, Department: "sales", Source: "shop", Summary: "Order Completed (Store till)"}, Received: e.ReceivedAt,
		Properties: heed.RawValue(e.Properties), Context: heed.RawValue(e.Context), MessageID: e.MessageID, Key: UserKey("ana"), Part: 1, Seq: seq, Idx: 1}
	if got != want {
		w.t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if n := w.rows(); n != 3 {
		w.t.Errorf("%d rows, want 3: events of nobody are kept too", n)
	}
}

func testPaging(w *world) {
	var events []heed.Event
	for i := range 25 {
		e := w.event("ana", fmt.Sprint("e", i))
		if i%5 != 0 && i > 0 { // five at the same moment: place in the stream decides
			e.Timestamp = events[i-1].Timestamp
		}
		events = append(events, e)
	}
	w.put(0, events[:12]...)
	w.put(0, events[12:]...)
	w.catchUp()
	var got []string
	f := insight.Filter{}
	for range 10 {
		page, err := w.store.Timeline(w.ctx, []heed.ID{UserKey("ana")}, f, 4)
		w.ok(err)
		for _, e := range page.Entries {
			got = append(got, e.Name)
		}
		if page.Next.IsZero() {
			break
		}
		f.Before, err = insight.ParseCursor(page.Next.String())
		w.ok(err)
	}
	var want []string
	for i := 24; i >= 0; i-- {
		want = append(want, fmt.Sprint("e", i))
	}
	w.wantNames(got, want...)
	for _, limit := range []int{0, 1001} {
		if _, err := w.store.Timeline(w.ctx, nil, insight.Filter{}, limit); heed.CodeOf(err) != heed.Invalid {
			w.t.Errorf("limit %d: %v", limit, err)
		}
	}
}

func testFilter(w *world) {
	a, b, c := w.event("ana", "a"), w.event("ana", "b"), w.event("ana", "c")
	b.Channel, b.Department, b.Direction, b.Source, b.Touchpoint = "email", "marketing", heed.Outbound, "mailer", "Newsletter"
	c.Type, c.Channel = heed.Page, "web"
	w.put(0, a, b, c)
	w.catchUp()
	for _, x := range []struct {
		f    insight.Filter
		want []string
	}{
		{insight.Filter{}, []string{"c", "b", "a"}},
		{insight.Filter{Channels: []string{"email"}}, []string{"b"}},
		{insight.Filter{Channels: []string{"email", "web"}}, []string{"c", "b"}},
		{insight.Filter{Departments: []string{"sales"}}, []string{"c", "a"}},
		{insight.Filter{Directions: []string{"outbound"}}, []string{"b"}},
		{insight.Filter{Types: []string{"page"}}, []string{"c"}},
		{insight.Filter{Names: []string{"a", "' OR 1=1 --"}}, []string{"a"}},
		{insight.Filter{Sources: []string{"mailer"}}, []string{"b"}},
		{insight.Filter{Touchpoints: []string{"Newsletter"}}, []string{"b"}},
		{insight.Filter{From: b.Timestamp}, []string{"c", "b"}},
		{insight.Filter{To: b.Timestamp}, []string{"a"}},
		{insight.Filter{Channels: []string{"shop"}, Types: []string{"page"}}, nil},
	} {
		w.wantNames(w.namesOf([]heed.ID{UserKey("ana"), UserKey("nobody"), UserKey("ana")}, x.f), x.want...)
	}
	w.wantNames(w.namesOf([]heed.ID{UserKey("bea")}, insight.Filter{}))
	many := []heed.ID{UserKey("ana")}
	for i := range 300 {
		many = append(many, UserKey(fmt.Sprint("other", i)))
	}
	w.wantNames(w.namesOf(many, insight.Filter{}), "c", "b", "a")
}

func testDuplicates(w *world) {
	seq := w.put(0, w.event("ana", "a"), w.event("ana", "b"), w.event("ana", "c"))
	w.put(0, w.event("ana", "d"))
	w.dropped[0] = map[uint64][]int{seq: {0, 2}}
	w.catchUp()
	w.wantNames(w.namesOf([]heed.ID{UserKey("ana")}, insight.Filter{}), "d", "b")
	if s := w.follower.Stats(); s.Duplicates != 2 || s.Rows != 2 {
		w.t.Errorf("got %+v", s)
	}
}

func testCommitted(w *world) {
	first := w.put(0, w.event("ana", "a"))
	w.put(0, w.event("ana", "b"))
	w.put(1, w.event("ana", "c"))
	w.committed[0], w.committed[1] = first, 0
	w.catchUp()
	w.wantNames(w.namesOf([]heed.ID{UserKey("ana")}, insight.Filter{}), "a")
	delete(w.committed, 0)
	delete(w.committed, 1)
	w.catchUp()
	w.wantNames(w.namesOf([]heed.ID{UserKey("ana")}, insight.Filter{}), "c", "b", "a")
}

func testFacts(w *world) {
	w.assign("ana", 1)
	w.put(0, w.event("ana", "Signed Up"))
	at := Epoch.Add(48 * time.Hour)
	ref := PersonID(99)
	w.fact(
		heed.Event{Type: heed.MessageDecided, Person: PersonID(1), Ref: ref, Name: "hold", Channel: "email", Timestamp: at,
			Properties: heed.RawJSON(`{"purpose":"newsletter","reason":"QUIET_HOURS"}`)},
		heed.Event{Type: heed.SegmentEntered, Person: PersonID(1), Name: "regulars", Timestamp: at + 1},
		heed.Event{Type: heed.Wake, Person: PersonID(1), Timestamp: at + 2},
	)
	w.catchUp()
	keys, err := w.store.Keys(w.ctx, PersonID(1))
	w.ok(err)
	page, err := w.store.Timeline(w.ctx, keys, insight.Filter{}, 10)
	w.ok(err)
	if len(page.Entries) != 3 {
		w.t.Fatalf("got %+v", page.Entries)
	}
	m := page.Entries[1]
	if m.Direction != heed.Outbound || m.Type != "message_decided" || m.Ref != ref || m.Part != insight.FactsPart ||
		m.Summary != "Email message newsletter: held, QUIET_HOURS" {
		w.t.Errorf("got %+v", m)
	}
	if s := page.Entries[0]; s.Summary != "Entered segment regulars" || s.Direction != "" {
		w.t.Errorf("got %+v", s)
	}
}

func testFactsTwice(w *world) {
	w.assign("ana", 1)
	same := heed.Event{Type: heed.SegmentEntered, Person: PersonID(1), Name: "regulars", Timestamp: Epoch}
	w.fact(same)
	w.fact(same)
	w.catchUp()
	w.follow() // also when it comes after a restart
	w.fact(same)
	w.catchUp()
	w.wantNames(w.names(1), "regulars")
}

func testFailedRead(w *world) {
	for i := range 10 {
		w.put(i%2, w.event("ana", fmt.Sprint(i)))
	}
	w.catchUp()
	w.put(0, w.event("ana", "late"))
	w.log.FailNext(errors.New("the stream is away"))
	for range 3 {
		if err := w.follower.CatchUp(w.ctx); err == nil {
			break
		}
	}
	w.catchUp()
	if n := w.rows(); n != 11 {
		w.t.Errorf("%d rows, want 11", n)
	}
}

func testAbandoned(w *world) {
	w.put(0, w.event("ana", "a"))
	w.catchUp()
	// A process takes rows and dies before it commits.
	e := w.event("ana", "b")
	seq := w.put(0, e)
	w.ok(w.store.Append(w.ctx, insight.Rows{Part: 0, Seq: seq, Events: []heed.Event{e}, Keys: []heed.ID{UserKey("ana")}}))
	w.ok(w.store.Rollback(w.ctx))
	w.follow()
	w.catchUp()
	w.wantNames(w.namesOf([]heed.ID{UserKey("ana")}, insight.Filter{}), "b", "a")
}

func testByRows(w *world) {
	batch := make([]heed.Event, 500)
	for i := range 500 { // 250,000 rows: more than one commit takes
		for j := range batch {
			batch[j] = heed.Event{Type: heed.Track, UserID: fmt.Sprint("u", j), Name: "n", Timestamp: Epoch + heed.Time(i), ReceivedAt: Epoch}
		}
		w.put(i%2, batch...)
	}
	w.catchUp()
	if s := w.follower.Stats(); s.ByRows < 1 || s.Rows != 250_000 || s.Commits < 2 {
		w.t.Errorf("got %+v", s)
	}
	if n := w.rows(); n != 250_000 {
		w.t.Errorf("%d rows", n)
	}
}

func testLag(w *world) {
	w.put(0, w.event("ana", "a"), w.event("ana", "b"))
	w.catchUp()
	if lag, err := w.follower.Lag(w.ctx); err != nil || lag != (insight.Lag{}) {
		w.t.Errorf("got %+v, %v", lag, err)
	}
	w.committed[0] = 1
	w.put(0, w.event("ana", "c"), w.event("ana", "d"))
	w.clock.Set(Epoch.Add(time.Minute))
	lag, err := w.follower.Lag(w.ctx)
	w.ok(err)
	if lag.Records == 0 || lag.Events < lag.Records || lag.Time <= 0 || lag.Time > time.Minute {
		w.t.Errorf("got %+v", lag)
	}
	if err := w.follower.Caught(w.ctx, time.Second); heed.CodeOf(err) != heed.Unavailable {
		w.t.Errorf("got %v", err)
	}
}
