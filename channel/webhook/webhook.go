package webhook

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/channel/template"
	"github.com/heedcx/heed/internal/clock"
)

// Bounds of one request.
const (
	timeout   = 15 * time.Second
	maxAnswer = 64 << 10
	maxBody   = 256 << 10
	atOnce    = 8 // requests of one batch
)

// A receiver that failed so often in a row is left alone for a while.
const (
	hostFailures = 5
	hostPause    = 30 * time.Second
	maxHosts     = 10_000
)

var errForbidden = errors.New("the address is not on the public internet, and the operator has not allowed it")

// Specs tells what the brand has configured; channel.Catalog satisfies it.
type Specs interface {
	Get(ctx context.Context) (*channel.Specs, error)
}

// Config is what the operator says.
type Config struct {
	// Allow are networks that webhooks may reach although they are not public.
	Allow []netip.Prefix
	// Secret signs, unless the channel's spec has its own.
	Secret []byte
	// Roots are used instead of the system's, for tests and private authorities.
	TLS *tls.Config
}

// Webhook is the channel. It implements channel.Channel.
type Webhook struct {
	specs     Specs
	clock     clock.Clock
	secret    []byte
	client    *http.Client
	templates template.Cache

	mu    sync.Mutex
	hosts map[string]*host
}

// host is how a receiver fared lately.
type host struct {
	failures int
	until    heed.Time
}

