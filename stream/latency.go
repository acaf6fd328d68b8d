package stream

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// Latency counts durations in buckets of powers of two of a microsecond, four steps each: 19% wide.
type Latency struct {
	buckets [4 * 40]atomic.Int64
	sum     atomic.Int64
	count   atomic.Int64
}

// Add counts n times d.
func (l *Latency) Add(d time.Duration, n int64) {
	us := max(d.Microseconds(), 1)
	l.buckets[bucketOf(us)].Add(n)
	l.sum.Add(us * n)
	l.count.Add(n)
}

func bucketOf(us int64) int {
	top := bits.Len64(uint64(us)) - 1
	if top < 2 {
		return top * 4
	}
	return min(top*4+int(us>>(top-2)&3), 4*40-1)
}

// Buckets calls f with each bucket's upper bound and how many durations were at most that long, in order.
func (l *Latency) Buckets(f func(bound time.Duration, count int64)) {
	var n int64
	for i := range l.buckets {
		n += l.buckets[i].Load()
		top := i / 4
		var bound int64
		if top < 2 {
			bound = int64(1)<<(top+1) - 1
		} else {
			bound = int64(1)<<top + int64(i%4+1)<<(top-2) - 1
		}
		f(time.Duration(bound)*time.Microsecond, n)
	}
}

// Sum and Count total what was added.
func (l *Latency) Sum() time.Duration { return time.Duration(l.sum.Load()) * time.Microsecond }

// Count is how many durations were added.
func (l *Latency) Count() int64 { return l.count.Load() }
