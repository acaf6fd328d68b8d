package email

import (
	"context"
	"sync"
	"time"
)

// idleFor is how long a connection is kept without work. Servers hang up after about five minutes; less is polite.
const idleFor = 30 * time.Second

// pool keeps connections for the next batch.
type pool struct {
	cfg   Config
	slots chan struct{} // one token per connection that may exist
	mu    sync.Mutex
	idle  []*conn
	live  int
	freed chan struct{} // poked when a connection comes back or goes
	timer *time.Timer   // closes what stays idle
}

func newPool(cfg Config) *pool {
	return &pool{cfg: cfg, slots: make(chan struct{}, cfg.Pool), freed: make(chan struct{}, 1)}
}

// get returns a connection, fresh saying that it was just made. When the server takes fewer connections than the pool
// may have, it waits for one of those that it did take.
func (p *pool) get(ctx context.Context, wantFresh bool) (k *conn, fresh bool, err error) {
	for {
		select {
		case p.slots <- struct{}{}:
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
		if k := p.takeIdle(); k != nil && !wantFresh {
			return k, false, nil
		} else if k != nil { // its like was just found dead
			p.mu.Lock()
			p.live--
			p.mu.Unlock()
			k.close()
		}
		k, err := dial(ctx, p.cfg)
		if err == nil {
			p.mu.Lock()
			p.live++
			p.mu.Unlock()
			return k, true, nil
		}
		<-p.slots
		p.mu.Lock()
		others := p.live
		p.mu.Unlock()
		if others == 0 || ctx.Err() != nil {
			p.poke() // whoever else waits for a connection shall learn the same
			return nil, false, err
		}
		wantFresh = false
		select {
		case <-p.freed:
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
	}
}

func (p *pool) takeIdle() *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		k := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return k
	}
	return nil
}

// put gives a connection back; broken ones and those that have done enough are closed.
func (p *pool) put(k *conn, broken bool) {
	p.mu.Lock()
	if broken || k.used >= p.cfg.Reuse {
		p.live--
		p.mu.Unlock()
		if broken {
			k.close()
		} else {
			k.quit()
		}
	} else {
		p.idle = append(p.idle, k)
		if p.timer == nil {
			p.timer = time.AfterFunc(idleFor, p.drop)
		} else {
			p.timer.Reset(idleFor)
		}
		p.mu.Unlock()
	}
	<-p.slots
	p.poke()
}

func (p *pool) poke() {
	select {
	case p.freed <- struct{}{}:
	default:
	}
}

// drop closes the idle connections.
func (p *pool) drop() {
	p.mu.Lock()
	idle := p.idle
	p.idle = nil
	p.live -= len(idle)
	p.mu.Unlock()
	for _, k := range idle {
		k.quit()
	}
}

func (p *pool) close() {
	p.mu.Lock()
	if p.timer != nil {
		p.timer.Stop()
	}
	p.mu.Unlock()
	p.drop()
}
