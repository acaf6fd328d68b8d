package identity

import (
	"strings"
	"testing"

	"github.com/heedcx/heed"
)

func TestNormalise(t *testing.T) {
	c, err := FromBrand(heed.RawJSON(`{"country":"PT","identity":{"blocked":["Walk-In"],"allowed":["TEST"]}}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ ns, in, want string }{
		{heed.UserID, " u1 ", "u1"}, {heed.UserID, "U1", "U1"}, {heed.UserID, "test", "test"}, {heed.UserID, "100", "100"}, {heed.UserID, "ação", "ação"},
		{heed.UserID, "null", ""}, {heed.UserID, "UnDefined", ""}, {heed.UserID, "0", ""}, {heed.UserID, "0000", ""}, {heed.UserID, "  ", ""},
		{heed.UserID, "00000000-0000-0000-0000-000000000000", ""}, {heed.UserID, "[object Object]", ""}, {heed.UserID, "NaN", ""}, {heed.UserID, "walk-in", ""},
		{heed.UserID, "a\x00b", ""}, {heed.UserID, "a\u202eb", ""}, {heed.UserID, "\xff", ""}, {heed.UserID, strings.Repeat("x", 257), ""},
		{heed.Email, " Ana.Silva+x@Example.COM ", "ana.silva+x@example.com"}, {heed.Email, "a@bücher.example", "a@xn--bcher-kva.example"},
		{heed.Email, "ana", ""}, {heed.Email, "@example.com", ""}, {heed.Email, "a@localhost", ""}, {heed.Email, "a b@example.com", ""}, {heed.Email, "a@exa mple.com", ""},
		{heed.Phone, "912 345 678", "+351912345678"}, {heed.Phone, "tel:+1 (415) 555-2671", "+14155552671"}, {heed.Phone, "0044 20 7946 0018", "+442079460018"},
		{heed.Phone, "12", ""}, {heed.Phone, "hello", ""},
		{"loyalty_card", "X-1", "X-1"}, {"Loyalty", "X-1", ""}, {"", "x", ""}, {Person, "x", ""},
	} {
		id, ok := c.Normalise(heed.Identifier{Namespace: x.ns, Value: x.in})
		if id.Value != x.want || ok != (x.want != "") {
			t.Errorf("%s %q: got %q, %v; want %q", x.ns, x.in, id.Value, ok, x.want)
		}
		if again, _ := c.Normalise(id); ok && again != id {
			t.Errorf("%s %q is not stable: %q", x.ns, id.Value, again.Value)
		}
	}
}

func TestKey(t *testing.T) {
	c := Default()
	hash := func(ns, v string) heed.ID { return heed.Identifier{Namespace: ns, Value: v}.Hash() }
	email := []heed.Identifier{{Namespace: heed.Email, Value: "A@example.com"}}
	me := heed.NewID(1)
	for name, x := range map[string]struct {
		e    heed.Event
		want heed.ID
	}{
		"user first":        {heed.Event{Type: heed.Track, UserID: "u", AnonymousID: "a", IDs: email}, hash(heed.UserID, "u")},
		"known before anon": {heed.Event{Type: heed.Track, AnonymousID: "a", IDs: email}, hash(heed.Email, "a@example.com")},
		"public: no e-mail": {heed.Event{Type: heed.Track, Public: true, AnonymousID: "a", IDs: email}, hash(heed.AnonymousID, "a")},
		"blocked":           {heed.Event{Type: heed.Track, UserID: "null", AnonymousID: "a"}, hash(heed.AnonymousID, "a")},
		"nobody":            {heed.Event{Type: heed.Track, UserID: "null"}, heed.ID{}},
		"derived":           {heed.Event{Type: heed.RunChanged, Person: me, UserID: "u"}, me},
		"by person id":      {heed.Event{Type: heed.Feedback, IDs: []heed.Identifier{{Namespace: Person, Value: me.String()}}}, me},
	} {
		if got := c.Key(&x.e); got != x.want {
			t.Errorf("%s: %s, want %s", name, got, x.want)
		}
	}
	a, b := heed.Identifier{Namespace: heed.Email, Value: "a@example.com"}, heed.Identifier{Namespace: heed.Email, Value: "b@example.com"}
	if c.Key(&heed.Event{Type: heed.Track, IDs: []heed.Identifier{a, b}}) != c.Key(&heed.Event{Type: heed.Track, IDs: []heed.Identifier{b, a}}) {
		t.Error("the key depends on the order of two addresses")
	}
}

func TestBrandIsChecked(t *testing.T) {
	for _, bad := range []string{
		`{"identity":{"region":"Portugal"}}`, `{"identity":{"namespaces":{"User ID":{}}}}`, `{"identity":{"namespaces":{"user_id":{"limit":2}}}}`,
		`{"identity":{"namespaces":{"email":{"limit":5000}}}}`, `{"identity":{"namespaces":{"person_id":{"limit":1}}}}`, `{"identity":[]}`,
	} {
		if _, err := FromBrand(heed.RawJSON(bad)); heed.CodeOf(err) != heed.Invalid {
			t.Errorf("%s: %v", bad, err)
		}
	}
}
