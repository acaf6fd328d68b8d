package stream

import "sync/atomic"

// counter counts up, for metrics.
type counter struct{ n atomic.Int64 }

func (c *counter) add(n int) { c.n.Add(int64(n)) }

// Value is the count so far.
func (c *counter) Value() int64 { return c.n.Load() }
