package profile

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/heedcx/heed"
)

const t0 = heed.Time(1_700_000_000_000_000)

func sec(n int) heed.Time { return t0 + heed.Time(n)*1_000_000 }

func stage(t testing.TB, brand string) *Stage {
	t.Helper()
	s := New(slog.New(slog.DiscardHandler))
	c, err := FromBrand(heed.RawJSON(brand))
	if err != nil {
		t.Fatal(err)
	}
	s.config = c
	return s
}

var n int

func ev(typ heed.Type, at int, name, props string) *heed.Event {
	n++
	return &heed.Event{Type: typ, Name: name, Timestamp: sec(at), ReceivedAt: sec(at), MessageID: fmt.Sprint("m", n), Source: "test", Properties: heed.RawJSON(props), Direction: heed.Inbound}
}

func foldAll(s *Stage, events ...*heed.Event) *heed.Person {
	p := &heed.Person{ID: heed.MakeID(t0, [10]byte{1})}
	for _, e := range events {
		s.fold(p, e)
	}
	return p
}

func TestNewestTraitWins(t *testing.T) {
	s := stage(t, "")
	p := foldAll(s,
		ev(heed.Identify, 20, "", `{"plan":"gold","city":"Porto","age":41}`),
		ev(heed.Identify, 10, "", `{"plan":"free","nick":"ana","age":40}`),
		ev(heed.Identify, 30, "", `{"city":null}`),
		ev(heed.Identify, 25, "", `{"city":"Lisboa"}`),
	)
	for name, want := range map[string]string{"plan": `"gold"`, "nick": `"ana"`, "age": "41"} {
		if got := p.Traits[name]; string(got.Value) != want {
			t.Errorf("%s is %s, want %s", name, got.Value, want)
		}
	}
	if got, has := p.Traits["city"]; has {
		t.Errorf("the city was taken back later, and is %s", got.Value)
	}
	if p.Traits["plan"].At != sec(20) || p.Traits["plan"].Source != "test" {
		t.Errorf("provenance: %+v", p.Traits["plan"])
	}
	if p.FirstSeen != sec(10) || p.LastSeen != sec(30) {
		t.Errorf("seen %v to %v", p.FirstSeen, p.LastSeen)
	}
}

func TestTraitLimitsAreFindable(t *testing.T) {
	s := stage(t, "")
	many := map[string]any{}
	for i := range MaxTraits + 5 {
		many[fmt.Sprint("k", i)] = i
	}
	b, err := json.Marshal(many)
	if err != nil {
		t.Fatal(err)
	}
	p := foldAll(s, ev(heed.Identify, 1, "", string(b)), ev(heed.Identify, 2, "", `{"k0":"`+strings.Repeat("x", MaxTraitValue)+`"}`))
	if len(p.Traits) != MaxTraits || len(s.notes) != 6 {
		t.Errorf("%d traits and %d notes", len(p.Traits), len(s.notes))
	}
	for _, n := range s.notes {
		if n.Kind != "trait_rejected" || n.Name == "" || n.Detail == "" || n.person != p.ID {
			t.Errorf("note %+v", n)
		}
	}
}

func TestConsents(t *testing.T) {
	s := stage(t, "")
	p := foldAll(s,
		ev(heed.Track, 10, "Consent Granted", `{"purpose":"newsletter","channel":"email","where":"/checkout","act":"ticked the box","text":"Yes, send me stories"}`),
		ev(heed.Track, 5, "Consent Denied", `{"purpose":"newsletter","channel":"email"}`),
		ev(heed.Track, 10, "Consent Denied", `{"purposes":["sms_offers","survey"],"channel":"sms"}`),
		ev(heed.Track, 10, "Consent Granted", `{"purpose":"survey","channel":"sms"}`),
		ev(heed.Track, 11, "Consent Requested", `{"purpose":"community"}`),
		ev(heed.Track, 12, "Consent Granted", `{}`),
	)
	c := p.Consents["newsletter/email"]
	if c.State != heed.Granted || c.Where != "/checkout" || c.Act != "ticked the box" || c.Text != "Yes, send me stories" || c.Source != "test" || c.At != sec(10) {
		t.Errorf("the newest word with its evidence, got %+v", c)
	}
	if got := p.Consents["survey/sms"].State; got != heed.Denied {
		t.Errorf("said yes and no at the same moment: %s", got)
	}
	if p.Consents["community/"].State != heed.Awaited || p.Consents["sms_offers/sms"].State != heed.Denied {
		t.Errorf("got %+v", p.Consents)
	}
	if len(s.notes) != 1 || s.notes[0].Kind != "consent_rejected" {
		t.Errorf("a consent to nothing must be noted: %+v", s.notes)
	}
}

