package identity

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/heedcx/heed"
)

// Flags of a node. The bits from refusedShift on count how many links were refused there.
const (
	contested = 1 << iota // somewhere among everything it is linked to, a link was refused
	capped                // its person has as many identifiers of a namespace as one may have
	kiosk                 // more user ids were seen with it than one customer's device sees
	sharedID              // a contact identifier that two people whom we know use

	refusedShift = 8
)

// node is one identifier in memory.
type node struct {
	id     heed.Identifier
	hash   heed.ID
	person heed.ID // zero: not assigned yet
	flags  int64
	links  []link // only on the lesser end of a link: to whom
	prio   int
	limit  int
	anon   bool
	gen    int64     // how often its person was erased
	erased heed.Time // events received until then belong to nobody
	stored bool
	dirty  bool
	listed bool // in Stage.changed
	moved  bool // its person changed in this batch
}

// stamp orders evidence the same way whatever its order of arrival: by when it happened, then by message id.
type stamp struct {
	at  heed.Time
	tie uint64
}

func (s stamp) before(o stamp) bool { return s.at < o.at || s.at == o.at && s.tie < o.tie }

// stampOf is FNV-1a over source and message id: any fixed function will do, it only breaks ties.
func stampOf(e *heed.Event) stamp {
	h := uint64(14695981039346656037)
	for i := range len(e.Source) {
		h = (h ^ uint64(e.Source[i])) * 1099511628211
	}
	h = (h ^ 0xff) * 1099511628211
	for i := range len(e.MessageID) {
		h = (h ^ uint64(e.MessageID[i])) * 1099511628211
	}
	return stamp{e.Timestamp, h >> 1} // engines have signed integers
}

// link is the earliest evidence for one pair.
type link struct {
	to     heed.ID
	public bool
	source uint8 // see maxSources; 0: not known
	stamp  stamp
}

const linkSize = 16 + 1 + 8 + 8

func packLinks(links []link) []byte {
	b := make([]byte, 0, len(links)*linkSize)
	for _, l := range links {
		b = append(b, l.to[:]...)
		p := l.source << 1
		if l.public {
			p |= 1
		}
		b = append(b, p)
		b = binary.BigEndian.AppendUint64(b, uint64(l.stamp.at))
		b = binary.BigEndian.AppendUint64(b, l.stamp.tie)
	}
	return b
}

func unpackLinks(b []byte) []link {
	if len(b) < linkSize {
		return nil
	}
	links := make([]link, 0, len(b)/linkSize)
	for ; len(b) >= linkSize; b = b[linkSize:] {
		links = append(links, link{
			to: heed.ID(b[:16]), public: b[16]&1 == 1, source: b[16] >> 1,
			stamp: stamp{heed.Time(binary.BigEndian.Uint64(b[17:])), binary.BigEndian.Uint64(b[25:])},
		})
	}
	return links
}

// evidence hands on what the node's links say, as edges.
func (n *node) evidence(each func(edge)) {
	for _, l := range n.links {
		if !l.to.IsZero() {
			each(edge{a: l.to, b: n.hash, kind: kindLink, public: l.public, from: l.source, stamp: l.stamp})
		}
	}
}

// find returns the link to that node that says the same.
func (n *node) find(to heed.ID, public bool) *link {
	for i := range n.links {
		if n.links[i].to == to && n.links[i].public == public {
			return &n.links[i]
		}
	}
	return nil
}

// better says whether n goes before o when one of them must stand for a person.
func (n *node) better(o *node) bool {
	if n.prio != o.prio {
		return n.prio < o.prio
	}
	if n.id.Namespace != o.id.Namespace {
		return n.id.Namespace < o.id.Namespace
	}
	return string(n.hash[:]) < string(o.hash[:])
}

// newPerson is the id of the person who begins with this identifier: the same events give the same ids.
func (n *node) newPerson(received heed.Time) heed.ID {
	if n.gen == 0 {
		return heed.MakeID(received, [10]byte(n.hash[:10]))
	}
	return heed.MakeID(received, tail(n.hash, "gen", uint64(n.gen)))
}

// splitPerson is the id of the person whom a contradiction makes of a group that n stands for.
func (n *node) splitPerson(received heed.Time, from heed.ID) heed.ID {
	return heed.MakeID(received, tail(n.hash, "split"+string(from[:]), uint64(n.gen)))
}

func tail(h heed.ID, what string, n uint64) [10]byte {
	b := append(append([]byte(nil), h[:]...), what...)
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(b, n))
	return [10]byte(sum[:10])
}

// group is everything that belongs to one person.
type group struct {
	nodes  []*node
	counts []nsCount
	known  bool // has an identifier that is not anonymous
	users  bool // has a user id
}

type nsCount struct {
	ns       string
	n, limit int
}

func (g *group) add(n *node) {
	g.nodes = append(g.nodes, n)
	g.known = g.known || !n.anon
	g.users = g.users || n.id.Namespace == heed.UserID
	for i := range g.counts {
		if g.counts[i].ns == n.id.Namespace {
			g.counts[i].n++
			return
		}
	}
	g.counts = append(g.counts, nsCount{n.id.Namespace, 1, n.limit})
}

// reason says why a link is not followed.
type reason uint8

const (
	fine reason = iota
	twoUsers
	twoKnown // evidence that is too weak to join two people whom we know
	full     // one more would pass the namespace's limit
	cut      // somebody has cut them apart
)

// may says whether evidence may join two groups.
func may(a, b *group, weak bool) reason {
	if a.users && b.users {
		return twoUsers
	}
	if weak && a.known && b.known {
		return twoKnown
	}
	for i := range a.counts {
		for j := range b.counts {
			if a.counts[i].ns == b.counts[j].ns && a.counts[i].n+b.counts[j].n > a.counts[i].limit {
				return full
			}
		}
	}
	return fine
}

func (g *group) absorb(o *group) {
	for _, n := range o.nodes {
		g.add(n)
	}
}
