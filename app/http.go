package app

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/heedcx/heed"
)

// listen opens the address before anything else, so that whoever asks hears "starting" and not silence.
func (a *App) listen() error {
	l, err := net.Listen("tcp", a.Config.Addr)
	if err != nil {
		return heed.FieldErrorf("addr", "cannot listen on %s: %v", a.Config.Addr, err)
	}
	a.listener = l
	a.server = &http.Server{
		Handler:           http.HandlerFunc(a.route),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       2 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
	}
	go func() { _ = a.server.Serve(bounded(l)) }() // ends with ErrServerClosed
	a.parts.Defer("http", func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		err := a.server.Shutdown(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			return a.server.Close()
		}
		return err
	})
	return nil
}

// drainTime is what requests under way get to end, while everything that they need still works.
const drainTime = 5 * time.Second

// drain takes no more requests and waits for those under way. It is the first thing to stop.
func (a *App) drain() error {
	a.live.end()
	a.arrivals.watchers.end()
	a.changes.End()
	ctx, cancel := context.WithTimeout(context.Background(), drainTime)
	defer cancel()
	if err := a.server.Shutdown(ctx); err != nil {
		a.log.Warn("some requests did not end in time", "error", err)
		return a.server.Close()
	}
	return nil
}

func (a *App) route(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/healthz" {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("ok\n"))
		return
	}
	h := a.serving.Load()
	if h == nil && r.URL.Path == "/readyz" {
		a.health.ServeHTTP(w, r)
		return
	}
	if h == nil {
		w.Header().Set("Retry-After", "1")
		http.Error(w, "Heed is starting; try again in a moment.", http.StatusServiceUnavailable)
		return
	}
	(*h).ServeHTTP(w, r)
}

// prefixes routes by the longest prefix that matches; the collector's path does not go through a pattern matcher.
type prefixes struct {
	routes []prefix // longest first
	rest   http.Handler
}

type prefix struct {
	path    string
	handler http.Handler
}

func (p *prefixes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, one := range p.routes {
		if strings.HasPrefix(r.URL.Path, one.path) {
			one.handler.ServeHTTP(w, r)
			return
		}
	}
	p.rest.ServeHTTP(w, r)
}
