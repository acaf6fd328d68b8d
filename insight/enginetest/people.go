package enginetest

import (
	"fmt"
	"slices"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
)

// segment makes a fact about a person.
func segment(person int, name string, at heed.Time) heed.Event {
	return heed.Event{Type: heed.SegmentEntered, Person: PersonID(person), Name: name, Timestamp: at}
}

func testMerge(w *world) {
	w.assign("ana", 1)
	w.assign("ana-phone", 2)
	w.put(0, w.event("ana", "a"), w.event("ana-phone", "b"))
	w.fact(segment(1, "of 1", Epoch+2), segment(2, "of 2", Epoch+1))
	w.catchUp()
	w.wantNames(w.names(1), "a", "of 1")
	w.wantNames(w.names(2), "b", "of 2")

	w.assign("ana-phone", 1) // 2 becomes 1
	w.put(0, w.event("ana-phone", "c"))
	w.catchUp()
	w.wantNames(w.names(1), "c", "b", "a", "of 1", "of 2")
	w.wantNames(w.names(2))

	w.assign("ana", 3) // and 1 becomes 3, with the facts of both
	w.assign("ana-phone", 3)
	w.put(0, w.event("ana", "d"))
	w.catchUp()
	w.wantNames(w.names(3), "d", "c", "b", "a", "of 1", "of 2")

	w.assign("ana-phone", 2) // the merge is undone for one key
	w.put(0, w.event("ana", "e"))
	w.catchUp()
	w.wantNames(w.names(3), "e", "d", "a", "of 1")
	w.wantNames(w.names(2), "c", "b", "of 2")

	counts, err := w.store.CountBy(w.ctx, insight.CountQuery{By: insight.ByType, People: true})
	w.ok(err)
	if !slices.Equal(counts, []insight.Count{{Value: "track", Events: 5, People: 2}, {Value: "segment_entered", Events: 2, People: 2}}) {
		w.t.Errorf("got %+v", counts)
	}
}

func testMergeInBatch(w *world) {
	// Person 2 lives only between two changes that arrive together; its facts still belong to somebody.
	w.assign("ana", 2)
	w.assign("ana", 1)
	w.assign("bea", 4)
	w.put(0, w.event("ana", "a"), w.event("bea", "b"))
	w.fact(segment(2, "of 2", Epoch), segment(1, "of 1", Epoch-1))
	w.catchUp()
	w.wantNames(w.names(1), "a", "of 2", "of 1")
	w.wantNames(w.names(4), "b")
}

func testManyKeys(w *world) {
	const keys = 12_000
	check := func(people int64) {
		w.t.Helper()
		w.catchUp()
		if st, err := w.store.Stats(w.ctx); err != nil || st.Keys != keys || st.People != people {
			w.t.Errorf("%d keys of %d people, %v; want %d of %d", st.Keys, st.People, err, keys, people)
		}
	}
	person := func(n int) heed.ID { return UserKey(fmt.Sprint("person ", n)) } // PersonID has not that many
	assign := func(user, n int) {
		w.feed.Put(insight.KeyChange{Key: UserKey(fmt.Sprint("u", user)), Person: person(n)})
	}
	for i := range keys {
		assign(i, i)
	}
	check(keys)
	for i := range keys {
		assign(i, i/2)
	}
	check(keys / 2)
	got, err := w.store.Keys(w.ctx, person(4321))
	w.ok(err)
	for _, want := range []heed.ID{UserKey("u8642"), UserKey("u8643"), person(4321), person(8643)} {
		if !slices.Contains(got, want) {
			w.t.Errorf("%s is missing among %v", want, got)
		}
	}
}

func testErase(w *world) {
	w.assign("ana", 1)
	w.assign("bea", 2)
	a, b := w.event("ana", "a"), w.event("bea", "b")
	w.put(0, a, b)
	w.fact(segment(1, "of 1", Epoch), segment(2, "of 2", Epoch))
	w.catchUp()

	// ana asks to be forgotten; an event of hers is still in the stream behind, and one more comes afterwards.
	late := w.event("ana", "late")
	until := late.ReceivedAt
	w.put(0, late)
	w.fact(segment(1, "late of 1", Epoch))
	w.put(0, heed.Event{Type: heed.ErasePerson, UserID: "ana", Timestamp: until, ReceivedAt: until})
	// The feed tells whose the key is now, which may already be the stranger with the same cookie.
	w.feed.Put(insight.KeyChange{Key: UserKey("ana"), Person: PersonID(3), Erased: until})
	w.assign("ana", 3)
	w.put(0, w.event("ana", "a stranger now"))
	check := func() {
		w.t.Helper()
		w.wantNames(w.names(1))
		w.wantNames(w.names(2), "b", "of 2")
		w.wantNames(w.names(3), "a stranger now")
		if n := w.rows(); n != 3 {
			w.t.Fatalf("%d rows, want 3", n)
		}
	}
	w.catchUp()
	check()
	// A replay of everything, by a new process, brings nothing back.
	w.follow()
	w.ok(w.follower.Rewind(w.ctx, nil))
	w.catchUp()
	check()
	w.fact(segment(1, "even later of 1", Epoch))
	w.catchUp()
	check()
}

