package app

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// asked is a gauge of a question.
type asked struct {
	name, help string
	labels     prometheus.Labels
}

// Bounds of a question. Whoever scrapes must get the other metrics at once whatever does not answer: they are needed
// most when something does not.
const (
	askTime = time.Second // how long a scrape waits for an answer
	oldTime = time.Minute // how long the last answer stands for one that does not come
)

// question is what a store or the stream has to be asked for, at most once every `every` however often it is scraped. An
// answer that is late is not waited for; it counts when it comes, and until then nobody asks again. Without one, the last
// answer is exported, and when that is old nothing.
type question struct {
	descs []*prometheus.Desc
	every time.Duration
	ask   func(ctx context.Context) ([]float64, error)

	mu       sync.Mutex
	began    time.Time     // when it was asked last
	answer   chan struct{} // closed when that is answered; nil when it is
	silent   bool          // the question before that had no answer in time: nobody waits for this one
	last     []float64
	answered time.Time
}

// Describe implements prometheus.Collector.
func (q *question) Describe(c chan<- *prometheus.Desc) {
	for _, d := range q.descs {
		c <- d
	}
}

// Collect implements prometheus.Collector.
func (q *question) Collect(c chan<- prometheus.Metric) {
	for i, v := range q.read() {
		c <- prometheus.MustNewConstMetric(q.descs[i], prometheus.GaugeValue, v)
	}
}

func (q *question) read() []float64 {
	if answer, patience := q.begin(); answer != nil {
		late := time.NewTimer(patience)
		defer late.Stop()
		select {
		case <-answer:
		case <-late.C:
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if time.Since(q.answered) > oldTime {
		return nil
	}
	return q.last
}

// begin asks if it is time to, and returns what is closed when the answer is there, and how long to wait for that; nil when
// nobody is to wait.
func (q *question) begin() (answer <-chan struct{}, patience time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.answer == nil {
		if time.Since(q.began) < q.every {
			return nil, 0
		}
		q.silent = !q.began.IsZero() && (q.answered.Before(q.began) || q.answered.Sub(q.began) >= askTime)
		q.began, q.answer = time.Now(), make(chan struct{})
		go q.put(q.answer)
	}
	if q.silent {
		return nil, 0
	}
	return q.answer, askTime - time.Since(q.began)
}

// put asks, and keeps the answer.
func (q *question) put(done chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), askTime)
	defer cancel()
	values, err := q.ask(ctx)
	q.mu.Lock()
	defer q.mu.Unlock()
	if err == nil {
		q.last, q.answered = values, time.Now()
	}
	q.answer = nil
	close(done)
}
