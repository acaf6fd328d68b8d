// Package lifecycle starts parts in order and stops them in reverse, each with time to drain.
package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"
)

// Group holds the parts that run.
type Group struct {
	log   *slog.Logger
	parts []part
}

type part struct {
	name   string
	cancel context.CancelFunc
	done   chan struct{}
	close  func() error
}

// New returns an empty group.
func New(log *slog.Logger) *Group { return &Group{log: log} }

// again is how long a part that panicked waits before it runs again.
const again = time.Second

// Go starts a part that runs until its context is done. One that panics is logged and run again: a bug in one part does
// not end the others.
func (g *Group) Go(name string, run func(ctx context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	p := part{name: name, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		for !g.ran(ctx, name, run) {
			select {
			case <-ctx.Done():
				return
			case <-time.After(again):
			}
		}
	}()
	g.parts = append(g.parts, p)
}

// ran runs a part and says whether it ended by itself.
func (g *Group) ran(ctx context.Context, name string, run func(ctx context.Context)) (ended bool) {
	defer func() {
		if v := recover(); v != nil {
			g.log.Error("a part has panicked and is started again", "part", name, "panic", fmt.Sprint(v), "stack", string(debug.Stack()))
		}
	}()
	run(ctx)
	return true
}

// Defer adds something to close in its turn.
func (g *Group) Defer(name string, close func() error) {
	g.parts = append(g.parts, part{name: name, close: close})
}

// Stop stops everything, the last part first. A part that does not stop within the time is left behind and named in
// the error.
func (g *Group) Stop(each time.Duration) error {
	var errs []error
	for i := len(g.parts) - 1; i >= 0; i-- {
		p := g.parts[i]
		began := time.Now()
		if p.close != nil {
			if err := p.close(); err != nil {
				errs = append(errs, fmt.Errorf("%s: %w", p.name, err))
			}
		} else {
			p.cancel()
			select {
			case <-p.done:
			case <-time.After(each):
				errs = append(errs, fmt.Errorf("%s did not stop within %s", p.name, each))
			}
		}
		g.log.Debug("stopped", "part", p.name, "took", time.Since(began))
	}
	g.parts = nil
	return errors.Join(errs...)
}