func testEraseMerged(w *world) {
	w.assign("ana", 1)
	w.assign("ana-phone", 2)
	w.put(0, w.event("ana", "a"), w.event("ana-phone", "b"))
	w.fact(segment(1, "of 1", Epoch), segment(2, "of 2", Epoch))
	w.catchUp()
	w.assign("ana-phone", 1)
	last := w.event("ana", "c")
	w.put(0, last)
	w.catchUp()
	w.feed.Put(insight.KeyChange{Key: UserKey("ana"), Erased: last.ReceivedAt})
	w.feed.Put(insight.KeyChange{Key: UserKey("ana-phone"), Erased: last.ReceivedAt})
	w.put(0, w.event("bea", "d"))
	w.fact(segment(2, "late of 2", Epoch)) // written while 2 was still somebody
	w.catchUp()
	if n := w.rows(); n != 1 {
		w.t.Errorf("%d rows, want the one of bea", n)
	}
	w.fact(segment(1, "later of 1", Epoch+1))
	w.ok(w.follower.Rewind(w.ctx, nil))
	w.catchUp()
	if n := w.rows(); n != 1 {
		w.t.Errorf("%d rows after a replay, want 1", n)
	}
}

func testEraseByFact(w *world) {
	// An empty store reads a stream in which somebody was erased whom no key names any more.
	w.fact(segment(1, "of 1", Epoch), segment(2, "of 2", Epoch))
	w.fact(heed.Event{Type: heed.PersonErased, Person: PersonID(1), Timestamp: Epoch})
	w.fact(segment(1, "late of 1", Epoch))
	w.put(0, w.event("bea", "b"))
	w.catchUp()
	if n := w.rows(); n != 2 {
		w.t.Errorf("%d rows, want 2", n)
	}
	w.fact(segment(1, "later of 1", Epoch))
	w.catchUp()
	if n := w.rows(); n != 2 {
		w.t.Errorf("%d rows, want 2", n)
	}
}

func testForget(w *world) {
	w.assign("ana", 1)
	e := w.event("ana", "a")
	w.put(0, e, w.event("bea", "b"))
	w.catchUp()
	w.ok(w.follower.Forget(w.ctx, []heed.ID{UserKey("ana"), PersonID(1)}, e.ReceivedAt))
	w.wantNames(w.names(1))
	if n := w.rows(); n != 1 {
		w.t.Errorf("%d rows, want 1", n)
	}
	w.ok(w.follower.Rewind(w.ctx, nil))
	w.catchUp()
	if n := w.rows(); n != 1 {
		w.t.Errorf("%d rows after a replay, want 1", n)
	}
}

func testRewind(w *world) {
	w.assign("ana", 1)
	var at []uint64
	for _, n := range []string{"a", "b", "c", "d"} {
		at = append(at, w.put(0, w.event("ana", n)))
	}
	w.put(1, w.event("ana", "e"))
	w.fact(segment(1, "of 1", Epoch))
	w.catchUp()
	before := w.names(1)
	w.ok(w.follower.Rewind(w.ctx, insight.Positions{0: at[1]}))
	w.wantNames(w.names(1), "e", "b", "a", "of 1")
	w.catchUp()
	w.wantNames(w.names(1), before...)
	w.ok(w.follower.Rewind(w.ctx, nil))
	if n := w.rows(); n != 0 {
		w.t.Fatalf("%d rows after a rewind to the beginning", n)
	}
	w.catchUp()
	w.wantNames(w.names(1), before...)
	if err := w.follower.Rewind(w.ctx, insight.Positions{7: 0}); heed.CodeOf(err) != heed.Invalid {
		w.t.Errorf("got %v", err)
	}
}

func testCompact(w *world) {
	w.assign("ana", 1)
	w.assign("bea", 2)
	a := w.event("ana", "a")
	w.put(0, a, w.event("bea", "b"), w.event("ana", "c"))
	w.fact(segment(1, "of 1", Epoch))
	w.catchUp()
	w.ok(w.follower.Forget(w.ctx, []heed.ID{UserKey("ana")}, a.ReceivedAt))
	w.ok(w.store.Compact(w.ctx))
	w.wantNames(w.names(2), "b")
	w.wantNames(w.namesOf([]heed.ID{UserKey("ana")}, insight.Filter{}), "c")
	w.put(0, w.event("bea", "d"))
	w.catchUp()
	w.wantNames(w.names(2), "d", "b")
	if n := w.rows(); n != 4 {
		w.t.Errorf("%d rows, want 4", n)
	}
}

func testOdd(w *world) {
	e := w.event("ana", "caf\xe9 \x00 \xff long enough not to be kept inside the sixteen bytes")
	e.Properties = heed.RawJSON(`{"note":"` + string(make([]byte, 0)) + `"}`)
	big := w.event("ana", "big")
	text := make([]byte, 3<<20) // longer than anything that collect lets in
	for i := range text {
		text[i] = 'x'
	}
	big.Properties = heed.RawJSON(`{"t":"` + string(text) + `"}`)
	past := w.event("ana", "past")
	past.Timestamp = -Epoch
	twelve := w.event("ana", "123456789012")
	thirteen := w.event("ana", "1234567890123")
	_, err := w.log.Append(w.ctx, "events", 0, []byte{9, 9, 9}) // damaged
	w.ok(err)
	w.put(0, e, big, past, twelve, thirteen, w.event("ana", ""))
	w.clock.Advance(time.Hour)
	w.catchUp()
	w.wantNames(w.namesOf([]heed.ID{UserKey("ana")}, insight.Filter{}),
		"", "1234567890123", "123456789012", "big", "caf\uFFFD \x00 \uFFFD long enough not to be kept inside the sixteen bytes", "past")
	page, err := w.store.Timeline(w.ctx, []heed.ID{UserKey("ana")}, insight.Filter{Names: []string{"big"}}, 1)
	w.ok(err)
	if len(page.Entries) != 1 || len(page.Entries[0].Properties) != len(big.Properties) {
		w.t.Error("a big event was cut")
	}
	if s := w.follower.Stats(); s.Damaged != 1 {
		w.t.Errorf("got %+v", s)
	}
}
