package app

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/heedcx/heed/stream"
)

// metrics collects what the parts count when it is asked; nothing on the hot path knows Prometheus.
type metrics struct {
	registry *prometheus.Registry
}

func newMetrics() *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) handler() http.Handler {
	// Anybody may ask. What one of them cannot say is left out.
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second, ErrorHandling: promhttp.ContinueOnError})
}

func (m *metrics) counter(name, help string, labels prometheus.Labels, value func() float64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "heed", Name: name, Help: help, ConstLabels: labels}, value))
}

func (m *metrics) gauge(name, help string, labels prometheus.Labels, value func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "heed", Name: name, Help: help, ConstLabels: labels}, value))
}

// asked exports what a store or the stream has to be asked for; see question. The answer has a number for each gauge.
func (m *metrics) asked(every time.Duration, ask func(ctx context.Context) ([]float64, error), gauges ...asked) {
	q := &question{every: every, ask: ask}
	for _, g := range gauges {
		q.descs = append(q.descs, prometheus.NewDesc("heed_"+g.name, g.help, nil, g.labels))
	}
	m.registry.MustRegister(q)
}

// latency exports a stream.Latency as a histogram.
func (m *metrics) latency(name, help string, labels prometheus.Labels, l *stream.Latency) {
	m.registry.MustRegister(&latency{desc: prometheus.NewDesc("heed_"+name, help, nil, labels), of: l})
}

type latency struct {
	desc *prometheus.Desc
	of   *stream.Latency
}

func (l *latency) Describe(c chan<- *prometheus.Desc) { c <- l.desc }

func (l *latency) Collect(c chan<- prometheus.Metric) {
	buckets := map[float64]uint64{}
	l.of.Buckets(func(bound time.Duration, n int64) {
		if bound >= 100*time.Microsecond && bound <= 10*time.Minute {
			buckets[bound.Seconds()] = uint64(n)
		}
	})
	c <- prometheus.MustNewConstHistogram(l.desc, uint64(l.of.Count()), l.of.Sum().Seconds(), buckets)
}
