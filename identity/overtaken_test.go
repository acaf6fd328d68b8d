package identity_test

import (
	"context"
	"testing"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/identity"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/testx"
	"github.com/heedcx/heed/stream"
)

// meanwhile is what another worker does once identity has looked and before it writes.
type meanwhile struct {
	does  func()
	tries int
}

func (m *meanwhile) Name() string { return "meanwhile" }

func (m *meanwhile) Begin(context.Context, db.Tx, *stream.Batch) error {
	if m.tries++; m.tries == 1 {
		m.does()
	}
	return nil
}

func (m *meanwhile) Apply(*stream.Batch, *heed.Person, *heed.Event)    {}
func (m *meanwhile) Flush(context.Context, db.Tx, *stream.Batch) error { return nil }

// Where several workers write, one that finds its new identifiers taken, or erased, begins anew and sees what happened.
func TestABatchThatWasOvertakenBeginsAnew(t *testing.T) {
	for name, c := range map[string]struct{ first, then []string }{
		"another stores it":            {first: []string{"public identify user=U1 anon=A1"}, then: []string{"one user:U1 anon:A1", "people 2"}},
		"another stores and erases it": {first: []string{"public identify user=U1 anon=A1", "erase user=U1"}, then: []string{"nobody user:U1", "people 2"}},
	} {
		t.Run(name, func(t *testing.T) {
			d := testx.Postgres(t, append(queries(), spec.Queries)...)
			owner := func() heed.ID {
				t.Helper()
				var who []heed.ID
				err := d.Read(context.Background(), func(q db.Querier) (err error) {
					who, err = identity.Owners(context.Background(), q, []heed.ID{heed.Identifier{Namespace: heed.AnonymousID, Value: "A1"}.Hash()})
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				return who[0]
			}
			s, other := newScript(t, d), newScript(t, d)
			if err := s.step("public page anon=B1"); err != nil { // the source is known from here on: it would be waited for
				t.Fatal(err)
			}
			s.n = 100 // later than what the other worker brings
			var was heed.ID
			m := &meanwhile{does: func() {
				for _, line := range c.first {
					if err := other.step(line); err != nil {
						t.Fatal(err)
					}
					if was.IsZero() {
						was = owner()
					}
				}
			}}
			s.engine.Stages = append([]stream.Stage{s.engine.Stages[0], m}, s.engine.Stages[1:]...)
			for _, line := range append([]string{"public page anon=A1"}, c.then...) {
				if err := s.step(line); err != nil {
					t.Errorf("%s: %v", line, err)
				}
			}
			if m.tries != 2 {
				t.Errorf("the batch was tried %d times, want 2", m.tries)
			}
			if now := owner(); now.IsZero() || (now == was) != (len(c.first) == 1) {
				t.Errorf("the cookie was %v's and is %v's", was, now)
			}
			s.consistent()
		})
	}
}
