package channel

import (
	"sync"
	"time"

	"github.com/heedcx/heed"
)

// The pause while the next hop is out of reach doubles between these.
const (
	firstPause = time.Second
	lastPause  = time.Minute
)

// circuit keeps a sender from claiming while its next hop is down. After each pause one message is the probe.
type circuit struct {
	mu       sync.Mutex
	failures int
	since    heed.Time // when it went down
	until    heed.Time // no claim before
	last     string
}

// open says whether the next hop is taken to be down at now, and until when nothing is claimed.
func (c *circuit) open(now heed.Time) (bool, heed.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failures > 0 && now < c.until, c.until
}

// probing says whether the next attempt is a probe.
func (c *circuit) probing() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failures > 0
}

// fail notes that the next hop is out of reach and reports whether that is news.
func (c *circuit) fail(now heed.Time, why string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = Clean(why, maxDetail)
	if c.failures > 0 && now < c.until { // another worker has said so
		return false
	}
	if c.failures == 0 {
		c.since = now
	}
	c.until = now.Add(min(firstPause<<min(c.failures, 10), lastPause))
	c.failures++
	return c.failures == 1
}

// ok notes that the next hop took something and reports whether that is news, and how long it was down.
func (c *circuit) ok(now heed.Time) (bool, time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failures == 0 {
		return false, 0
	}
	down := now.Sub(c.since)
	c.failures, c.since, c.until, c.last = 0, 0, 0, ""
	return true, down
}

// Health is how a sender fares.
type Health struct {
	Channel  string    `json:"channel"`
	State    string    `json:"state"` // ok, down
	Since    heed.Time `json:"since,omitempty"`
	RetryAt  heed.Time `json:"retry_at,omitempty"`
	Error    string    `json:"error,omitempty"`
	InFlight int64     `json:"in_flight"`
	Sent     int64     `json:"sent"` // since the start, as the next two
	Failed   int64     `json:"failed"`
	Retried  int64     `json:"retried"`
	Unknown  int64     `json:"unknown"`
}

func (c *circuit) health(h Health) Health {
	c.mu.Lock()
	defer c.mu.Unlock()
	h.State = "ok"
	if c.failures > 0 {
		h.State, h.Since, h.RetryAt, h.Error = "down", c.since, c.until, c.last
	}
	return h
}
