package broadcast

import (
	"crypto/sha256"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/draw"
)

// heldOut says whether a person is kept out of a broadcast to measure it. The same person is always held out of it or
// always not.
func (p *plan) heldOut(person heed.ID) bool {
	return p.holdout > 0 && draw.Share(person, p.name, "holdout") < p.holdout
}

// variant is the arm that a person is in, always the same one.
func (p *plan) variant(person heed.ID) variantDoc {
	at := draw.Share(person, p.name, "variant") * p.weights
	for _, v := range p.variants {
		if at < v.Weight {
			return v
		}
		at -= v.Weight
	}
	return p.variants[len(p.variants)-1] // rounding
}

// messageID is the id of the message that a broadcast, begun at that time, wants for a person: the same one however
// often it is asked for.
func messageID(broadcast string, begun heed.Time, person heed.ID) heed.ID {
	h := sha256.New()
	_, _ = h.Write([]byte("broadcast\x00" + broadcast + "\x00"))
	_, _ = h.Write(person[:])
	return heed.MakeID(begun, [10]byte(h.Sum(nil)[:10]))
}
