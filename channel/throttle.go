package channel

import (
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/heedcx/heed"
)

// maxBooked bounds how many booked moments a Throttle remembers.
const maxBooked = 200_000

// Rate is so many messages in a time.
type Rate struct {
	N   int
	Per time.Duration
}

// Throttle spreads messages to one domain over time. A message over the rate gets a moment of its own and keeps it
// when it comes back then, so that it is put off once and not again and again.
type Throttle struct {
	mu      sync.Mutex
	rates   map[string]Rate // by domain; "" is every other
	domains map[string]*rate.Limiter
	booked  map[heed.ID]heed.Time
}

// NewThrottle makes a throttle; rates[""] holds for the domains without one of their own, each by itself.
func NewThrottle(rates map[string]Rate) *Throttle {
	return &Throttle{rates: rates, domains: map[string]*rate.Limiter{}, booked: map[heed.ID]heed.Time{}}
}

// At returns when the message may go to the domain: now, or a later moment that is booked for it.
func (t *Throttle) At(domain string, id heed.ID, now heed.Time) heed.Time {
	domain = strings.ToLower(domain)
	r, ok := t.rates[domain]
	if !ok {
		r, ok = t.rates[""]
	}
	if !ok || r.N <= 0 || r.Per <= 0 {
		return now
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if at, ok := t.booked[id]; ok {
		if at > now {
			return at
		}
		delete(t.booked, id)
		return now
	}
	l := t.domains[domain]
	if l == nil {
		if len(t.domains) >= maxBooked/10 {
			clear(t.domains) // forgets that some were full; better than growing without end
		}
		// A second's worth may go at once.
		l = rate.NewLimiter(rate.Limit(float64(r.N)/r.Per.Seconds()), max(1, int(float64(r.N)/r.Per.Seconds())))
		t.domains[domain] = l
	}
	res := l.ReserveN(now.Std(), 1)
	wait := res.DelayFrom(now.Std())
	if wait <= 0 {
		return now
	}
	if len(t.booked) >= maxBooked {
		res.CancelAt(now.Std())
		return now.Add(wait)
	}
	at := now.Add(wait)
	t.booked[id] = at
	return at
}
