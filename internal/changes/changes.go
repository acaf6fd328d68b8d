package changes

import (
	"context"
	_ "embed"
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/clock"
)

// Queries are the package's statements.
//
//go:embed queries.sql
var Queries string

const (
	every   = time.Second      // how often it is asked what has moved
	listens = time.Minute      // how long the others publish for somebody who said that they listen
	gone    = 24 * time.Hour   // after which a silent process is forgotten
	lately  = 10 * time.Second // how long after a change of a person what came of it may still arrive
	again   = 3                // how many moves of Late that takes at least
)

// Options for New. All but Late are needed.
type Options struct {
	// Kinds says which kinds of things a statement changes; none for bookkeeping.
	Kinds   func(statement string) []string
	Clock   clock.Clock
	Log     *slog.Logger
	Process string // tells this process from the others on the same store, and from what it was before a restart
	// Revs gives a number for each of these people that is another one when something about them has changed.
	Revs func(ctx context.Context, q db.Querier, ids []heed.ID) ([]int64, error)
	// Late is the kind of what follows a change of a person some time later (history): until it has come, the person is
	// named again whenever that moves.
	Late string
}

// Ask gives a number that moves when a kind of thing changes outside of the state store.
type Ask struct {
	Kind string
	Ask  func(ctx context.Context) (uint64, error)
	// Tell: the other processes cannot ask this themselves. It must cost nothing.
	Tell bool
}

// Hub knows what has changed. Changed may be told from the start; the rest begins with Open.
type Hub struct {
	o      Options
	db     db.DB
	asks   []Ask
	shared bool

	counting sync.Mutex
	counts   map[string]uint64 // changes by kind since this process began
	others   map[string]uint64 // changes by kind of other processes, as of the last look

	mu       sync.Mutex // one look at a time
	listened heed.Time  // until when the others know that somebody listens here
	told     string     // what the others know of our counts
	watchers map[*watcher]bool
	last     map[mark]uint64
	people   map[heed.ID]*followed
	ended    bool
}

// mark is a kind as one process counts it; ours is "".
type mark struct{ process, kind string }

// watcher is somebody who listens. Kinds that it has not taken yet wait together.
type watcher struct {
	c      chan []string
	person heed.ID
}

// followed is a person whom somebody looks at.
type followed struct {
	rev   int64
	moved heed.Time // when rev was another one
	again int       // how many more moves of Late name the person
}

// New makes a hub.
func New(o Options) *Hub {
	return &Hub{o: o, counts: map[string]uint64{}, watchers: map[*watcher]bool{}, people: map[heed.ID]*followed{}}
}

// Changed counts what these statements have changed: see db.Options.
func (h *Hub) Changed(statements []string) {
	h.counting.Lock()
	defer h.counting.Unlock()
	for _, s := range statements {
		for _, kind := range h.o.Kinds(s) {
			h.counts[kind]++
		}
	}
}

// Count is another number when things of one of these kinds have changed: at once for what this process changes, before
// anybody who watches is told of it for what others do.
func (h *Hub) Count(kinds ...string) (n uint64) {
	h.counting.Lock()
	defer h.counting.Unlock()
	for _, kind := range kinds {
		n += h.counts[kind] + h.others[kind]
	}
	return n
}

// Open says where to look: before Watch and Run. Shared says that other processes may work on the same store.
func (h *Hub) Open(d db.DB, shared bool, asks ...Ask) {
	h.db, h.shared, h.asks = d, shared, asks
}

// Run looks once a second what has changed, while somebody listens, until ctx is done.
func (h *Hub) Run(ctx context.Context) {
	for tick := time.NewTicker(every); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			h.End()
			return
		case <-tick.C:
		}
		if err := h.turn(ctx); err != nil && ctx.Err() == nil {
			h.o.Log.Warn("what has changed is not known; the console may show something old", "error", err)
		}
	}
}

func (h *Hub) turn(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.shared {
		if err := h.publish(ctx); err != nil {
			return err
		}
	}
	if len(h.watchers) == 0 {
		return nil
	}
	return h.look(ctx)
}

// Watch returns a channel with the kinds that have changed since, at most once a second, and "people/ID" when something
// about that person has; a zero person is none. It is closed when ctx or everything ends. A slow watcher misses nothing:
// what it has not taken yet waits in one message.
func (h *Hub) Watch(ctx context.Context, person heed.ID) (<-chan []string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w := &watcher{c: make(chan []string, 1), person: person}
	if h.ended {
		close(w.c)
		return w.c, nil
	}
	if err := h.begin(ctx, person); err != nil {
		return nil, err
	}
	h.watchers[w] = true
	context.AfterFunc(ctx, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.drop(w)
	})
	return w.c, nil
}

// begin remembers how things are before somebody begins to listen.
func (h *Hub) begin(ctx context.Context, person heed.ID) error {
	if h.shared { // first: what others publish from now on is seen
		if err := h.listen(ctx); err != nil {
			return err
		}
	}
	own := h.own(ctx, false)
	return h.db.Read(ctx, func(q db.Querier) (err error) {
		if len(h.watchers) == 0 {
			if h.last, err = h.marks(ctx, q, own); err != nil {
				return err
			}
		}
		if person.IsZero() || h.people[person] != nil {
			return nil
		}
		revs, err := h.o.Revs(ctx, q, []heed.ID{person})
		if err == nil {
			h.people[person] = &followed{rev: revs[0]}
		}
		return err
	})
}

// drop lets a watcher go, and the person if nobody else looks.
func (h *Hub) drop(w *watcher) {
	if !h.watchers[w] {
		return
	}
	delete(h.watchers, w)
	close(w.c)
	for other := range h.watchers {
		if other.person == w.person {
			return
		}
	}
	delete(h.people, w.person)
}

// End sends everybody who listens away: the process stops.
func (h *Hub) End() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
	for w := range h.watchers {
		h.drop(w)
	}
}

// send adds kinds to what waits for the watcher. There is one sender, so a place is free in the end.
func (w *watcher) send(kinds []string) {
	for {
		select {
		case w.c <- kinds:
			return
		default:
		}
		select {
		case waiting := <-w.c:
			kinds = slices.Compact(slices.Sorted(slices.Values(slices.Concat(waiting, kinds))))
		default:
		}
	}
}

// own is what this process counts. With tell only what the others are to know.
func (h *Hub) own(ctx context.Context, tell bool) map[string]uint64 {
	h.counting.Lock()
	out := maps.Clone(h.counts)
	h.counting.Unlock()
	for _, a := range h.asks {
		if tell && !a.Tell {
			continue
		}
		if n, err := a.Ask(ctx); err == nil { // else it is asked again
			out[a.Kind] += n
		}
	}
	return out
}

// encode is the same text for the same counts.
func encode(counts map[string]uint64) string {
	text, _ := json.Marshal(counts) // numbers by name always encode
	return string(text)
}
