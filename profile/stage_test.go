package profile

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/stream"
)

// who stands in for identity: a person per user id, and the merges and splits that the test asks for.
type who struct{}

func (who) Name() string { return "who" }
func (who) Begin(_ context.Context, _ db.Tx, b *stream.Batch) error {
	for _, e := range b.Events {
		if e.UserID != "" && e.Type != heed.SplitPerson {
			e.Person = person(e.UserID)
		}
	}
	return nil
}
func (who) Apply(*stream.Batch, *heed.Person, *heed.Event)    {}
func (who) Flush(context.Context, db.Tx, *stream.Batch) error { return nil }

func person(user string) heed.ID {
	h := heed.Identifier{Namespace: heed.UserID, Value: user}.Hash()
	return heed.MakeID(t0, [10]byte(h[:10]))
}

func of(user string, e *heed.Event) *heed.Event { e.UserID = user; return e }

type bench struct {
	t      testing.TB
	d      db.DB
	engine *stream.Engine
	store  *Store
}

func newBench(t testing.TB, d db.DB) *bench {
	mem := New(slog.New(slog.DiscardHandler))
	return &bench{t, d, &stream.Engine{DB: d, Clock: clock.NewVirtual(sec(1000)), Stages: []stream.Stage{who{}, mem}, Sleepers: mem}, NewStore()}
}

func (b *bench) process(events ...*heed.Event) {
	b.t.Helper()
	if err := b.engine.Process(context.Background(), events, nil); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) get(user string) *heed.Person {
	b.t.Helper()
	var p *heed.Person
	err := b.d.Read(context.Background(), func(q db.Querier) (err error) {
		p, err = b.store.Get(context.Background(), q, person(user))
		return err
	})
	if heed.CodeOf(err) == heed.NotFound {
		return nil
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

func each(t *testing.T, f func(t *testing.T, b *bench)) {
	testx.Each(t, []string{stream.Queries, Queries}, func(t *testing.T, d db.DB) { f(t, newBench(t, d)) })
}

func TestMemoryIsStored(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.process(of("u", ev(heed.Identify, 1, "", `{"name":"Ana \"Ça\" Silva","nested":{"a":[1,2,{"b":null}]},"n":1.50}`)), of("u", ev(heed.Page, 2, "Home", "")),
			&heed.Event{Type: heed.Track, Name: "Till sale", Timestamp: sec(3)})
		p := b.get("u")
		if p == nil || p.Rev != 1 || string(p.Traits["name"].Value) != `"Ana \"Ça\" Silva"` || string(p.Traits["nested"].Value) != `{"a":[1,2,{"b":null}]}` && string(p.Traits["nested"].Value) != `{"a": [1, 2, {"b": null}]}` {
			t.Fatalf("got %+v", p)
		}
		b.process(of("u", ev(heed.Page, 4, "Help", "")))
		if p := b.get("u"); p.Rev != 2 || len(p.Head) != 2 || p.Head[1].Name != "Help" || Name(p) != `Ana "Ça" Silva` {
			t.Errorf("got %+v", p)
		}
	})
}

func TestWake(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		ctx := context.Background()
		b.engine.Stages = append(b.engine.Stages, later2{})
		b.process(of("a", ev(heed.Page, 1, "x", "")), of("b", ev(heed.Page, 50, "x", "")))
		if p := b.get("a"); p.Wake != sec(101) {
			t.Fatalf("wake %v", p.Wake)
		}
		for _, x := range []struct{ at, want int }{{100, 0}, {101, 1}, {101, 0}, {1000, 1}} {
			if n, err := b.engine.WakeDue(ctx, sec(x.at), 10); err != nil || n != x.want {
				t.Errorf("at %d %d people were due, %v; want %d", x.at, n, err, x.want)
			}
		}
		if p := b.get("a"); p.Wake != 0 || p.Rev != 2 {
			t.Errorf("after its time: wake %v, rev %d", p.Wake, p.Rev)
		}
	})
}

// later2 asks to be woken 100 s after each page.
type later2 struct{ who }

func (later2) Apply(_ *stream.Batch, p *heed.Person, e *heed.Event) {
	if e.Type == heed.Page {
		p.WakeBy(e.Timestamp + 100_000_000)
	}
}

