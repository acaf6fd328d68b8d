package app

import (
	"context"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/collect"
	"github.com/heedcx/heed/decide/ledger"
	"github.com/heedcx/heed/stream"
)

// measureDoor exports what the collector counts.
func (a *App) measureDoor(c *collect.Handler, letters *stream.Letters) {
	a.metrics.counter("collect_events_total", "Events accepted.", nil, func() float64 { return float64(c.Counts().Accepted) })
	a.metrics.counter("collect_bytes_total", "Bytes of bodies, after decompression.", nil, func() float64 { return float64(c.Counts().Bytes) })
	a.metrics.gauge("collect_in_flight_bytes", "Bytes of the bodies under way.", nil, func() float64 { return float64(c.Counts().InFlight) })
	a.metrics.counter("dead_letters_total", "Events refused at the door and kept with the reason; those of workers are worker_dead_letters_total.", nil,
		func() float64 { return float64(letters.Count()) })
	a.metrics.registry.MustRegister(&door{
		rejected: prometheus.NewDesc("heed_collect_rejected_total", "Events refused, by reason.", []string{"reason"}, nil),
		requests: prometheus.NewDesc("heed_collect_requests_total", "Requests, by status.", []string{"status"}, nil),
		of:       c,
	})
}

// door exports the counters that have a label.
type door struct {
	rejected, requests *prometheus.Desc
	of                 *collect.Handler
}

// Describe implements prometheus.Collector.
func (d *door) Describe(c chan<- *prometheus.Desc) { c <- d.rejected; c <- d.requests }

// Collect implements prometheus.Collector.
func (d *door) Collect(c chan<- prometheus.Metric) {
	counts := d.of.Counts()
	for reason, n := range counts.Rejected {
		c <- prometheus.MustNewConstMetric(d.rejected, prometheus.CounterValue, float64(n), reason)
	}
	for status, n := range counts.Requests {
		c <- prometheus.MustNewConstMetric(d.requests, prometheus.CounterValue, float64(n), strconv.Itoa(status))
	}
}

// measureState exports what only the state store knows.
func (a *App) measureState() {
	s := &standing{app: a}
	for _, state := range []heed.MessageState{heed.MessageHeld, heed.MessageReserved, heed.MessageSending, heed.MessageUnknown} {
		a.metrics.gauge("messages", "Messages that have not come to their end, by state.", map[string]string{"state": string(state)},
			func() float64 { return float64(s.read().ledger.Messages[state]) })
	}
	a.metrics.gauge("held_people", "People for whom a message is held.", nil, func() float64 { return float64(s.read().ledger.HeldPeople) })
	a.metrics.gauge("sessions", "Sessions of the console that have not run out.", nil, func() float64 { return float64(s.read().sessions) })
}

// standing asks the state store at most every standingEvery, however often it is asked.
type standing struct {
	app *App

	mu    sync.Mutex
	asked time.Time
	last  stood
}

type stood struct {
	ledger   ledger.Standing
	sessions int64
}

const (
	standingEvery = 5 * time.Second
	standingTime  = 2 * time.Second
)

func (s *standing) read() stood {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.asked) < standingEvery {
		return s.last
	}
	ctx, cancel := context.WithTimeout(context.Background(), standingTime)
	defer cancel()
	var now stood
	var err error
	if now.ledger, err = s.app.ledger.Standing(ctx); err == nil {
		now.sessions, err = s.app.Accounts.Sessions(ctx)
	}
	s.asked = time.Now() // also when it failed: a scrape must not wait again and again
	if err != nil {
		s.app.log.Warn("metrics of messages and sessions are old: the state store does not answer", "error", err)
		return s.last
	}
	s.last = now
	return now
}
