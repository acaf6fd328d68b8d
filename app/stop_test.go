package app_test

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A console that watches and clients that send: neither holds up the end, and nobody's request breaks off unanswered.
func TestItStopsUnderLoadWithinSeconds(t *testing.T) {
	w := boot(t, config(t, "", nil))
	url := w.URL()
	watch, err := http.NewRequest(http.MethodGet, url+"/api/v1/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	watch.Header.Set("Authorization", "Bearer "+apiKey)
	res, err := http.DefaultClient.Do(watch)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		t.Fatal(res.Status)
	}
	var sent, broke atomic.Int64
	var wg sync.WaitGroup
	for c := range 8 {
		wg.Go(func() {
			for i := 0; ; i++ {
				body := fmt.Sprintf(`{"event":"Seen","userId":"u%d","messageId":"%d-%d","writeKey":%q}`, c, c, i, writeKey)
				client := http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
				res, err := client.Post(url+"/v1/track", "application/json", bytes.NewBufferString(body))
				if err != nil {
					return // nobody listens any more
				}
				_ = res.Body.Close()
				switch res.StatusCode {
				case http.StatusOK:
					sent.Add(1)
				case http.StatusServiceUnavailable:
					if i > 0 && res.Header.Get("Retry-After") == "" {
						broke.Add(1)
					}
				default:
					broke.Add(1)
				}
			}
		})
	}
	for began := time.Now(); sent.Load() < 100 && time.Since(began) < 20*time.Second; {
		time.Sleep(time.Millisecond)
	}
	began := time.Now()
	w.stop()
	took := time.Since(began)
	wg.Wait()
	if took > 5*time.Second {
		t.Errorf("stopping took %s", took)
	}
	if sent.Load() < 100 || broke.Load() > 0 {
		t.Errorf("%d events were taken, %d answers were wrong", sent.Load(), broke.Load())
	}
}
