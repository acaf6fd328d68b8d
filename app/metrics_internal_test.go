package app

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// scraped is what the metrics say, and how long it took.
func scraped(t *testing.T, m *metrics) (text string, took time.Duration) {
	t.Helper()
	began := time.Now()
	w := httptest.NewRecorder()
	m.handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Errorf("answered with %d: %s", w.Code, w.Body)
	}
	return w.Body.String(), time.Since(began)
}

// TestMetricsDoNotWaitForWhatDoesNotAnswer: two gauges hang and do not look at the context; the others are there, and so is
// their last value, for a while.
func TestMetricsDoNotWaitForWhatDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMetrics()
		answers := make(chan float64)
		asks := 0
		m.counter("taken_total", "Known.", nil, func() float64 { return 7 })
		m.asked(5*time.Second, func(context.Context) ([]float64, error) {
			asks++
			v := <-answers
			return []float64{v, v + 1}, nil
		}, asked{"left", "Asked.", nil}, asked{"right", "Asked.", map[string]string{"of": "two"}})
		m.asked(5*time.Second, func(ctx context.Context) ([]float64, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}, asked{"deaf", "Never answered.", nil})
		m.asked(5*time.Second, func(context.Context) ([]float64, error) { return nil, errors.New("gone") }, asked{"gone", "Refused.", nil})
		says := func(what string, most time.Duration, lines ...string) {
			t.Helper()
			text, took := scraped(t, m)
			if took > most {
				t.Errorf("%s: it took %s", what, took)
			}
			if !strings.Contains(text, "\nheed_taken_total 7\n") || strings.Contains(text, "heed_deaf") || strings.Contains(text, "heed_gone") {
				t.Errorf("%s: %s", what, text)
			}
			for _, line := range lines {
				if line, not := strings.CutPrefix(line, "no "); strings.Contains(text, "\nheed_"+line) == not {
					t.Errorf("%s: %v %s", what, not, line)
				}
			}
		}
		says("the first time", askTime, "no left", "no right")
		says("again, nobody waits anew for the same", 0, "no left", "no right")
		answers <- 3
		synctest.Wait()
		says("answered late", 0, "left 3\n", `right{of="two"} 4`+"\n")
		time.Sleep(6 * time.Second)
		says("asked again: it was late before", 0, "left 3\n")
		answers <- 4
		synctest.Wait()
		time.Sleep(6 * time.Second)
		says("it was in time before", askTime, "left 4\n")
		time.Sleep(30 * time.Second)
		says("not answered any more", 0, "left 4\n")
		if asks != 3 {
			t.Errorf("asked %d times, though the third answer is still to come", asks)
		}
		time.Sleep(30 * time.Second)
		says("for long", 0, "no left", "no right")
		answers <- 5
		synctest.Wait()
		says("back", 0, "left 5\n", `right{of="two"} 6`+"\n")
		answers <- 8
		time.Sleep(2 * time.Second) // what is deaf is asked by a goroutine of its own
	})
}
