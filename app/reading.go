package app

import (
	"context"
	"sync"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/identity"
	"github.com/heedcx/heed/internal/spec"
	"github.com/heedcx/heed/profile"
)

// reading answers questions about people outside the workers.
type reading struct {
	db    db.DB
	store *profile.Store

	mu       sync.Mutex
	revision int64
	identity *identity.Config
	memory   *profile.Config
	memoryAt int64
	purposes []string
}

func newReading(d db.DB) *reading {
	return &reading{db: d, store: profile.NewStore(), revision: -1}
}

// config is the brand's configuration of identity as of now.
func (r *reading) config(ctx context.Context, q db.Querier) (*identity.Config, error) {
	rev, err := spec.Revision(ctx, q)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.revision != rev {
		c, err := identity.LoadConfig(ctx, q)
		if err != nil {
			return nil, err
		}
		r.identity, r.revision = c, rev
	}
	return r.identity, nil
}

// Person returns a person by id, also by the id of one who was merged into them.
func (r *reading) Person(ctx context.Context, id heed.ID) (p *heed.Person, err error) {
	err = r.db.Read(ctx, func(q db.Querier) error {
		now, err := identity.Resolve(ctx, q, id)
		if err != nil {
			return err
		}
		p, err = r.store.Get(ctx, q, now)
		return err
	})
	return p, err
}

// Find returns the person behind an identifier in any spelling.
func (r *reading) Find(ctx context.Context, id heed.Identifier) (p *heed.Person, err error) {
	err = r.db.Read(ctx, func(q db.Querier) error {
		c, err := r.config(ctx, q)
		if err != nil {
			return err
		}
		who, err := identity.Find(ctx, q, c, id)
		if err != nil {
			return err
		}
		p, err = r.store.Get(ctx, q, who)
		return err
	})
	return p, err
}

// Identifiers returns what identifies a person.
func (r *reading) Identifiers(ctx context.Context, id heed.ID) (out []heed.Identifier, err error) {
	err = r.db.Read(ctx, func(q db.Querier) error {
		keys, err := identity.Keys(ctx, q, id)
		for _, k := range keys {
			out = append(out, k.Identifier)
		}
		return err
	})
	return out, err
}
