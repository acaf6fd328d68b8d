package app

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/insight"
	"github.com/heedcx/heed/insight/clickhouse"
	"github.com/heedcx/heed/insight/duckdb"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
)

// TestHoldoutComparesWhoseDaysAreOver fills a history with runs of a journey: of 40 in it 20 did what it is for in time, of
// 20 held out 5; others did it too late, too little, or have entered too recently to say.
func TestHoldoutComparesWhoseDaysAreOver(t *testing.T) {
	histories(t, holdsOut)
}

// histories runs f on an empty history of each engine.
func histories(t *testing.T, f func(t *testing.T, store insight.Store)) {
	log := slog.New(slog.DiscardHandler)
	run := func(t *testing.T, store insight.Store, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = store.Close() }()
		f(t, store)
	}
	t.Run("duckdb", func(t *testing.T) {
		s, err := duckdb.Open(t.Context(), "duckdb:"+filepath.Join(t.TempDir(), "history.db"), duckdb.Options{MemoryMB: 128, Logger: log})
		run(t, s, err)
	})
	t.Run("clickhouse", func(t *testing.T) {
		s, err := clickhouse.Open(t.Context(), testx.NewClickHouse(t), clickhouse.Options{Logger: log})
		run(t, s, err)
	})
}

func holdsOut(t *testing.T, store insight.Store) {
	c := clock.NewSystem()
	now := c.Now()
	day := heed.Time(24 * time.Hour / time.Microsecond)
	var facts, events insight.Rows
	facts.Part, facts.Seq, events.Seq = insight.FactsPart, 1, 1
	var keys []insight.KeyChange
	add := func(rows *insight.Rows, e heed.Event, who heed.ID) {
		e.ReceivedAt, e.Index = e.Timestamp, len(rows.Events)
		rows.Events, rows.Keys = append(rows.Events, e), append(rows.Keys, who)
	}
	for i := range 64 {
		who := heed.MakeID(now, [10]byte{9: byte(i + 1)})
		keys = append(keys, insight.KeyChange{N: int64(i + 1), Key: who, Person: who})
		at, held := now-20*day, i%3 == 2
		if i >= 60 {
			at = now - 2*day // too recent to say
		}
		props := `{"journey":"basket","version":1,"node":"control","path":["control"]}`
		if held {
			props = `{"journey":"basket","version":1,"node":"control","reason":"holdout","holdout":true,"path":["control"]}`
		}
		add(&facts, heed.Event{Type: heed.RunChanged, Name: map[bool]string{false: "moved", true: "ended"}[held], Source: "journey:basket", Person: who, Timestamp: at, Properties: heed.RawJSON(props)}, who)
		bought := at + 3*day
		revenue := 50
		switch {
		case held && i%12 != 2: // three of four who are held out do it too late
			bought = at + 15*day
		case !held && i%2 == 1: // half of the others spend too little
			revenue = 5
		}
		// In another journey the goal is a rule, and it says itself who has reached it: half of the others in time, none of those
		// who are held out.
		care := heed.Event{Type: heed.RunChanged, Name: "moved", Source: "journey:care", Person: who, Timestamp: at, Properties: heed.RawJSON(fmt.Sprintf(`{"version":1,"holdout":%t,"path":["control","rest"]}`, held))}
		add(&facts, care, who)
		care.Properties = heed.RawJSON(`{"version":1,"node":"rest","reason":"goal"}`)
		switch care.Timestamp = at + 3*day; {
		case held:
			care.Name, care.Properties = "ended", heed.RawJSON(`{"version":1,"node":"rest","reason":"done"}`)
		case i%4 == 1:
			care.Name = "ended"
		case i%4 == 3:
			care.Name = "goal"
		default:
			care.Name, care.Timestamp = "goal", at+15*day
		}
		add(&facts, care, who)
		add(&events, heed.Event{Type: heed.Track, Name: "Order Completed", Timestamp: bought, Properties: heed.RawJSON(fmt.Sprintf(`{"revenue":%d}`, revenue))}, who)
	}
	for _, rows := range []insight.Rows{facts, events} {
		if err := store.Append(t.Context(), rows); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Commit(t.Context(), insight.Commit{Positions: insight.Positions{insight.FactsPart: 1, 0: 1}, Keys: keys}); err != nil {
		t.Fatal(err)
	}
	s := studio{app: &App{history: &history{store: store}, clock: c}}
	x := spec.Spec{Kind: spec.Journey, Name: "basket", Body: heed.RawJSON(`{"trigger":{"event":"Product Added"},"goal":{"event":"Order Completed","where":"properties.revenue > 10"},
		"nodes":[{"id":"control","holdout":{"percent":33}},{"id":"rest","wait":"1d"}]}`)}
	got, err := s.Holdout(t.Context(), x, 14)
	if err != nil {
		t.Fatal(err)
	}
	if got.Measure != "goal_event" || got.Treated.People != 40 || got.Treated.Reached != 20 || got.Held.People != 20 || got.Held.Reached != 5 {
		t.Errorf("got %+v", got)
	}
	if d := got.Difference; d.Value != 0.25 || d.Low > 0 || d.Low < -0.03 || d.High < 0.44 || d.High > 0.47 {
		t.Errorf("the difference is %+v", d)
	}
	got, err = s.Holdout(t.Context(), spec.Spec{Kind: spec.Journey, Name: "care", Body: heed.RawJSON(`{"trigger":{"event":"Product Added"},"goal":{"rule":"trait happy = true"},
		"nodes":[{"id":"control","holdout":{"percent":33},"then":"rest"},{"id":"rest","wait":"1d"}]}`)}, 14)
	if err != nil || got.Measure != "goal_in_journey" || got.Treated.People != 40 || got.Treated.Reached != 20 || got.Held.People != 20 || got.Held.Reached != 0 {
		t.Errorf("a goal within the journey: %+v, %v", got, err)
	}
}
