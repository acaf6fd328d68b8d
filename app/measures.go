package app

import (
	"context"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/collect"
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
	states := []heed.MessageState{heed.MessageHeld, heed.MessageReserved, heed.MessageSending, heed.MessageUnknown}
	gauges := []asked{
		{"held_people", "People for whom a message is held.", nil},
		{"sessions", "Sessions of the console that have not run out.", nil},
	}
	for _, state := range states {
		gauges = append(gauges, asked{"messages", "Messages that have not come to their end, by state.", map[string]string{"state": string(state)}})
	}
	a.metrics.asked(5*time.Second, func(ctx context.Context) ([]float64, error) {
		stand, err := a.ledger.Standing(ctx)
		var sessions int64
		if err == nil {
			sessions, err = a.Accounts.Sessions(ctx)
		}
		if err != nil {
			a.log.Warn("metrics of messages and sessions are old: the state store does not answer", "error", err)
			return nil, err
		}
		values := []float64{float64(stand.HeldPeople), float64(sessions)}
		for _, state := range states {
			values = append(values, float64(stand.Messages[state]))
		}
		return values, nil
	}, gauges...)
}
