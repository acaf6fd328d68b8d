package app

import (
	"context"
	"sync"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/identity"
	"github.com/heedcx/heed/internal/clock"
)

// keysHeld looks whether history is told whose new keys are. It follows the stream without them, so its lag says nothing
// of that: the interactions are there, and nobody's.
type keysHeld struct {
	db    db.DB
	clock clock.Clock

	mu   sync.Mutex
	last identity.Held // with when it was first seen, if the server does not tell since when it is open
}

// heldLong is how old a transaction is that is named: most end in milliseconds.
const heldLong = heed.Time(5 * 1e6)

// check returns what keeps keys back.
func (k *keysHeld) check(ctx context.Context) error {
	var now identity.Held
	var held bool
	err := k.db.Read(ctx, func(q db.Querier) (err error) {
		now, held, err = identity.HeldBack(ctx, q)
		return err
	})
	if err != nil {
		return err
	}
	return k.judge(now, held)
}

func (k *keysHeld) judge(now identity.Held, held bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !held {
		k.last = identity.Held{}
		return nil
	}
	switch {
	case now.Since > 0:
	case now.Transaction == k.last.Transaction:
		now.Since = k.last.Since
	default:
		now.Since = k.clock.Now()
	}
	k.last = now
	if k.clock.Now()-now.Since < heldLong {
		return nil
	}
	return heed.Errorf(heed.Unavailable, "A transaction on the PostgreSQL server has been open since %s: who new interactions belong to is known when it ends.", now.Since)
}
