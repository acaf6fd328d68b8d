package app

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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
	starting atomic.Pointer[Check] // what the start is at; nil when it is over

	mu     sync.Mutex
	asked  time.Time
	last   []Check
	probes []*probe
}

type probe struct {
	name  string
	vital bool
	ask   func(ctx context.Context) (detail string, err error)
	busy  atomic.Bool // it has not answered the last question
}

// begin says what the start is at. Until end, /readyz answers 503 with it alone.
func (h *health) begin(name, detail string) {
	h.starting.Store(&Check{Name: name, Detail: detail, Vital: true})
}

// end says that the start is over. All parts have been added.
func (h *health) end() { h.starting.Store(nil) }

func (h *health) add(name string, vital bool, ask func(ctx context.Context) (string, error)) {
	h.probes = append(h.probes, &probe{name: name, vital: vital, ask: ask})
}

// probeTime bounds one answer. A part that takes longer is unwell, and is asked again when it has answered.
const probeTime = 3 * time.Second

func (h *health) checks(ctx context.Context) []Check {
	if c := h.starting.Load(); c != nil {
		return []Check{*c}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if time.Since(h.asked) < time.Second {
		return h.last
	}
	// The answer is for everybody: that whoever asked has gone does not make a part unwell.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), probeTime)
	defer cancel()
	out := make([]Check, len(h.probes))
	var wg sync.WaitGroup
	for i := range h.probes {
		wg.Go(func() { out[i] = h.probes[i].check(ctx) })
	}
	wg.Wait()
	h.asked, h.last = time.Now(), out
	return out
}

// check asks the part and waits as long as ctx says, also for one that does not look at ctx.
func (p *probe) check(ctx context.Context) Check {
	silent := Check{Name: p.name, Detail: "it does not answer", Vital: p.vital}
	if !p.busy.CompareAndSwap(false, true) {
		return silent
	}
	answer := make(chan Check, 1)
	go func() {
		defer p.busy.Store(false)
		detail, err := p.ask(ctx)
		if err != nil {
			detail = err.Error()
		}
		answer <- Check{Name: p.name, OK: err == nil, Detail: detail, Vital: p.vital}
	}()
	select {
	case c := <-answer:
		return c
	case <-ctx.Done():
		return silent
	}
}

// ServeHTTP is /readyz: 200 when every vital part is well, else 503; the body names all parts. Anybody may ask, so it
// does not name machines and users.
func (h *health) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	checks := slices.Clone(h.checks(r.Context()))
	for i := range checks {
		checks[i].Detail = forAnybody(checks[i].Detail)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	ready := !slices.ContainsFunc(checks, func(c Check) bool { return c.Vital && !c.OK })
	if !ready {
		w.Header().Set("Retry-After", "2")
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"ready": ready, "checks": checks})
}

// What names a place inside: what drivers quote (`user=heed database=heed`), URLs, folders, addresses with a port.
var inside = regexp.MustCompile("`[^`]*`" + `|[a-z]+://\S+|(?:^|[\s("])/[^\s:,)"]+|[\w.-]*[\w\]]:\d{3,5}\b|\b\d+\.\d+\.\d+\.\d+\b`)

// forAnybody is the first line of a detail, shortened, without what names a place inside.
func forAnybody(detail string) string {
	line, _, _ := strings.Cut(detail, "\n")
	line = inside.ReplaceAllString(line, " (...)")
	if len(line) > 200 {
		line = strings.ToValidUTF8(line[:200], "") + "..."
	}
	return line
}