func TestMergeAndUndo(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		a := []*heed.Event{
			ev(heed.Identify, 1, "", `{"city":"Porto","plan":"gold"}`), ev(heed.Track, 5, "Order Completed", `{"order_id":"1","revenue":10.10}`),
			ev(heed.Track, 6, "Consent Granted", `{"purpose":"newsletter","channel":"email"}`), ev(heed.Page, 7, "A", ""),
		}
		z := []*heed.Event{
			ev(heed.Identify, 2, "", `{"city":"Faro","nick":"z"}`), ev(heed.Track, 3, "Order Completed", `{"order_id":"2","revenue":5.05}`),
			ev(heed.Track, 4, "Order Completed", `{"order_id":"1","revenue":1}`), ev(heed.Track, 4, "Consent Denied", `{"purpose":"newsletter","channel":"email"}`),
			ev(heed.Track, 4, "Case Opened", `{"case_id":"c","title":"Lost"}`),
		}
		for _, e := range a {
			b.process(of("a", e))
		}
		for _, e := range z {
			b.process(of("z", e))
		}
		before, other := b.get("a"), b.get("z")
		merge := &heed.Event{Type: heed.PeopleMerged, Person: person("a"), Loser: person("z"), Timestamp: sec(10), ReceivedAt: sec(10)}
		b.process(merge, of("a", ev(heed.Page, 11, "After", "")))
		p := b.get("a")
		if b.get("z") != nil {
			t.Error("the loser is still there")
		}
		if c := p.Consents["newsletter/email"]; c.State != heed.Denied {
			t.Errorf("the most restrictive consent wins, got %s", c.State)
		}
		if string(p.Traits["city"].Value) != `"Faro"` || string(p.Traits["plan"].Value) != `"gold"` || len(p.Traits) != 3 {
			t.Errorf("traits %v", p.Traits)
		}
		if p.Orders.Count != 2 || p.Orders.Revenue != 16.15 || p.Orders.First != sec(3) || p.Orders.Last != sec(5) {
			t.Errorf("orders %+v", p.Orders)
		}
		if len(p.Cases) != 1 || len(p.Head) != 8 {
			t.Errorf("%d cases, %d interactions", len(p.Cases), len(p.Head))
		}
		b.process(&heed.Event{Type: heed.SplitPerson, Person: person("a"), Loser: person("z"), Timestamp: sec(20), ReceivedAt: sec(20)})
		after, back := b.get("a"), b.get("z")
		if back == nil || view(back) != view(other) {
			t.Errorf("the loser is not what they were:\n%s\n%s", view(back), view(other))
		}
		if len(after.Head) != len(before.Head)+1 {
			t.Errorf("what happened since stays: %+v", after.Head)
		}
		after.Head, after.LastSeen = before.Head, before.LastSeen
		if view(after) != view(before) {
			t.Errorf("the survivor is not what they were:\n%s\n%s", view(after), view(before))
		}
	})
}

// Both were in a segment that nobody is in any more: it neither comes back nor keeps the merge from being undone.
func TestUndoDoesNotBringBackWhatHasGoneSince(t *testing.T) {
	in := func(since heed.Time) *heed.Person {
		return &heed.Person{Segments: map[string]heed.Member{"vips": {Since: since}}, Timers: map[string]heed.Time{"due": since}}
	}
	p := &heed.Person{}
	takeOut(p, in(1), in(2))
	if len(p.Segments)+len(p.Timers) > 0 {
		t.Errorf("got %v, %v", p.Segments, p.Timers)
	}
}

func TestMergeKeepsOneRun(t *testing.T) {
	p := &heed.Person{Runs: []heed.Run{{ID: heed.ID{1}, Journey: "j", Entered: 5}, {ID: heed.ID{2}, Journey: "k", Key: "1", Entered: 5}}}
	l := &heed.Person{Runs: []heed.Run{{ID: heed.ID{3}, Journey: "j", Entered: 4}, {ID: heed.ID{4}, Journey: "k", Key: "2", Entered: 4}}, Wake: 7,
		Contacts: []heed.Contact{{At: 2, Message: heed.ID{9}}}, Counters: map[string]*heed.Counter{"c": {N: 1, Recent: []heed.Time{3}}}}
	mergeInto(p, l)
	var got []string
	for _, r := range p.Runs {
		got = append(got, fmt.Sprint(r.Journey, r.Key, r.ID[0]))
	}
	if !reflect.DeepEqual(got, []string{"j3", "k12", "k24"}) {
		t.Errorf("runs %v", got)
	}
	if p.Wake != 7 || len(p.Contacts) != 1 || p.Counters["c"].N != 1 {
		t.Errorf("got %+v", p)
	}
}

func TestEraseLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.process(of("a", ev(heed.Identify, 1, "", `{"x":1}`)), of("z", ev(heed.Identify, 1, "", `{"secret":2,"":3}`)), of("y", ev(heed.Identify, 1, "", `{"secret":3}`)))
		b.process(&heed.Event{Type: heed.PeopleMerged, Person: person("z"), Loser: person("y"), Timestamp: sec(2), ReceivedAt: sec(2)})
		b.process(&heed.Event{Type: heed.PeopleMerged, Person: person("a"), Loser: person("z"), Timestamp: sec(2), ReceivedAt: sec(2)})
		ctx := context.Background()
		held := func() (h *Held, err error) {
			err = b.d.Read(ctx, func(q db.Querier) error { h, err = b.store.Export(ctx, q, person("a")); return err })
			return h, err
		}
		h, err := held()
		if err != nil || len(h.Merges) != 2 || len(h.Notes) != 1 || !strings.Contains(fmt.Sprint(h.Memory.Traits), "secret") {
			t.Fatalf("the export holds %+v, %v", h, err)
		}
		if _, err := json.Marshal(h); err != nil {
			t.Fatal(err)
		}
		b.process(&heed.Event{Type: heed.PersonErased, Person: person("a"), Timestamp: sec(3), ReceivedAt: sec(3)})
		if _, err := held(); heed.CodeOf(err) != heed.NotFound {
			t.Errorf("after the erasure: %v", err)
		}
		err = b.d.Read(ctx, func(q db.Querier) error {
			for _, table := range []string{"person", "person_merge", "person_note"} {
				rows, err := q.QuerySQL(ctx, "SELECT 1 FROM "+table)
				if err != nil {
					return err
				}
				if rows.Next() {
					t.Errorf("%s is not empty", table)
				}
				rows.Close()
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// TestRetail folds the real orders of three customers of data set Online Retail and expects the published RFM.
func TestRetail(t *testing.T) {
	f, err := os.Open("../../shared/data/online_retail.csv.gz")
	if errors.Is(err, os.ErrNotExist) && os.Getenv("CI") != "true" {
		t.Skip("the real orders are not here: ../shared/data/online_retail.csv.gz")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]RFM{
		"12347": {RecencyDays: 2, Frequency: 7, Monetary: 4310.00}, "14646": {RecencyDays: 1, Frequency: 73, Monetary: 280206.02},
		"17850": {RecencyDays: 372, Frequency: 34, Monetary: 5391.21},
	}
	s := stage(t, `{"currency":"GBP"}`)
	people := map[string]*heed.Person{}
	r := csv.NewReader(z)
	r.FieldsPerRecord = -1
	for {
		row, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		id := strings.TrimSuffix(row[6], ".0")
		// The published numbers leave cancellations out.
		if _, ok := want[id]; !ok || strings.HasPrefix(row[0], "C") {
			continue
		}
		quantity, price := number(t, row[3]), number(t, row[5])
		at, err := time.Parse("2006-01-02 15:04:05", row[4])
		if err != nil {
			if at, err = time.Parse("1/2/2006 15:04", row[4]); err != nil {
				t.Fatal(err)
			}
		}
		if people[id] == nil {
			people[id] = &heed.Person{ID: person(id)}
		}
		e := ev(heed.Track, 0, "Order Completed", fmt.Sprintf(`{"order_id":%q,"revenue":%v}`, row[0], math.Round(quantity*price*1e4)/1e4))
		e.Timestamp = heed.At(at)
		s.fold(people[id], e)
	}
	now := heed.At(time.Date(2011, 12, 10, 0, 0, 0, 0, time.UTC))
	for id, w := range want {
		got := s.config.rfm(&people[id].Orders, now)
		if got.Frequency != w.Frequency || got.Monetary != w.Monetary || math.Abs(got.RecencyDays-w.RecencyDays) > 1 {
			t.Errorf("%s: got %+v, want %+v", id, got, w)
		}
	}
}

func number(t *testing.T, s string) float64 {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}
