package email

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"net/url"
	"strings"
	"sync"

	"golang.org/x/time/rate"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/channel/template"
	"github.com/heedcx/heed/channel/token"
	"github.com/heedcx/heed/internal/clock"
)

// Specs tells what the brand has configured; channel.Catalog satisfies it.
type Specs interface {
	Get(ctx context.Context) (*channel.Specs, error)
}

// Email is the e-mail channel. It implements channel.Channel.
type Email struct {
	cfg       Config
	base      string // where the links lead, without a slash at the end
	specs     Specs
	keys      *token.Keys
	clock     clock.Clock
	pool      *pool
	limit     *rate.Limiter // nil is no limit
	templates template.Cache

	mu      sync.Mutex
	setup   *ready
	version int // of the channel's spec that setup was made from
}

// New makes the channel. base is the address at which people reach this installation, such as
// https://news.lumen.example: links to unsubscribe start with it.
func New(cfg Config, base string, specs Specs, keys *token.Keys, c clock.Clock) (*Email, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, heed.FieldErrorf("public-url", "want the address at which people reach Heed, such as https://news.example.com, got %q", base)
	}
	e := &Email{cfg: cfg, base: strings.TrimRight(base, "/"), specs: specs, keys: keys, clock: c, pool: newPool(cfg), version: -1}
	if cfg.Rate > 0 {
		e.limit = rate.NewLimiter(rate.Limit(cfg.Rate), max(1, int(cfg.Rate)))
	}
	return e, nil
}

// Name implements channel.Channel.
func (e *Email) Name() string { return "email" }

// Close closes the connections that are not in use.
func (e *Email) Close() error { e.pool.close(); return nil }

// ready returns the channel's setup as the brand has it now.
func (e *Email) ready(s *channel.Specs) (*ready, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	sp := s.Channels["email"]
	if e.setup == nil || e.version != sp.Version {
		r, errs := parseSetup(sp)
		if len(errs) > 0 {
			return nil, errors.Join(errs...)
		}
		e.setup, e.version = r, sp.Version
	}
	if e.setup.From == nil {
		if _, err := netmail.ParseAddress(s.Brand.Sender.Email); err != nil {
			return nil, heed.Errorf(heed.Unavailable, "the brand has no sender: add sender.email to its spec (it is %q)", s.Brand.Sender.Email)
		}
	}
	return e.setup, nil
}

// Deliver implements channel.Channel.
func (e *Email) Deliver(ctx context.Context, batch []heed.Claimed) ([]heed.SendResult, error) {
	s, err := e.specs.Get(ctx)
	if err != nil {
		return nil, err
	}
	r, err := e.ready(s)
	if err != nil {
		return nil, err
	}
	now := e.clock.Now()
	results := make([]heed.SendResult, 0, len(batch))
	todo := make([]job, 0, len(batch))
	for _, c := range batch {
		if at := r.throttle.At(domainOf(c.Message.Address), c.Message.ID, now); at > now {
			results = append(results, channel.Later(c, now, at, "slowed down for this domain"))
			continue
		}
		m, err := e.compose(ctx, s, r, c)
		switch {
		case errors.Is(err, errAddress):
			results = append(results, channel.Bounced(c, now, err.Error()))
		case err != nil && ctx.Err() != nil:
			return results, ctx.Err()
		case err != nil:
			results = append(results, channel.Failed(c, now, err.Error()))
		default:
			todo = append(todo, job{c, m})
		}
	}
	if e.limit != nil {
		for n := len(todo); n > 0; n -= e.limit.Burst() {
			if err := e.limit.WaitN(ctx, min(n, e.limit.Burst())); err != nil {
				return results, nil // stopping: the rest was not tried
			}
		}
	}
	err = e.hand(ctx, todo, func(c heed.Claimed, r result) {
		results = append(results, e.judge(c, r))
	})
	if ctx.Err() != nil {
		err = nil
	}
	return results, err
}

type job struct {
	c heed.Claimed
	m *mail
}

// hand sends the mails over as many connections as it takes. A kept connection may have been closed by the server
// meanwhile, so only a fresh one that fails before its first mail means that the server is out of reach.
func (e *Email) hand(ctx context.Context, todo []job, done func(heed.Claimed, result)) error {
	fresh := false
	for len(todo) > 0 && ctx.Err() == nil {
		k, isNew, err := e.pool.get(ctx, fresh)
		if err != nil {
			return fmt.Errorf("cannot reach the mail server %s: %w", e.cfg.Addr, err)
		}
		todo = dropUnsendable(todo, k, done)
		if len(todo) == 0 {
			e.pool.put(k, false)
			return nil
		}
		n := min(len(todo), max(1, e.cfg.Reuse-k.used))
		mails := make([]*mail, n)
		for i := range mails {
			mails[i] = todo[i].m
		}
		stop := context.AfterFunc(ctx, func() { _ = k.raw.SetDeadline(deadline(0)) })
		sent, err := k.send(mails, func(i int, r result) { done(todo[i].c, r) })
		stop()
		e.pool.put(k, err != nil)
		todo = todo[sent:]
		if err != nil && sent == 0 {
			if isNew {
				return fmt.Errorf("the mail server %s ends connections: %w", e.cfg.Addr, err)
			}
			fresh = true
		}
	}
	return nil
}

// dropUnsendable takes out mails that this server cannot carry.
func dropUnsendable(todo []job, k *conn, done func(heed.Claimed, result)) []job {
	if k.utf8 {
		return todo
	}
	kept := todo[:0]
	for _, j := range todo {
		if j.m.utf8 {
			done(j.c, result{stage: "rcpt", reply: reply{code: 550, text: "5.6.7 the mail server takes no addresses with characters outside ASCII"}})
		} else {
			kept = append(kept, j)
		}
	}
	return kept
}
