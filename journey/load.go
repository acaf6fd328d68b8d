package journey

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/internal/zone"
	"github.com/heedcx/heed/stream"
)

// program is everything that was published as of one revision. It does not change, but for old versions that are
// loaded when somebody turns out to be in them.
type program struct {
	revision int64
	chain    zone.Chain
	latest   map[string]*plan // by journey
	events   map[eventKey][]*plan
	entered  map[string][]*plan // by segment
	left     map[string][]*plan // by segment
	timed    []*plan

	mu  sync.RWMutex
	old map[versionOf]*plan
}

type versionOf struct {
	journey string
	version int
}

type eventKey struct {
	typ  heed.Type
	name string
}

// load reads the newest version of every journey and indexes what starts them.
func load(ctx context.Context, q db.Querier, log *slog.Logger, revision int64) (*program, error) {
	specs, err := spec.Latest(ctx, q, spec.Journey)
	if err != nil {
		return nil, err
	}
	p := &program{
		revision: revision, latest: make(map[string]*plan, len(specs)), old: map[versionOf]*plan{},
		events: map[eventKey][]*plan{}, entered: map[string][]*plan{}, left: map[string][]*plan{},
	}
	if p.chain, err = loadChain(ctx, q); err != nil {
		return nil, err
	}
	for _, sp := range specs {
		pl := compileStored(sp, log)
		p.latest[pl.name] = pl
		t := &pl.trigger
		switch {
		case t.timed(): // also while it is paused: the timers go on, nobody enters
			p.timed = append(p.timed, pl)
		case pl.paused:
		case t.event != nil:
			k := eventKey{t.event.spec.Type, t.event.spec.Name}
			p.events[k] = append(p.events[k], pl)
		case t.entered != "":
			p.entered[t.entered] = append(p.entered[t.entered], pl)
		case t.left != "":
			p.left[t.left] = append(p.left[t.left], pl)
		}
	}
	return p, nil
}

// compileStored makes a plan of what was published. A version that this program cannot read, because it is older or
// newer than the program, stands still rather than losing people.
func compileStored(sp spec.Spec, log *slog.Logger) *plan {
	pl, errs := compile(sp, nil)
	if len(errs) == 0 {
		return pl
	}
	log.Error("a journey cannot be read and stands still", "journey", sp.Name, "version", sp.Version, "err", errors.Join(errs...))
	return &plan{name: sp.Name, version: sp.Version, paused: true, onPublish: publishFinish, onResume: resumeContinue, byID: map[string]*place{}}
}

// oldVersion returns an older version that was loaded; nil when it was not.
func (p *program) oldVersion(journey string, version int) *plan {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.old[versionOf{journey, version}]
}

// loadOld reads the older versions that people of the batch are in.
func (p *program) loadOld(ctx context.Context, tx db.Tx, log *slog.Logger, b *stream.Batch) error {
	for _, who := range b.People {
		for i := range who.Runs {
			r := &who.Runs[i]
			latest := p.latest[r.Journey]
			if latest == nil || latest.version == r.Version || p.oldVersion(r.Journey, r.Version) != nil {
				continue
			}
			all, err := spec.Versions(ctx, tx, spec.Journey, r.Journey)
			if err != nil {
				return err
			}
			p.keepOld(r, latest.version, all, log)
		}
	}
	return nil
}

func (p *program) keepOld(r *heed.Run, latest int, all []spec.Spec, log *slog.Logger) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, sp := range all {
		if k := (versionOf{sp.Name, sp.Version}); sp.Version != latest && !sp.Deleted && p.old[k] == nil {
			p.old[k] = compileStored(sp, log)
		}
	}
	if k := (versionOf{r.Journey, r.Version}); p.old[k] == nil {
		p.old[k] = &plan{name: r.Journey, version: -1} // not there: asked once, not in every batch
	}
}

// loadChain reads the brand's zone chain.
func loadChain(ctx context.Context, q db.Querier) (zone.Chain, error) {
	c := zone.Chain{Words: []string{"person", "country", "brand"}}
	brands, err := spec.Latest(ctx, q, spec.Brand)
	if err != nil || len(brands) == 0 {
		return c, err
	}
	var d struct {
		Zone  string   `json:"zone"`
		Chain []string `json:"zone_chain"`
	}
	if err := json.Unmarshal(brands[0].Body, &d); err != nil {
		return c, heed.FieldErrorf("brand "+brands[0].Name, "%v", err)
	}
	c.Brand = d.Zone
	if len(d.Chain) > 0 {
		c.Words = d.Chain
	}
	return c, nil
}

// zoneOf is a person's zone along the brand's chain, UTC when nothing on it knows.
func (s *work) zoneOf(p *heed.Person) *time.Location {
	if loc, _ := s.zones.Of(p, s.chain); loc != nil {
		return loc
	}
	return time.UTC
}
