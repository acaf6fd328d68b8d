package stream

import (
	"testing"
	"time"
)

func TestLatencyBucketsHoldWhatTheySay(t *testing.T) {
	for _, d := range []time.Duration{time.Microsecond, 3 * time.Microsecond, 4, 999 * time.Microsecond, 17 * time.Millisecond, time.Second, time.Hour} {
		var l Latency
		l.Add(d, 2)
		below := time.Duration(-1)
		var found bool
		l.Buckets(func(bound time.Duration, n int64) {
			if n == 0 {
				below = bound
			} else if !found {
				found = true
				if us := max(d, time.Microsecond).Truncate(time.Microsecond); us > bound || us <= below && below > 0 {
					t.Errorf("%s counted in (%s, %s]", d, below, bound)
				}
			}
		})
		if !found || l.Count() != 2 {
			t.Errorf("%s was not counted", d)
		}
	}
}
