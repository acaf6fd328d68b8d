package app

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/journey"
)

// cast is who takes part in a rehearsal and what happened to them.
type cast struct {
	people map[heed.ID]heed.Time // since when they are known; 0 for those who are not
	hours  []hour                // in which something happened, in order
	// between reads what they did from one moment up to another, in order.
	between func(ctx context.Context, from, to heed.Time) ([]*heed.Event, error)
	// gone reads what really went out to some of them since a moment.
	gone func(ctx context.Context, people []heed.ID, since heed.Time) ([]ledger.Gone, error)
	// earlier is what they had gone through of the journey before the first day; most of them nothing.
	earlier map[heed.ID]journey.Earlier
}

// hour counts what happened within one.
type hour struct {
	from heed.Time
	n    int64
}

const anHour = heed.Time(3600 * 1e6)

// ids are the people, in order.
func (c *cast) ids() []heed.ID {
	out := make([]heed.ID, 0, len(c.people))
	for id := range c.people {
		out = append(out, id)
	}
	slices.SortFunc(out, func(a, b heed.ID) int { return bytes.Compare(a[:], b[:]) })
	return out
}

// events is how much happened.
func (c *cast) events() (n int64) {
	for _, h := range c.hours {
		n += h.n
	}
	return n
}

// reels calls do with what happened in [from, to), about rehearsalReel events at a time, so that memory holds no more.
func (c *cast) reels(ctx context.Context, from, to heed.Time, do func([]*heed.Event) error) error {
	at, n := from, int64(0)
	read := func(until heed.Time) error {
		events, err := c.between(ctx, at, until)
		if err == nil && len(events) > 0 {
			err = do(events)
		}
		at, n = until, 0
		return err
	}
	for _, h := range c.hours {
		if h.from+anHour <= from || h.from >= to {
			continue
		}
		if n > 0 && n+h.n > rehearsalReel {
			if err := read(max(from, h.from)); err != nil {
				return err
			}
		}
		if n == 0 {
			at = max(from, h.from)
		}
		n += h.n
	}
	if n == 0 {
		return nil
	}
	return read(to)
}

// goneChunk is of how many people one question to the ledger asks.
const goneChunk = 1000

// sent is what really went out to everybody since a moment, oldest first. The words in it are kept once.
func (c *cast) sent(ctx context.Context, since heed.Time) (out []ledger.Gone, err error) {
	words := map[string]string{}
	one := func(s *string) {
		if w, ok := words[*s]; ok {
			*s = w
		} else {
			words[*s] = *s
		}
	}
	for some := range slices.Chunk(c.ids(), goneChunk) {
		part, err := c.gone(ctx, some, since)
		if err != nil {
			return nil, err
		}
		for i := range part {
			g := &part[i]
			for _, s := range []*string{&g.Journey, &g.Contact.Channel, &g.Contact.Purpose, &g.Contact.Class} {
				one(s)
			}
		}
		out = append(out, part...)
	}
	slices.SortFunc(out, func(a, b ledger.Gone) int {
		return cmp.Or(cmp.Compare(a.Contact.At, b.Contact.At), bytes.Compare(a.Contact.Message[:], b.Contact.Message[:]))
	})
	return out, nil
}

// contactsBefore are what caps counted of everybody at a moment.
func contactsBefore(gone []ledger.Gone, at heed.Time) map[heed.ID][]heed.Contact {
	out := map[heed.ID][]heed.Contact{}
	for i := range gone {
		if gone[i].Contact.At < at {
			out[gone[i].Person] = append(out[gone[i].Person], gone[i].Contact)
		}
	}
	return out
}

// wentOut is the event that tells a Virtual of a message that really went out.
func wentOut(g *ledger.Gone) *heed.Event {
	c := &g.Contact
	e := channel.Feedback{Message: c.Message, Person: g.Person, Channel: c.Channel, Purpose: c.Purpose, Journey: g.Journey}.Event(string(heed.MessageSent), "", c.At)
	e.Person, e.UserID, e.Ref = g.Person, g.Person.String(), c.Message
	return &e
}

// cast chooses who is rehearsed: of more people, or people who did more, than a rehearsal takes, always the same ones.
func (s studio) cast(ctx context.Context, r *rehearsal, from, now heed.Time) (*cast, error) {
	past := lived{s.app.history.store}
	var some []heed.ID
	var err error
	if typ, name, ok := r.draft.Event(); ok {
		r.out.People, some, err = past.doers(ctx, typ, name, from, now, rehearsedPeople)
	} else {
		r.out.People, some, err = past.everybody(ctx, rehearsedPeople)
	}
	c := &cast{people: map[heed.ID]heed.Time{}, gone: s.app.ledger.Gone, earlier: map[heed.ID]journey.Earlier{}}
	if err != nil || len(some) == 0 {
		return c, err
	}
	n, err := past.count(ctx, some, now)
	if err != nil {
		return nil, err
	}
	if n > rehearsedEvents { // fewer people with all that they did are worth more than many with half of it
		some = some[:max(1, int(int64(len(some))*rehearsedEvents/n))]
	}
	if c.hours, err = past.hours(ctx, some, now); err != nil {
		return nil, err
	}
	c.between = func(ctx context.Context, from, to heed.Time) ([]*heed.Event, error) {
		return past.between(ctx, some, from, to)
	}
	for ids := range slices.Chunk(some, goneChunk) { // their documents are large
		err := s.app.DB.Read(ctx, func(q db.Querier) error {
			docs, err := s.app.reading.store.GetEach(ctx, q, ids)
			for i := range docs {
				c.people[ids[i]] = 0
				if docs[i] != nil {
					c.people[ids[i]] = docs[i].Known
				}
			}
			if err != nil {
				return err
			}
			docs = slices.DeleteFunc(docs, func(p *heed.Person) bool { return p == nil })
			earlier, err := journey.EarlierOf(ctx, q, r.name, docs, from)
			maps.Copy(c.earlier, earlier)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	r.out.Sampled, r.out.Events = int64(len(some)), c.events()
	if r.out.Sampled < r.out.People {
		r.note("sampled")
	}
	return c, nil
}
