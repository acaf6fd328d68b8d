package app

import (
	"context"
	"net/http"

	"github.com/heedcx/heed/collect"
	"github.com/heedcx/heed/stream"
	"github.com/heedcx/heed/web"
)

// openDoors builds the routes and opens for business.
func (a *App) openDoors(context.Context) error {
	p := &prefixes{rest: http.NotFoundHandler()}
	add := func(h http.Handler, paths ...string) {
		for _, path := range paths {
			p.routes = append(p.routes, prefix{path, h})
		}
	}
	if a.Config.Has("collect") {
		letters := stream.NewLetters(a.Log)
		kept := newRejects(letters, a.clock, a.log)
		a.parts.Go("rejects", kept.Run)
		c := collect.New(collect.Options{Keys: a.sources, Sink: a.Writer, Rejects: kept, Duplicates: newDuplicates(a.DB, a.Log.Partitions()), Clock: a.clock, Log: a.log, Observer: a.seen})
		a.collector = c
		add(a.openReports(), "/webhooks/")
		add(c, "/v1/", "/beacon/", "/pixel/", "/sourceConfig", "/cluster-info")
		a.measureDoor(c, letters)
	}
	a.measureState()
	add(a.health, "/readyz")
	add(a.metrics.handler(), "/metrics")
	if a.Config.Pprof {
		add(a.profiles(), "/debug/pprof/")
	}
	add(a.sending.pages, "/u/", "/p/", "/o/", "/c/")
	if a.Config.Has("api") {
		h, err := a.api()
		if err != nil {
			return err
		}
		add(h, "/api/")
		p.rest = web.Handler()
	}
	var h http.Handler = p
	a.health.end()
	a.serving.Store(&h)
	a.parts.Defer("requests", a.drain)
	return nil
}
