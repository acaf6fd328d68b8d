package app

import (
	"context"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/api"
	"github.com/heedcx/heed/collect"
)

// live hands out what happens while it happens, to whoever watches. With nobody watching it costs one atomic read.
type live struct{ watchers[api.Happening] }

func newLive() *live { return &live{} }

// Subscribe implements api.Live.
func (l *live) Subscribe(ctx context.Context) (<-chan api.Happening, error) {
	return l.add(ctx, func(api.Happening) bool { return true }), nil
}

// observe is the collector's observer: what came in at the door.
func (l *live) observe(src collect.Source, events []heed.Event, refused []collect.Refusal) {
	if !l.any() {
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
