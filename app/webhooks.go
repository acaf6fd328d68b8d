package app

import (
	"context"
	"net/netip"
	"sync"

	"github.com/heedcx/heed/channel"
	"github.com/heedcx/heed/channel/webhook"
)

// webhooks makes the channel that posts to other systems. What has no secret of its own is signed with one that this
// installation made.
func (a *App) webhooks(ctx context.Context) (*webhook.Webhook, error) {
	secret, err := channel.Secret(ctx, a.DB, "webhooks", a.clock.Now())
	if err != nil {
		return nil, err
	}
	c := webhook.Config{Secret: secret}
	if a.Config.AllowPrivate {
		c.Allow = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}
	}
	w := webhook.New(c, a.sending.catalog, a.clock)
	a.parts.Defer("webhook", w.Close)
	return w, nil
}

// wakes pokes the sender of a channel when a message was reserved for it. Workers start before senders do, so who is
// not there yet is not poked: senders look by themselves when they start.
type wakes struct {
	mu sync.RWMutex
	by map[string]func()
}

func (w *wakes) add(channel string, poke func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.by == nil {
		w.by = map[string]func(){}
	}
	w.by[channel] = poke
}

func (w *wakes) poke(channel string) {
	w.mu.RLock()
	poke := w.by[channel]
	w.mu.RUnlock()
	if poke != nil {
		poke()
	}
}

// reserved is told of every commit that reserved messages.
func (a *App) reserved(channel string) { a.wakes.poke(channel) }
