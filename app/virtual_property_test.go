package app_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/app"
	"github.com/heedcx/heed/internal/spec"
)

// life is what one customer of the property test has done, kept beside the stages.
type life struct {
	name    string
	zone    *time.Location
	granted bool
	cases   map[string]bool // open?
	wrong   heed.Time       // something went wrong, or a case was closed, at
	praised heed.Time
	events  int
}

// promised says why a sales mail at t would break what the brand promises; "" when it does not.
func (l *life) promised(t heed.Time, earlier []heed.Time) string {
	local := t.Std().In(l.zone)
	week := 0
	for _, e := range earlier {
		if e > t.Add(5*time.Minute-7*24*time.Hour) { // a sender may be so late without being counted anew
			week++
		}
	}
	switch {
	case !l.granted:
		return "they had not said yes"
	case local.Hour() >= 21 || local.Hour() < 8:
		return "it was night: " + local.String()
	case slices.Contains([]bool{l.cases["1"], l.cases["2"]}, true):
		return "a case was open"
	case l.wrong > 0 && t < l.wrong.Add(7*24*time.Hour):
		return "it was within the recovery window"
	case l.praised > 0 && t < l.praised.Add(4*time.Hour):
		return "it was a good moment"
	case week >= 2:
		return fmt.Sprintf("it was number %d in seven days", week+1)
	}
	return ""
}

// act makes something happen in a life, and notes what the brand must keep in mind.
func (l *life) act(r *rand.Rand, now heed.Time) heed.Event {
	e := heed.Event{Type: heed.Track, UserID: l.name, Timestamp: now, ReceivedAt: now, Source: "test"}
	l.events++
	e.MessageID = fmt.Sprintf("%s-%d", l.name, l.events)
	props := map[string]any{"sku": "L-1", "name": "Shirt", "order_id": fmt.Sprint(l.name, l.events), "revenue": 10, "purpose": "stories", "channel": "email"}
	which := fmt.Sprint(1 + r.IntN(2))
	props["case_id"] = which
	switch n := r.IntN(40); {
	case n < 4:
		e.Name, l.granted = "Consent Granted", true
	case n < 5:
		e.Name, l.granted = "Consent Denied", false
	case n < 6:
		e.Name, l.cases[which] = "Case Opened", true
	case n < 8 && l.cases[which]:
		e.Name = "Case Closed"
		l.cases[which], l.wrong = false, now
	case n < 9:
		e.Name, l.praised = "Praise Given", now
	case n < 10 && r.IntN(3) == 0:
		e.Name, l.wrong = "Delivery Failed", now
	case n < 13:
		e.Name = "Order Completed"
	case n < 17:
		e.Name = "Product Added"
	case n < 19:
		e.Name = "Order Delivered"
	default:
		e.Type, e.Name = heed.SendMessage, "email"
		props = map[string]any{"purpose": "stories", "channel": "email", "template": "come-back", "ttl": heed.Time(5 * 24 * 3600 * 1e6), "priority": r.IntN(3)}
	}
	e.Properties, _ = json.Marshal(props) // plain values always encode
	return e
}

// TestPromisesHoldWhateverHappens lets people live at random with the example brand, and holds every sales mail that
// went out to the brand's promises, which are worked out here a second time.
func TestPromisesHoldWhateverHappens(t *testing.T) {
	set, err := spec.ReadFiles(filepath.FromSlash("../examples/lumen/brand"))
	if err != nil {
		t.Fatal(err)
	}
	sent := 0
	for seed := range uint64(12) {
		sent += liveAtRandom(t, set, seed)
	}
	if sent < 100 {
		t.Errorf("only %d sales mails went out: this proves little", sent)
	}
}

func liveAtRandom(t *testing.T, set spec.Set, seed uint64) (sales int) {
	ctx, r := t.Context(), rand.New(rand.NewPCG(seed, 7))
	v, err := app.NewVirtual(ctx, set, heed.At(time.Date(2026, 3, 20, 9, 0, 0, 0, time.UTC)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := v.Close(); err != nil {
			t.Error(err)
		}
	}()
	v.Schedulers(1 + int(seed%2))
	lives := map[heed.ID]*life{}
	mails := map[heed.ID][]heed.Time{}
	var names []*life
	for i, z := range []string{"Europe/Lisbon", "America/New_York", "Asia/Tokyo"} {
		loc, err := time.LoadLocation(z)
		if err != nil {
			t.Fatal(err)
		}
		l := &life{name: fmt.Sprint("p", i), zone: loc, cases: map[string]bool{}}
		now := v.Now()
		err = v.Feed(ctx, heed.Event{Type: heed.Identify, UserID: l.name, MessageID: "hello-" + l.name, Source: "test", Timestamp: now, ReceivedAt: now,
			IDs:        []heed.Identifier{{Namespace: heed.Email, Value: l.name + "@example.com"}},
			Properties: heed.RawJSON(fmt.Sprintf(`{"email":"%s@example.com"}`, l.name)), Context: heed.RawJSON(fmt.Sprintf(`{"timezone":%q}`, z))})
		if err != nil {
			t.Fatal(err)
		}
		p, err := v.Person(ctx, heed.Identifier{Namespace: heed.UserID, Value: l.name})
		if err != nil {
			t.Fatal(err)
		}
		lives[p.ID] = l
		names = append(names, l)
	}
	checked := 0
	check := func() {
		all := v.Handed()
		for _, h := range all[checked:] {
			if h.Message.Purpose != "stories" {
				continue
			}
			sales++
			l := lives[h.Message.Person]
			if why := l.promised(h.At, mails[h.Message.Person]); why != "" {
				t.Errorf("seed %d: %s got %s at %s, but %s", seed, l.name, h.Message.Template, h.At, why)
			}
			mails[h.Message.Person] = append(mails[h.Message.Person], h.At)
		}
		checked = len(all)
	}
	modes := []app.Delivery{app.Deliver, app.Deliver, app.Deliver, app.Off, app.Taken, app.Retry}
	taken := app.Deliver
	for range 120 {
		if err := v.Advance(ctx, v.Now().Add(time.Duration(r.IntN(30*60))*time.Minute)); err != nil {
			t.Fatal(err)
		}
		check()
		if taken == app.Taken { // what is in flight may break any promise that is made now, so nothing happens meanwhile
			taken = app.Deliver
			if err := v.Senders(ctx, taken); err != nil {
				t.Fatal(err)
			}
			checked = len(v.Handed())
			continue
		}
		var batch []heed.Event
		for range 1 + r.IntN(2) {
			batch = append(batch, names[r.IntN(len(names))].act(r, v.Now()))
		}
		if err := v.Feed(ctx, batch...); err != nil {
			t.Fatal(err)
		}
		check()
		if r.IntN(6) == 0 {
			taken = modes[r.IntN(len(modes))]
			if err := v.Senders(ctx, taken); err != nil {
				t.Fatal(err)
			}
			check()
		}
	}
	for id, l := range lives {
		p, err := v.Person(ctx, heed.Identifier{Namespace: heed.UserID, Value: l.name})
		if err != nil || p.ID != id {
			t.Fatal(err)
		}
		runs, err := v.Runs(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		open := map[string]bool{}
		for _, run := range runs {
			k := run.Journey + "/" + run.Key
			if run.State != "ended" && open[k] {
				t.Errorf("seed %d: %s is in %s twice", seed, l.name, strings.TrimSuffix(k, "/"))
			}
			open[k] = open[k] || run.State != "ended"
		}
	}
	return sales
}
