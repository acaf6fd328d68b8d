package load

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// maxLag is how many events the server may be behind before the load generator waits for it: about two seconds' worth.
const maxLag = 100_000

const historyLag = "heed_history_lag_events"

// Sustained is what the whole path held over a time.
type Sustained struct {
	Folded   float64 // events/s through stages and decisions
	History  float64 // events/s into history
	Lag      float64 // events not folded yet at the end
	P50, P99 time.Duration
	CPU      time.Duration // per event
	Resident int64
}

// WholePath sends as much as the server can carry to its decisions and to history without falling behind.
func WholePath(ctx context.Context, s *Server, c Config) (Sustained, error) {
	var res Sustained
	before, err := s.Metrics()
	if err != nil {
		return res, err
	}
	use := s.Usage()
	var hold atomic.Bool
	watch, stop := context.WithCancel(ctx)
	defer stop()
	var peak atomic.Int64
	go func() {
		for watch.Err() == nil {
			if m, err := s.Metrics(); err == nil {
				hold.Store(lag(m) > maxLag || m.Sum(historyLag) > 4*maxLag)
			}
			peak.Store(max(peak.Load(), s.Usage().Resident))
			select {
			case <-watch.Done():
			case <-time.After(100 * time.Millisecond):
			}
		}
	}()
	c.Hold = hold.Load
	began := time.Now()
	sent, err := Run(ctx, c)
	if err != nil {
		return res, err
	}
	if sent.Errors > 0 {
		return res, fmt.Errorf("%d requests were refused: %s", sent.Errors, sent.LastError)
	}
	after, err := s.Metrics()
	if err != nil {
		return res, err
	}
	took := time.Since(began).Seconds()
	folded := after.Sum("heed_worker_events_total") - before.Sum("heed_worker_events_total")
	res.Folded = folded / took
	res.History = (after.Sum("heed_history_rows_total") - before.Sum("heed_history_rows_total")) / took
	res.Lag = lag(after)
	res.P50 = after.Quantile("heed_event_to_decision_seconds", 0.5, before)
	res.P99 = after.Quantile("heed_event_to_decision_seconds", 0.99, before)
	res.CPU = time.Duration(float64(s.Usage().CPU-use.CPU) / max(1, folded))
	res.Resident = peak.Load()
	return res, nil
}

// lag is how many events are stored and not folded.
func lag(m Metrics) float64 {
	return m.Sum("heed_stream_events_total") - m.Sum("heed_worker_events_total")
}

// CatchUp waits until everything that was sent is folded and in history.
func CatchUp(ctx context.Context, s *Server) error {
	for ctx.Err() == nil {
		m, err := s.Metrics()
		if err != nil {
			return err
		}
		if lag(m) <= 0 && m.Sum(historyLag) <= 0 {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return ctx.Err()
}

// Print writes the result as one line.
func (r Sustained) Print(w io.Writer, name string) {
	_, _ = fmt.Fprintf(w, "%-34s %8.0f events/s folded, %8.0f into history, event to decision p50 %s p99 %s, %s CPU an event, %d MB, %.0f behind at the end\n",
		name, r.Folded, r.History, r.P50.Round(time.Millisecond/10), r.P99.Round(time.Millisecond/10), r.CPU.Round(10*time.Nanosecond), r.Resident>>20, r.Lag)
}
