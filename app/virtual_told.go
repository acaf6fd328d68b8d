package app

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/profile"
	"github.com/heedcx/heed/stream"
)

// toldApart stands where identity stands in a Virtual whose people are told apart already: those of a running Heed, under
// their own ids, so that chance falls on them as it does there.
type toldApart struct {
	known map[heed.ID]heed.Time
	went  map[heed.ID]heed.Contact // by message
}

var _ stream.Stage = (*toldApart)(nil)

// Name implements stream.Stage.
func (t *toldApart) Name() string { return "told apart" }

// Begin implements stream.Stage.
func (t *toldApart) Begin(_ context.Context, _ db.Tx, b *stream.Batch) error {
	for _, e := range b.Events {
		if e.Type.Derived() {
			continue
		}
		id := e.UserID
		for _, i := range e.IDs {
			if i.Namespace == ledger.PersonNamespace {
				id = i.Value
			}
		}
		e.Person, _ = heed.ParseID(id) // what names nobody belongs to nobody
	}
	return nil
}

// Apply implements stream.Stage.
func (t *toldApart) Apply(_ *stream.Batch, p *heed.Person, e *heed.Event) {
	if p == nil || e.Type.Derived() {
		return
	}
	if at := t.known[p.ID]; at != 0 && at <= e.Timestamp && p.Known == 0 {
		p.Known, p.Dirty = at, true
	}
	if c, ok := t.went[e.Ref]; ok && e.Type == heed.Feedback {
		p.Contacts, p.Dirty = append(p.Contacts, c), true
		slices.SortStableFunc(p.Contacts, func(a, b heed.Contact) int { return cmp.Compare(a.At, b.At) })
	}
}

// Flush implements stream.Stage.
func (t *toldApart) Flush(context.Context, db.Tx, *stream.Batch) error { return nil }

// ownKeys says that each key of the past is its person's own id.
func ownKeys(_ context.Context, _ db.Querier, keys []heed.ID) ([]heed.ID, error) {
	return slices.Clone(keys), nil
}

// Adopt puts people into an empty Virtual as they are, with what is known of their past, and wakes them.
func (v *Virtual) Adopt(ctx context.Context, people []*heed.Person, past map[heed.ID][]*heed.Event) error {
	docs := adopted{}
	events := make([]*heed.Event, len(people))
	for i, p := range people {
		docs[p.ID] = p
		events[i] = &heed.Event{Type: heed.Wake, Person: p.ID, Timestamp: v.clock.Now(), ReceivedAt: v.clock.Now()}
	}
	e := &stream.Engine{DB: v.db, Clock: v.clock, Stages: []stream.Stage{profile.New(v.log), docs}}
	if err := e.Process(ctx, events, nil); err != nil {
		return err
	}
	v.past.events = past
	return nil
}

// adopted is a stage that replaces documents by given ones.
type adopted map[heed.ID]*heed.Person

// Name implements stream.Stage.
func (a adopted) Name() string { return "adopted" }

// Begin implements stream.Stage.
func (a adopted) Begin(context.Context, db.Tx, *stream.Batch) error { return nil }

// Apply implements stream.Stage.
func (a adopted) Apply(b *stream.Batch, p *heed.Person, _ *heed.Event) {
	rev := p.Rev
	*p = *a[p.ID]
	p.Rev, p.Wake, p.Dirty = rev, b.Now, true
}

// Flush implements stream.Stage.
func (a adopted) Flush(context.Context, db.Tx, *stream.Batch) error { return nil }

// Contacted replaces what caps count of people; of whom nothing is given there is nothing to count.
func (v *Virtual) Contacted(ctx context.Context, people []heed.ID, contacts map[heed.ID][]heed.Contact) error {
	e := &stream.Engine{DB: v.db, Clock: v.clock, Stages: []stream.Stage{profile.New(v.log), contacted(contacts)}}
	for some := range slices.Chunk(people, goneChunk) {
		events := make([]*heed.Event, len(some))
		for i, id := range some { // a type that leaves memory, and what is waited for, as it is
			events[i] = &heed.Event{Type: heed.MessageDecided, Person: id, Timestamp: v.clock.Now(), ReceivedAt: v.clock.Now()}
		}
		if err := e.Process(ctx, events, nil); err != nil {
			return err
		}
	}
	return nil
}

// contacted is a stage that replaces the contacts of people by given ones.
type contacted map[heed.ID][]heed.Contact

// Name implements stream.Stage.
func (c contacted) Name() string { return "contacted" }

// Begin implements stream.Stage.
func (c contacted) Begin(context.Context, db.Tx, *stream.Batch) error { return nil }

// Apply implements stream.Stage.
func (c contacted) Apply(_ *stream.Batch, p *heed.Person, _ *heed.Event) {
	if list := c[p.ID]; len(list)+len(p.Contacts) > 0 {
		p.Contacts, p.Dirty = slices.Clone(list), true
	}
}

// Flush implements stream.Stage.
func (c contacted) Flush(context.Context, db.Tx, *stream.Batch) error { return nil }

// doc is what is known of a person; an empty document when that is nothing.
func (v *Virtual) doc(ctx context.Context, id heed.ID) (p *heed.Person, err error) {
	err = v.db.Read(ctx, func(q db.Querier) error {
		p, err = v.reading.store.Get(ctx, q, id)
		return err
	})
	if heed.CodeOf(err) == heed.NotFound {
		return &heed.Person{ID: id}, nil
	}
	return p, err
}

// zone is the person's own time zone, for questions about when; UTC when nobody knows it.
func (v *Virtual) zone(p *heed.Person) *time.Location {
	if loc, err := time.LoadLocation(p.Preferences.Zone); err == nil {
		return loc
	}
	return time.UTC
}
