package identity

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/heedcx/heed"
)

// The kinds of edges.
const (
	kindLink  = "link"  // seen together
	kindMerge = "merge" // somebody with the right to has said that they are one
	kindCut   = "cut"   // somebody has cut them apart; holds until a later merge or uncut
	kindUncut = "uncut" // takes a cut back
)

// edge is one piece of evidence between two identifiers; a is the better end.
type edge struct {
	n       int64 // order of arrival; 0 in memory
	a, b    heed.ID
	kind    string
	public  bool
	stamp   stamp
	from    uint8  // of a link: the number of its source
	source  string // of what was said by hand
	message string
	seq     uint64
}

// refusal is a link that was not followed.
type refusal struct {
	edge
	why reason
}

type pair [2]heed.ID

func pairOf(a, b heed.ID) pair {
	if bytes.Compare(a[:], b[:]) > 0 {
		a, b = b, a
	}
	return pair{a, b}
}

// canon works out who belongs together, as a pure function of the identifiers and the evidence between them:
//
// the evidence is taken in the order in which things happened (not arrived), and each piece joins its two sides. A merge
// by hand always does, unless cut since. A link does unless that would put two user ids, two sides of a cut, or more
// identifiers than a namespace's limit into one person, or would join two people whom we know on weak evidence (an
// anonymous id, a public key).
//
// It is Kruskal's algorithm with refusals. Edges may come in any order and more than once.
func canon(nodes map[heed.ID]*node, edges []edge) (groups []*group, refused []refusal) {
	of := make(map[heed.ID]*group, len(nodes))
	for h, n := range nodes {
		g := &group{}
		g.add(n)
		of[h] = g
	}
	cuts := activeCuts(edges)
	apart := func(a, b *group) bool {
		if len(cuts) == 0 {
			return false
		}
		for p := range cuts {
			if x, y := of[p[0]], of[p[1]]; x == a && y == b || x == b && y == a {
				return true
			}
		}
		return false
	}
	for _, e := range earliest(edges) {
		a, b := of[e.a], of[e.b]
		if a == nil || b == nil || a == b {
			continue
		}
		why := fine
		if apart(a, b) {
			why = cut
		} else if e.kind == kindLink {
			why = may(a, b, e.weak(nodes))
		}
		if why != fine {
			refused = append(refused, refusal{e, why})
			continue
		}
		if len(a.nodes) < len(b.nodes) {
			a, b = b, a
		}
		a.absorb(b)
		for _, n := range b.nodes {
			of[n.hash] = a
		}
	}
	seen := make(map[*group]bool, len(of))
	for _, g := range of {
		if !seen[g] {
			seen[g] = true
			groups = append(groups, g)
		}
	}
	for _, g := range groups {
		slices.SortFunc(g.nodes, func(x, y *node) int {
			if x.better(y) {
				return -1
			}
			return 1
		})
	}
	slices.SortFunc(groups, func(x, y *group) int { return bytes.Compare(x.nodes[0].hash[:], y.nodes[0].hash[:]) })
	// What ended on one side after all was no contradiction.
	refused = slices.DeleteFunc(refused, func(r refusal) bool { return of[r.a] == of[r.b] })
	return groups, refused
}

func (e *edge) weak(nodes map[heed.ID]*node) bool {
	return e.public || nodes[e.a].anon || nodes[e.b].anon
}

// earliest keeps the first evidence of each kind for each pair, in the order of the stamps.
func earliest(edges []edge) []edge {
	out := make([]edge, 0, len(edges))
	for _, e := range edges {
		if e.kind == kindLink || e.kind == kindMerge {
			out = append(out, e)
		}
	}
	public := func(e *edge) int {
		if e.public {
			return 1
		}
		return 0
	}
	slices.SortFunc(out, func(x, y edge) int {
		return cmp.Or(cmp.Compare(x.stamp.at, y.stamp.at), cmp.Compare(x.stamp.tie, y.stamp.tie),
			bytes.Compare(x.a[:], y.a[:]), bytes.Compare(x.b[:], y.b[:]), cmp.Compare(x.kind, y.kind), public(&x)-public(&y))
	})
	type same struct {
		a, b   heed.ID
		kind   string
		public bool
	}
	seen := make(map[same]bool, len(out))
	return slices.DeleteFunc(out, func(e edge) bool {
		k := same{e.a, e.b, e.kind, e.public}
		had := seen[k]
		seen[k] = true
		return had
	})
}

// activeCuts are the pairs that were cut and not joined again by hand since.
func activeCuts(edges []edge) map[pair]bool {
	var cuts map[pair]bool
	var last map[pair]edge
	for _, e := range edges {
		if e.kind != kindCut && e.kind != kindUncut {
			continue
		}
		if cuts == nil {
			cuts, last = map[pair]bool{}, map[pair]edge{}
		}
		p := pairOf(e.a, e.b)
		if was, ok := last[p]; ok && (e.stamp.before(was.stamp) || e.stamp == was.stamp && e.n < was.n) {
			continue
		}
		last[p] = e
		if e.kind == kindCut {
			cuts[p] = true
		} else {
			delete(cuts, p)
		}
	}
	return cuts
}
