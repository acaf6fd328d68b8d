package app

import (
	"context"
	"strings"
	"sync"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/collect"
)

// live hands out what happens while it happens, to whoever watches. With nobody watching it costs one atomic read.
type live struct {
	mu       sync.RWMutex
	watchers map[chan api.Happening]struct{}
	ended    bool
}

// liveBuffer is how many happenings a slow watcher may be behind before it misses some.
const liveBuffer = 256

func newLive() *live { return &live{watchers: map[chan api.Happening]struct{}{}} }

// Subscribe implements api.Live.
func (l *live) Subscribe(ctx context.Context) (<-chan api.Happening, error) {
	c := make(chan api.Happening, liveBuffer)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		close(c)
		return c, nil
	}
	l.watchers[c] = struct{}{}
	context.AfterFunc(ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.drop(c)
	})
	return c, nil
}

func (l *live) drop(c chan api.Happening) {
	if _, watches := l.watchers[c]; watches {
		delete(l.watchers, c)
		close(c)
	}
}

// end sends everybody away: streams do not end by themselves, and the process stops.
func (l *live) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
	for c := range l.watchers {
		l.drop(c)
	}
}

func (l *live) watched() bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return len(l.watchers) > 0
}

func (l *live) send(h api.Happening) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for c := range l.watchers {
		select {
		case c <- h:
		default: // a slow watcher misses it
		}
	}
}

// observe is the collector's observer: what came in at the door.
func (l *live) observe(src collect.Source, events []heed.Event, refused []collect.Refusal) {
	if !l.watched() {
		return
	}
	for i := range events {
		e := &events[i]
		l.send(api.Happening{
			// Cloned: an event's strings point into the request's buffer.
			Kind: "interaction", At: api.Time(e.Timestamp), Name: strings.Clone(e.Name), Channel: strings.Clone(e.Channel),
			Touchpoint: strings.Clone(e.Touchpoint), Department: strings.Clone(e.Department), Text: e.Type.String() + " " + e.Name,
		})
	}
	for _, r := range refused {
		l.send(api.Happening{Kind: "rejected", Name: src.Name, Text: r.Field + ": " + r.Message})
	}
}
