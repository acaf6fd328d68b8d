package identity_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/identity"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/stream"
)

// A link says through which source it came: the one of the earliest evidence, whatever arrives first.
func TestLinksKnowTheirSource(t *testing.T) {
	testx.Each(t, queries(), func(t *testing.T, d db.DB) {
		s, ctx := newScript(t, d), context.Background()
		seen := func(n int, source, user, anon string) *heed.Event {
			return &heed.Event{Type: heed.Identify, Source: source, MessageID: fmt.Sprint(source, n), UserID: user, AnonymousID: anon,
				Timestamp: start + heed.Time(n), ReceivedAt: start + heed.Time(n), Public: true}
		}
		process := func(fail error, events ...*heed.Event) {
			t.Helper()
			err := s.engine.Process(ctx, events, func(db.Tx, *stream.Batch) error { return fail })
			if !errors.Is(err, fail) {
				t.Fatal(err)
			}
		}
		source := func(user string) (out string) {
			t.Helper()
			err := d.Read(ctx, func(q db.Querier) error {
				p, err := identity.Find(ctx, q, identity.Default(), heed.Identifier{Namespace: heed.UserID, Value: user})
				if err != nil {
					return err
				}
				g, err := identity.GraphOf(ctx, q, p)
				for _, l := range g.Links {
					out += l.Source + " "
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		process(errors.New("told to fail"), seen(5, "lost", "U0", "A0")) // its number is given to another one
		process(nil, seen(10, "shop", "U1", "A1"), seen(20, "site", "U2", "A2"))
		process(nil, seen(30, "app", "U1", "A1"), seen(15, "app", "U2", "A2"))
		process(nil, seen(40, "lost", "U3", "A3"))
		for user, want := range map[string]string{"U1": "shop ", "U2": "app ", "U3": "lost "} {
			if got := source(user); got != want {
				t.Errorf("%s: got %q, want %q", user, got, want)
			}
		}
		// There are numbers for 127; what comes from further ones is linked all the same.
		for i := range 130 {
			process(nil, seen(50, fmt.Sprint("s", i), fmt.Sprint("V", i), fmt.Sprint("B", i)))
		}
		if a, b := source("V100"), source("V129"); a != "s100 " || b != " " {
			t.Errorf("got %q and %q", a, b)
		}
	})
}
