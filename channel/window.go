package channel

import (
	"time"

	"github.com/heedcx/heed"
)

// window sizes claims by how fast the next hop takes messages, as TCP sizes what is under way: a crash then leaves
// unknown what goes out in about a quarter of a second, not two thousand messages that wait for a slow mail server.
type window struct {
	size int
	at   heed.Time // of the last claim
	full bool      // the outbox had as many as it was asked for
}

const (
	firstWindow = 64
	leastWindow = 16
	quickClaim  = heed.Time(100 * time.Millisecond / time.Microsecond)
	slowClaim   = heed.Time(400 * time.Millisecond / time.Microsecond)
)

// claimed notes that n of limit messages were claimed at now. Claims come when half of what was under way is recorded,
// so the time between two of them says how fast half a window went out.
func (w *window) claimed(now heed.Time, n, limit, most int) {
	if w.full {
		switch took := now - w.at; {
		case took < quickClaim:
			w.size = min(2*w.size, most)
		case took > slowClaim:
			w.size = max(w.size/2, leastWindow)
		}
	}
	w.at, w.full = now, n == limit
}