func TestFeedback(t *testing.T) {
	s := stage(t, "")
	p := foldAll(s,
		ev(heed.Feedback, 1, "unsubscribed", `{"message":"x","channel":"email","purpose":"newsletter"}`),
		ev(heed.Feedback, 2, "bounced", `{"channel":"email","address":"Ana@Example.com","hard":true}`),
		ev(heed.Feedback, 3, "bounced", `{"channel":"email","address":"b@example.com","hard":false}`),
		ev(heed.Feedback, 4, "complained", `{"channel":"sms"}`),
		ev(heed.Feedback, 5, "preferences_changed", `{"consents":[{"purpose":"survey","channel":"","state":"granted","act":"chose","where":"preferences"},{"purpose":"x","state":"maybe"}],"preferences":{"topics":["lamps","lamps","art"],"no_track":true}}`),
		ev(heed.Feedback, 6, "unsubscribed", `{"channel":"push"}`),
	)
	if p.Consents["newsletter/email"].State != heed.Denied || p.Consents["*/push"].State != heed.Denied || p.Consents["*/sms"].State != heed.Denied || p.Consents["survey/"].State != heed.Granted {
		t.Errorf("consents %+v", p.Consents)
	}
	if p.Blocked["email:ana@example.com"].Reason != "hard_bounce" || p.Blocked["sms"].Reason != "complaint" || len(p.Blocked) != 2 {
		t.Errorf("blocked %+v", p.Blocked)
	}
	if !p.Preferences.NoTrack || !reflect.DeepEqual(p.Preferences.Topics, []string{"art", "lamps"}) {
		t.Errorf("preferences %+v", p.Preferences)
	}
	if len(s.notes) != 1 {
		t.Errorf("notes %+v", s.notes)
	}
}

func TestZoneAndLocale(t *testing.T) {
	s := stage(t, "")
	shown := func(at int, ctx string) *heed.Event {
		e := ev(heed.Page, at, "", "")
		e.Context = heed.RawJSON(ctx)
		return e
	}
	p := foldAll(s,
		shown(1, `{"timezone":"Europe/Lisbon","locale":"pt-PT"}`),
		shown(2, `{"timezone":"Europe/Lisbon","locale":"pt-PT"}`),
		shown(5, `{"timezone": "America/New_York"}`),
		shown(3, `{"timezone":"Asia/Tokyo"}`),
		shown(6, `{"timezone":"Mars/Olympus","locale":"<b>"}`),
		shown(7, `{"device":{"timezone":"Asia/Tokyo"}}`),
	)
	if p.Preferences.Zone != "America/New_York" || p.Preferences.ZoneSeen != sec(5) || p.Preferences.Locale != "pt-PT" || p.Preferences.LocaleSeen != sec(2) {
		t.Errorf("got %+v", p.Preferences)
	}
	s.fold(p, ev(heed.Track, 4, "Preferences Updated", `{"zone":"Europe/Berlin","channel":"email","muted":["sale"],"no_tracking":true}`))
	s.fold(p, shown(9, `{"timezone":"Asia/Tokyo"}`))
	if p.Preferences.Zone != "Europe/Berlin" || p.Preferences.Channel != "email" || !p.Preferences.NoTrack || len(p.Preferences.Muted) != 1 {
		t.Errorf("what a person says goes before what their device shows: %+v", p.Preferences)
	}
	s.fold(p, ev(heed.Identify, 10, "", `{"timezone":"Nowhere/Land"}`))
	if p.Preferences.Zone != "Europe/Berlin" || len(s.notes) != 1 {
		t.Errorf("zone %s, notes %+v", p.Preferences.Zone, s.notes)
	}
}

func TestOrdersCountOnce(t *testing.T) {
	s := stage(t, `{"currency":"EUR","orders":{"event":"Bought","id":"invoice","revenue":"amount"}}`)
	p := foldAll(s,
		ev(heed.Track, 1, "Bought", `{"invoice":"A","amount":0.1}`), ev(heed.Track, 1, "Bought", `{"invoice":"A","amount":0.2}`),
		ev(heed.Track, 2, "Bought", `{"invoice":17,"amount":-0.05}`), ev(heed.Track, 3, "Order Completed", `{"order_id":"C","revenue":9}`),
		ev(heed.Track, 3, "Bought", `{"invoice":"D","amount":1e400}`),
	)
	if o := p.Orders; o.Count != 1 || o.Revenue != 0.25 || o.First != sec(1) || o.Last != sec(1) {
		t.Errorf("got %+v", o)
	}
	if got := p.Head[0].Summary; got != "0.10 EUR" && got != "0.20 EUR" {
		t.Errorf("the timeline says %q", got)
	}
}

