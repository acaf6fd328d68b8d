package app

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
)

// What people did is read from either history alike: who, in which order, and of as many people as a rehearsal takes.
func TestWhatPeopleDid(t *testing.T) {
	histories(t, func(t *testing.T, store insight.Store) {
		start := heed.At(time.Date(2026, 4, 16, 12, 10, 0, 0, time.UTC))
		id := func(i int) heed.ID { return heed.MakeID(start, [10]byte{8: byte(i >> 8), 9: byte(i)}) }
		var keys []insight.KeyChange
		var people []heed.ID
		for i := range rehearsedPeople {
			people = append(people, id(i))
			keys = append(keys, insight.KeyChange{N: int64(i + 1), Key: id(i), Person: id(i)})
		}
		rows := insight.Rows{Seq: 1}
		add := func(who int, typ heed.Type, name string, at heed.Time) {
			rows.Events = append(rows.Events, heed.Event{Type: typ, Name: name, Source: "shop", Direction: heed.Inbound, Properties: heed.RawJSON(`{"n":1}`),
				Timestamp: at, ReceivedAt: at, Index: len(rows.Events)})
			rows.Keys = append(rows.Keys, id(who))
		}
		minute := heed.Time(time.Minute / time.Microsecond)
		add(1, heed.Track, "a", start)
		add(2, heed.Track, "a", start+10*minute)
		add(2, heed.Track, "b", start+10*minute)
		add(rehearsedPeople-1, heed.Track, "a", start+60*minute)
		add(3, heed.Feedback, "sent", start+70*minute) // a Virtual says that itself
		add(3, heed.Feedback, "opened", start+80*minute)
		rows.Events[4].Properties = nil
		if err := store.Append(t.Context(), rows); err != nil {
			t.Fatal(err)
		}
		if err := store.Commit(t.Context(), insight.Commit{Positions: insight.Positions{0: 1}, Keys: keys}); err != nil {
			t.Fatal(err)
		}
		past, until := lived{store}, start+heed.Time(24*time.Hour/time.Microsecond)
		names := func(list []*heed.Event, err error) (out []string) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range list {
				if e.Source != "shop" || e.Direction != heed.Inbound || string(e.Properties) != `{"n":1}` || e.UserID != e.Person.String() {
					t.Errorf("got %+v", e)
				}
				out = append(out, e.Name)
			}
			return out
		}
		if got := names(past.between(t.Context(), people, start, until)); !slices.Equal(got, []string{"a", "a", "b", "a", "opened"}) {
			t.Errorf("everything: %q", got)
		}
		if got := names(past.between(t.Context(), people[:3], start+1, until)); !slices.Equal(got, []string{"a", "b"}) {
			t.Errorf("some people, later: %q", got)
		}
		if got := names(past.events(t.Context(), people, until, 3)); !slices.Equal(got, []string{"b", "a", "opened"}) {
			t.Errorf("the newest: %q", got)
		}
		if n, err := past.count(t.Context(), people, start+60*minute); n != 3 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		hours, err := past.hours(t.Context(), people, until)
		if want := []hour{{start - 10*minute, 3}, {start + 50*minute, 2}}; err != nil || !slices.Equal(hours, want) {
			t.Errorf("hours %v, want %v; %v", hours, want, err)
		}
		for _, c := range []struct {
			name string
			want string
		}{{"", "3 [1 2]"}, {"a", "3 [1 2]"}, {"b", "1 [2]"}, {"c", "0 []"}} {
			n, some, err := past.doers(t.Context(), heed.Track, c.name, start, until, 2)
			which := []int{}
			for _, who := range some {
				which = append(which, slices.Index(people, who))
			}
			// Of three it takes the two whose ids come first from their ends.
			if got := fmt.Sprint(n, " ", which); got != c.want || err != nil {
				t.Errorf("who did %q: %s, %v; want %s", c.name, got, err, c.want)
			}
		}
		n, some, err := past.everybody(t.Context(), 3)
		if want := []heed.ID{id(0), id(0x1000), id(0x2000)}; n != rehearsedPeople || err != nil || !slices.Equal(some, want) {
			t.Errorf("everybody: %d, %v, %v", n, some, err)
		}
	})
}
