package identity

import (
	"context"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// What a review item is about.
const (
	reviewShared = "shared"        // an e-mail address, phone number or custom id that two known people use
	reviewCapped = "capped"        // a person with more identifiers of one namespace than one may have
	reviewKiosk  = "kiosk"         // a browser or device on which many users have signed in
	reviewAlias  = "alias_refused" // a public key wanted to merge two known people
)

func reviewID(kind string, n *node) heed.ID {
	return heed.Identifier{Namespace: "review:" + kind, Value: string(n.hash[:])}.Hash()
}

func (s *Stage) review(ctx context.Context, tx db.Tx, kind string, n *node, e *heed.Event) error {
	_, err := tx.Exec(ctx, "identity.put_review", reviewID(kind, n), kind, n.hash[:], e.ReceivedAt)
	return err
}

// reviewFlags opens the items whose reason has come up and drops the open ones whose reason has gone.
func (s *Stage) reviewFlags(ctx context.Context, tx db.Tx, n *node, was, now int64, e *heed.Event) error {
	for _, k := range [...]struct {
		bit  int64
		kind string
	}{{sharedID, reviewShared}, {capped, reviewCapped}, {kiosk, reviewKiosk}} {
		switch {
		case now&k.bit != 0 && was&k.bit == 0:
			if err := s.review(ctx, tx, k.kind, n, e); err != nil {
				return err
			}
		case now&k.bit == 0 && was&k.bit != 0:
			if _, err := tx.Exec(ctx, "identity.drop_review", reviewID(k.kind, n)); err != nil {
				return err
			}
		}
	}
	return nil
}
