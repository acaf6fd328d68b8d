package ledger

import (
	"bytes"
	"cmp"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/decide"
	"github.com/heedcx/heed/stream"
)

// MaxHeld bounds the messages that wait for one person. A document is read and written with each of the person's events,
// and whoever has fifty messages waiting will never get them all.
const MaxHeld = 50

// crowd drops what is held beyond MaxHeld: the lowest priority first, and of the same the one that has waited longest,
// because it will be stale first.
func (w *work) crowd(b *stream.Batch, p *heed.Person) {
	for len(p.Pending) > MaxHeld {
		out := 0
		for i := range p.Pending {
			if lessHeld(&p.Pending[i], &p.Pending[out]) {
				out = i
			}
		}
		id := p.Pending[out].Message
		p.Pending = append(p.Pending[:out], p.Pending[out+1:]...)
		p.Dirty = true
		if m := w.messages[id]; m != nil && m.State == heed.MessageHeld {
			w.decided(b, p, &decide.Candidate{Intent: &m.Intent, Waited: true}, heed.Decision{Outcome: heed.Drop, Reason: decide.Crowded,
				Text: "dropped: so many messages wait for them already, and this one matters least"})
		}
	}
}

// lessHeld says whether a goes before b when there are too many.
func lessHeld(a, b *heed.Pending) bool {
	return cmp.Or(cmp.Compare(a.Priority, b.Priority), cmp.Compare(a.Since, b.Since), bytes.Compare(a.Message[:], b.Message[:])) < 0
}
