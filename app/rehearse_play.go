package app

import (
	"cmp"
	"context"
	"slices"

	"github.com/tidwall/gjson"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/journey"
)

// play lets everything happen again: what was before as it was, a week in which the other journeys run, so that people
// stand in them where they would, and then the days of the rehearsal with the draft. Caps count what really went out
// before those days, and within them what no journey of the rehearsal sends itself: broadcasts, calls of the API.
func (r *rehearsal) play(ctx context.Context, world spec.Set, c *cast, from, now heed.Time) (err error) {
	warm := from.Add(-warmUp)
	quiet, others := spec.Set{}, spec.Set{}
	for k, x := range world {
		switch {
		case k.Kind != spec.Journey:
			quiet[k] = x
		case k.Name != r.name && !gjson.GetBytes(x.Body, "paused").Bool():
			others[k] = x
		}
	}
	draft := world[spec.Key{Kind: spec.Journey, Name: r.name}]
	went := map[heed.ID]heed.Contact{}
	if r.v, err = OpenVirtual(ctx, quiet, VirtualOptions{Start: warm, Told: c.people, Went: went, Unread: true, Grain: rehearsalSlot,
		Counts: journey.CountersOf(append(others.All(), draft))}); err != nil {
		return err
	}
	defer func() { _ = r.v.Close() }() // a folder of its own, which nobody needs any more
	r.v.journeys.Refused = r.timed
	reach, err := r.v.ledger.Remembers(ctx)
	if err != nil {
		return err
	}
	gone, err := c.sent(ctx, warm-reach)
	if err != nil {
		return err
	}
	if err := r.before(ctx, c, warm); err != nil {
		return err
	}
	if err := r.v.Contacted(ctx, c.ids(), contactsBefore(gone, warm)); err != nil {
		return err
	}
	if err := r.v.Apply(ctx, others); err != nil {
		return err
	}
	news := r.reallySent(gone, others, warm)
	for i := range news {
		went[news[i].Contact.Message] = news[i].Contact
	}
	start, _ := slices.BinarySearchFunc(news, from, func(g ledger.Gone, t heed.Time) int { return cmp.Compare(g.Contact.At, t) })
	if err := r.live(ctx, c, news[:start], warm, from, now); err != nil {
		return err
	}
	seed := contactsBefore(gone, from)
	if err := r.v.Contacted(ctx, c.ids(), seed); err != nil {
		return err
	}
	r.v.Facts()
	r.triggered, r.refused = map[heed.ID]bool{}, map[heed.ID]string{}
	for _, list := range seed {
		r.out.Real += int64(len(list))
	}
	r.out.Real += int64(len(news) - start)
	if draft, err = r.whoWasInside(ctx, c, draft, now); err != nil {
		return err
	}
	if err := r.v.Apply(ctx, spec.SetOf(draft)); err != nil {
		return err
	}
	return r.live(ctx, c, news[start:], from, now, now)
}

// reallySent is what went out since a moment and is not sent again by the rehearsal's own journeys.
func (r *rehearsal) reallySent(gone []ledger.Gone, others spec.Set, since heed.Time) (out []ledger.Gone) {
	for _, g := range gone {
		if g.Contact.At >= since && g.Journey != r.name && !others.Has(spec.Journey, g.Journey) {
			out = append(out, g)
		}
	}
	return out
}

// before takes in what happened up to a time, when no journey runs.
func (r *rehearsal) before(ctx context.Context, c *cast, to heed.Time) error {
	done, all := int64(0), c.events()
	return c.reels(ctx, 0, to, func(events []*heed.Event) error {
		for chunk := range slices.Chunk(events, rehearsalBatch) {
			if err := r.put(ctx, chunk); err != nil {
				return err
			}
			done += int64(len(chunk))
			if err := r.tell(float64(done)/float64(all)*0.5, 0); err != nil {
				return err
			}
		}
		return nil
	})
}

// put takes in a batch of what happened. A batch that fails is not worth the rest.
func (r *rehearsal) put(ctx context.Context, events []*heed.Event) error {
	list := make([]heed.Event, len(events))
	for i, e := range events {
		list[i] = *e
	}
	return r.v.Feed(ctx, list...)
}

// live replays what happened in [from, to), and what really went out then; end is that of the whole rehearsal, for its
// progress.
func (r *rehearsal) live(ctx context.Context, c *cast, gone []ledger.Gone, from, to, end heed.Time) error {
	mix := func(events []*heed.Event, until heed.Time) []*heed.Event {
		n, _ := slices.BinarySearchFunc(gone, until, func(g ledger.Gone, t heed.Time) int { return cmp.Compare(g.Contact.At, t) })
		for i := range gone[:n] {
			events = append(events, wentOut(&gone[i]))
		}
		gone = gone[n:]
		slices.SortStableFunc(events, func(a, b *heed.Event) int { return cmp.Compare(a.Timestamp, b.Timestamp) })
		return events
	}
	err := c.reels(ctx, from, to, func(events []*heed.Event) error {
		return r.slots(ctx, mix(events, events[len(events)-1].Timestamp+1), from, end)
	})
	if err == nil {
		err = r.slots(ctx, mix(nil, to), from, end)
	}
	if err == nil {
		err = r.v.Advance(ctx, to)
	}
	if err == nil {
		err = r.collect(ctx)
	}
	return err
}

// slots replays events, those that happened close together at once.
func (r *rehearsal) slots(ctx context.Context, events []*heed.Event, from, end heed.Time) error {
	for i := 0; i < len(events); {
		j := i + 1
		for j < len(events) && j-i < rehearsalBatch && events[j].Timestamp.Sub(events[i].Timestamp) < rehearsalSlot {
			j++
		}
		chunk := events[i:j]
		i = j
		if err := r.v.Advance(ctx, max(r.v.Now(), chunk[0].Timestamp)); err != nil {
			return err
		}
		if err := r.collect(ctx); err != nil {
			return err
		}
		r.v.clock.Set(max(r.v.Now(), chunk[len(chunk)-1].Timestamp))
		if err := r.put(ctx, chunk); err != nil {
			return err
		}
		if err := r.collect(ctx); err != nil {
			return err
		}
		for _, e := range chunk {
			if err := r.starts(ctx, e); err != nil {
				return err
			}
		}
		if err := r.tell(0.5, float64(r.v.Now()-from)/float64(end-from)); err != nil {
			return err
		}
	}
	return nil
}

func (r *rehearsal) tell(base, part float64) error {
	return r.progress(min(0.99, base+part*0.5))
}
