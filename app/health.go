package app

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Check is one part's answer to "are you well?".
type Check struct {
	Name string `json:"name"`
	OK   bool   `json:"ok"`
	// Detail says what is wrong, or how things stand.
	Detail string `json:"detail,omitempty"`
	// Vital parts that are not well make /readyz answer 503; the others are only named.
	Vital bool `json:"vital"`
}

// health asks all parts, at most once a second however often it is asked.
type health struct {
	mu     sync.Mutex
	asked  time.Time
	last   []Check
	probes []probe
}

type probe struct {
	name  string
	vital bool
	ask   func(ctx context.Context) (detail string, err error)
}

func (h *health) add(name string, vital bool, ask func(ctx context.Context) (string, error)) {
	h.probes = append(h.probes, probe{name, vital, ask})
}

func (h *health) checks(ctx context.Context) []Check {
	h.mu.Lock()
	defer h.mu.Unlock()
	if time.Since(h.asked) < time.Second {
		return h.last
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	out := make([]Check, len(h.probes))
	var wg sync.WaitGroup
	for i, p := range h.probes {
		wg.Go(func() {
			detail, err := p.ask(ctx)
			if err != nil {
				detail = err.Error()
			}
			out[i] = Check{Name: p.name, OK: err == nil, Detail: detail, Vital: p.vital}
		})
	}
	wg.Wait()
	h.asked, h.last = time.Now(), out
	return out
}

// ServeHTTP is /readyz: 200 when every vital part is well, else 503; the body names all parts.
func (h *health) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	checks := h.checks(r.Context())
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	ready := !slices.ContainsFunc(checks, func(c Check) bool { return c.Vital && !c.OK })
	if !ready {
		w.Header().Set("Retry-After", "2")
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"ready": ready, "checks": checks})
}