// New makes the channel.
func New(c Config, specs Specs, clk clock.Clock) *Webhook {
	d := &net.Dialer{Timeout: 5 * time.Second, Control: guard(c.Allow)}
	return &Webhook{specs: specs, clock: clk, secret: c.Secret, hosts: map[string]*host{}, client: &http.Client{
		Timeout: timeout,
		Transport: &http.Transport{ // no proxy: it would dial for us, past the guard
			DialContext: d.DialContext, TLSClientConfig: c.TLS, TLSHandshakeTimeout: 5 * time.Second, ResponseHeaderTimeout: timeout,
			MaxResponseHeaderBytes: 16 << 10, MaxIdleConnsPerHost: atOnce, MaxConnsPerHost: 32, IdleConnTimeout: 30 * time.Second, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Name implements channel.Channel.
func (h *Webhook) Name() string { return "webhook" }

// Close closes idle connections.
func (h *Webhook) Close() error { h.client.CloseIdleConnections(); return nil }

// Deliver implements channel.Channel.
func (h *Webhook) Deliver(ctx context.Context, batch []heed.Claimed) ([]heed.SendResult, error) {
	s, err := h.specs.Get(ctx)
	if err != nil {
		return nil, err
	}
	setup, err := parseSetup(s.Channels["webhook"], h.secret)
	if err != nil {
		return nil, err
	}
	results := make([]heed.SendResult, len(batch))
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i, c := range batch {
		g.Go(func() error {
			if ctx.Err() == nil { // else it was not tried
				results[i] = h.one(ctx, s, setup, c)
			}
			return nil
		})
	}
	_ = g.Wait()
	out := results[:0]
	for _, r := range results {
		if !r.ID.IsZero() {
			out = append(out, r)
		}
	}
	return out, nil
}

func (h *Webhook) one(ctx context.Context, s *channel.Specs, setup *Setup, c heed.Claimed) heed.SendResult {
	now := h.clock.Now()
	t, body, err := h.render(ctx, s, c)
	if err != nil {
		return channel.Failed(c, now, err.Error())
	}
	target := t.Body.URL
	if target == "" {
		target = setup.URL
	}
	u, err := checkURL(target)
	if err != nil {
		return channel.Failed(c, now, err.Error())
	}
	if until := h.resting(u.Host, now); until > now {
		return channel.Later(c, now, until, "the receiver failed several times in a row")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return channel.Failed(c, now, err.Error())
	}
	for _, x := range t.Body.Headers {
		req.Header.Set(x.Name, x.Value)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "Heed-Webhook/1")
	setup.sign(req.Header, c.Message.ID.String(), now, body)
	return h.post(req, c)
}

// post makes the request, and says how long it took.
func (h *Webhook) post(req *http.Request, c heed.Claimed) heed.SendResult {
	began := h.clock.Now()
	timed := func(r heed.SendResult, status int) heed.SendResult {
		r.Took, r.Status = max(r.At.Sub(began), time.Microsecond), status
		return r
	}
	res, err := h.client.Do(req)
	if err != nil {
		return timed(h.failed(c, req.URL.Host, err), 0)
	}
	defer func() { _ = res.Body.Close() }()
	answer, _ := io.ReadAll(io.LimitReader(res.Body, maxAnswer)) // its first words are kept for whoever looks into it
	return timed(h.judge(c, req.URL.Host, res, strings.TrimSpace(string(answer))), res.StatusCode)
}

func (h *Webhook) render(ctx context.Context, s *channel.Specs, c heed.Claimed) (*template.Compiled, []byte, error) {
	sp, ok := s.Templates[c.Message.Template]
	if !ok {
		return nil, nil, fmt.Errorf("there is no template %q", c.Message.Template)
	}
	t, err := h.templates.Get(sp)
	if err != nil {
		return nil, nil, fmt.Errorf("the template has mistakes: %w", err)
	}
	r, err := t.Render(ctx, s.Brand.Locale, template.Values{Person: c.Person, Message: &c.Message, Brand: s.Brand})
	if err != nil {
		return nil, nil, err
	}
	if len(r.Body) > maxBody {
		return nil, nil, fmt.Errorf("the body has %d KiB; the most is %d", len(r.Body)>>10, maxBody>>10)
	}
	if !json.Valid([]byte(r.Body)) {
		return nil, nil, errors.New("the body is not JSON with these values: put quotes around strings and use | json for everything else")
	}
	return t, []byte(r.Body), nil
}

// failed judges a request without an answer.
func (h *Webhook) failed(c heed.Claimed, host string, err error) heed.SendResult {
	now := h.clock.Now()
	if errors.Is(err, errForbidden) {
		return channel.Failed(c, now, errForbidden.Error())
	}
	h.note(host, false, now)
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err // without the URL, which may carry a key
	}
	return channel.Retry(c, now, err.Error())
}

func (h *Webhook) judge(c heed.Claimed, host string, res *http.Response, answer string) heed.SendResult {
	now := h.clock.Now()
	detail := strconv.Itoa(res.StatusCode) + " " + answer
	switch code := res.StatusCode; {
	case code >= 200 && code < 300:
		h.note(host, true, now)
		return channel.Sent(c, now, res.Header.Get("X-Request-Id"), detail)
	case code >= 300 && code < 400:
		return channel.Failed(c, now, detail+": redirects are not followed; use the address that it leads to")
	case code == 408, code == 425, code == 429, code >= 500:
		h.note(host, false, now)
		if s, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && s > 0 && s <= 86_400 {
			return channel.Later(c, now, now.Add(time.Duration(s)*time.Second), detail)
		}
		return channel.Retry(c, now, detail)
	default:
		h.note(host, true, now) // it works, it does not want this one
		return channel.Failed(c, now, detail)
	}
}

// resting returns until when a receiver is left alone.
func (h *Webhook) resting(name string, now heed.Time) heed.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	if x := h.hosts[name]; x != nil && x.until > now {
		return x.until
	}
	return now
}

func (h *Webhook) note(name string, ok bool, now heed.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ok {
		delete(h.hosts, name)
		return
	}
	if len(h.hosts) >= maxHosts {
		clear(h.hosts)
	}
	x := h.hosts[name]
	if x == nil {
		x = &host{}
		h.hosts[name] = x
	}
	if x.failures++; x.failures >= hostFailures {
		x.until = now.Add(hostPause)
	}
}