func TestCasesPromisesMoments(t *testing.T) {
	s := stage(t, `{"moments":{"good":[{"event":"Review Posted","where":"properties.rating >= 4"}],"bad":[{"event":"Delivery Failed"}]},"recovery_window":"7d"}`)
	p := foldAll(s,
		ev(heed.Track, 5, "Case Closed", `{"case_id":"1"}`), ev(heed.Track, 1, "Case Opened", `{"case_id":"1","title":"Late parcel"}`),
		ev(heed.Track, 6, "Case Opened", `{"case_id":"2","title":"Broken lamp"}`),
		ev(heed.Track, 4, "Promise Kept", `{"promise_id":"p1"}`), ev(heed.Track, 2, "Promise Made", `{"promise_id":"p1","text":"call back"}`),
		ev(heed.Track, 3, "Promise Made", `{"promise_id":"p2","text":"a new lamp","due":"2023-11-20","by":"Rui"}`),
		ev(heed.Track, 8, "Review Posted", `{"rating":5,"topic":"lamps"}`), ev(heed.Track, 7, "Review Posted", `{"rating":2}`),
		ev(heed.Track, 6, "Delivery Failed", `{}`),
	)
	if len(p.Cases) != 2 || p.Cases[0].Closed != sec(5) || p.Cases[0].Title != "Late parcel" || p.Cases[1].Closed != 0 {
		t.Errorf("cases %+v", p.Cases)
	}
	if len(p.Promises) != 1 || p.Promises[0].ID != "p2" || p.Promises[0].Due == 0 || p.Promises[0].By != "Rui" {
		t.Errorf("promises %+v", p.Promises)
	}
	want := []heed.Moment{{At: sec(6), Name: "Delivery Failed"}, {At: sec(8), Good: true, Name: "Review Posted", Topic: "lamps"}}
	if !reflect.DeepEqual(p.Moments, want) {
		t.Errorf("moments %+v", p.Moments)
	}
}

func TestHeadKeepsTheLatest(t *testing.T) {
	s := stage(t, "")
	var events []*heed.Event
	for i := range 25 {
		events = append(events, ev(heed.Page, (i*7)%25, fmt.Sprint("page ", (i*7)%25), ""))
	}
	p := foldAll(s, events...)
	if len(p.Head) != heed.HeadSize {
		t.Fatalf("%d interactions", len(p.Head))
	}
	for i, h := range p.Head {
		if want := fmt.Sprint("page ", 15+i); h.Name != want {
			t.Errorf("interaction %d is %s, want %s", i, h.Name, want)
		}
	}
}

func TestBrandIsChecked(t *testing.T) {
	for _, bad := range []string{
		`{"moments":{"good":[{"event":"X","where":"properties.rating >="}]}}`,
		`{"moments":{"bad":[{"where":"properties.a = 1"}]}}`,
		`{"moments":{"good":[{"event":"X","where":"properties.a = 1 and did \"Y\""}]}}`,
		`{"recovery_window":"soon"}`, `{"rfm":{"recency":[1,2,3,4],"frequency":[4,3,2,1],"money":[1,2,3,4]}}`, `{"orders":7}`,
	} {
		if _, err := FromBrand(heed.RawJSON(bad)); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

// TestOrderDoesNotMatter folds the same events in another order and expects the same memory.
func TestOrderDoesNotMatter(t *testing.T) {
	s := stage(t, `{"moments":{"bad":[{"event":"Case Opened"}]}}`)
	draw := rapid.Custom(func(t *rapid.T) *heed.Event {
		at := rapid.IntRange(1, 8).Draw(t, "at")
		v := rapid.SampledFrom([]string{"1", `"a"`, "null", `"Europe/Paris"`}).Draw(t, "value")
		id := rapid.SampledFrom([]string{"1", "2"}).Draw(t, "id")
		state := rapid.SampledFrom([]string{"Consent Granted", "Consent Denied", "Consent Requested"}).Draw(t, "state")
		return rapid.SampledFrom([]*heed.Event{
			ev(heed.Identify, at, "", `{"a":`+v+`,"b":`+v+`,"timezone":`+v+`}`),
			ev(heed.Track, at, state, `{"purpose":"p`+id+`","channel":"email","text":`+v+`}`),
			ev(heed.Track, at, "Order Completed", `{"order_id":"`+id+`","revenue":19.99}`),
			ev(heed.Track, at, "Case Opened", `{"case_id":"`+id+`"}`), ev(heed.Track, at, "Case Closed", `{"case_id":"`+id+`"}`),
			ev(heed.Track, at, "Promise Made", `{"promise_id":"`+id+`","text":"t"}`), ev(heed.Track, at, "Promise Kept", `{"promise_id":"`+id+`"}`),
			ev(heed.Track, at, "Preferences Updated", `{"channel":`+v+`,"topics":["x`+id+`"],"no_track":true}`),
			ev(heed.Page, at, "Page "+id, ""),
		}).Draw(t, "event")
	})
	rapid.Check(t, func(t *rapid.T) {
		events := rapid.SliceOfN(draw, 2, 12).Draw(t, "events")
		want := view(foldAll(s, events...))
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		r.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		if got := view(foldAll(s, events...)); got != want {
			t.Fatalf("another order gives another memory:\n%s\n%s", got, want)
		}
	})
}

// view is a document as text, without what is only about folding.
func view(p *heed.Person) string {
	x := *p
	x.Orders.Recent = nil
	b, err := json.Marshal(&x)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
