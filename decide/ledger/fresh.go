package ledger

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// fresh are the counts of decisions that are not in the counts of hours yet. Those that are settled are counted once: who
// looks every second counts five minutes of them, not an hour.
type fresh struct {
	mu       sync.Mutex
	from, to heed.Time
	list     []tally
}

const (
	minute = heed.Time(time.Minute / time.Microsecond)
	// lateHours is how far back the counts of hours may end for this: further, and they are about to be made.
	lateHours = 3 * hour
)

// uncounted counts the decisions since the hours that are counted end.
func (l *Ledger) uncounted(ctx context.Context, q db.Querier, upto heed.Time) ([]tally, error) {
	now := l.clock.Now()
	f := &l.fresh
	f.mu.Lock() // whoever comes meanwhile waits for what the first one counts
	defer f.mu.Unlock()
	if f.from != upto || f.to > now {
		f.from, f.to, f.list = upto, upto, nil
	}
	if end := now - settled - (now-settled)%minute; end > f.to {
		list, err := tallies(ctx, q, f.to, end, &where{})
		if err != nil {
			return nil, err
		}
		f.to, f.list = end, append(f.list, list...)
	}
	rest, err := tallies(ctx, q, f.to, now+hour, &where{})
	return append(slices.Clip(f.list), rest...), err
}

// fits says whether a count is of decisions that the filter wants.
func (f *Filter) fits(t *tally) bool {
	is := func(want, got string) bool { return want == "" || want == got }
	return t.hour >= f.Since && t.hour < f.Until && is(f.Journey, t.journey) && is(f.Channel, t.channel) && is(f.Purpose, t.purpose) &&
		is(f.Reason, t.Reason) && is(string(f.Outcome), string(t.Outcome)) && (f.Dry == nil || *f.Dry == (t.dry == 1))
}
