package app

import (
	"context"

	"github.com/heedcx/heed/api"
)

// openCatalogue keeps the catalogue: it is about every event that there is.
func (a *App) openCatalogue() *slow[[]api.KnownEvent] {
	s := newSlow(a.clock, a.log, a.historyMark, a.countCatalogue)
	s.want()
	a.parts.Go("the catalogue of events", s.run)
	return s
}

func (a *App) countCatalogue(ctx context.Context) ([]api.KnownEvent, error) {
	known, err := a.history.store.Catalogue(ctx)
	out := make([]api.KnownEvent, len(known))
	for i, k := range known {
		out[i] = api.KnownEvent{Type: k.Type, Name: k.Name, Count: k.Count, First: api.Time(k.First), Last: api.Time(k.Last), Properties: []api.KnownProperty{}}
		for _, p := range k.Properties {
			out[i].Properties = append(out[i].Properties, api.KnownProperty{Name: p.Name, Kind: p.Kind, Share: p.Share})
		}
	}
	return out, err
}
