package segment

import (
	"slices"
	"strings"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/rule"
)

// State is where a segment stands.
type State string

// The states.
const (
	Waiting  State = "waiting"  // history is being counted; membership stands still
	Filling  State = "filling"  // it holds from now on, and everyone is looked at once
	Live     State = "live"     // kept true
	Removing State = "removing" // no longer wanted; its members leave quietly
)

// Building says whether the segment is not complete yet.
func (s State) Building() bool { return s == Waiting || s == Filling }

// node is something whose answer is kept true: a segment, or the lifecycle ladder.
type node struct {
	name  string
	rule  *rule.Rule // nil for the ladder
	rungs []Rung
	state State
	loud  bool // enters with events although it is filling
	deps  rule.Deps
}

// active says whether the node is asked at all.
func (n *node) active() bool { return n.state == Filling || n.state == Live }

// set is everything that the rules of the moment need, indexed by what can touch it. It does not change.
type set struct {
	nodes   []node // in an order in which nothing asks about what comes after it
	index   *rule.Index
	watches []watch
	// Bit sets of nodes, by what touches them.
	byCounter [][]uint64 // index of a counter
	byNode    [][]uint64 // the nodes that ask about this one
	timed     []uint64
	all       []uint64
	known     map[string]bool // every segment that there is, also one that cannot be read
	counts    map[string]bool // the counters of the index, by id
	retired   retirements
}

// watch is a part of the document whose change touches nodes.
type watch struct {
	aspect rule.Aspect // 0: the trait
	trait  string
	nodes  []uint64
}

func newSet(nodes []node, counters []rule.CounterSpec, known map[string]bool) *set {
	s := &set{nodes: inOrder(nodes), index: rule.NewIndex(counters), known: known, counts: map[string]bool{}}
	words := (len(s.nodes) + 63) / 64
	bits := func() []uint64 { return make([]uint64, words) }
	s.timed, s.all = bits(), bits()
	counterAt := map[string]int{}
	for i := range counters {
		counterAt[counters[i].ID] = i
		s.counts[counters[i].ID] = true
		s.byCounter = append(s.byCounter, bits())
	}
	at := map[string]int{}
	for i := range s.nodes {
		at[s.nodes[i].name] = i
		s.byNode = append(s.byNode, bits())
	}
	watches := map[watchKey][]uint64{}
	for i := range s.nodes {
		n := &s.nodes[i]
		if !n.active() {
			continue
		}
		set1(s.all, i)
		if n.deps.Timed {
			set1(s.timed, i)
		}
		for _, id := range n.deps.Counters {
			if j, ok := counterAt[id]; ok {
				set1(s.byCounter[j], i)
			}
		}
		for _, name := range n.deps.Segments {
			if j, ok := at[name]; ok {
				set1(s.byNode[j], i)
			}
		}
		keys := make([]watchKey, 0, 8)
		for _, t := range n.deps.Traits {
			keys = append(keys, watchKey{trait: t})
		}
		for a := rule.Aspect(1); a != 0 && a <= rule.AspectKnown; a <<= 1 {
			if n.deps.Aspects&a != 0 {
				keys = append(keys, watchKey{aspect: a})
			}
		}
		for _, k := range keys {
			if watches[k] == nil {
				watches[k] = bits()
			}
			set1(watches[k], i)
		}
	}
	for k, nodes := range watches {
		s.watches = append(s.watches, watch{aspect: k.aspect, trait: k.trait, nodes: nodes})
		if j, ok := at[""]; ok && k.aspect == rule.AspectStage {
			or(s.byNode[j], nodes)
		}
	}
	slices.SortFunc(s.watches, func(a, b watch) int { return strings.Compare(a.trait, b.trait)*2 + int(a.aspect) - int(b.aspect) })
	return s
}

type watchKey struct {
	aspect rule.Aspect
	trait  string
}

func set1(bits []uint64, i int) { bits[i/64] |= 1 << (i % 64) }

func or(into, from []uint64) {
	for i, w := range from {
		into[i] |= w
	}
}

// inOrder sorts nodes so that each comes after what it asks about. A circle, which CheckSpec refuses, is cut where it
// is first met.
func inOrder(nodes []node) []node {
	slices.SortFunc(nodes, func(a, b node) int { return strings.Compare(a.name, b.name) })
	at := map[string]int{}
	for i := range nodes {
		at[nodes[i].name] = i
	}
	var out []node
	done := make([]bool, len(nodes))
	var visit func(i int)
	visit = func(i int) {
		if done[i] {
			return
		}
		done[i] = true
		asks := nodes[i].deps.Segments
		if nodes[i].deps.Aspects&rule.AspectStage != 0 {
			asks = append(slices.Clone(asks), "")
		}
		for _, name := range asks {
			if j, ok := at[name]; ok {
				visit(j)
			}
		}
		out = append(out, nodes[i])
	}
	for i := range nodes {
		visit(i)
	}
	return out
}

// print is a fingerprint of a part of the document: when it is the same, so is the part.
func (w *watch) print(p *heed.Person) uint64 {
	switch w.aspect {
	case 0:
		t, ok := p.Traits[w.trait]
		if !ok {
			return 0
		}
		return hash(uint64(t.At)+1, string(t.Value))
	case rule.AspectConsents:
		var sum uint64
		for k, c := range p.Consents {
			sum += hash(hash(uint64(c.At), string(c.State)), k)
		}
		return sum
	case rule.AspectBlocked:
		var sum uint64
		for k, b := range p.Blocked {
			sum += hash(uint64(b.At), k)
		}
		return sum
	case rule.AspectPreferences:
		x := &p.Preferences
		h := hash(hash(hash(1, x.Channel), x.Zone), x.Locale)
		for _, t := range x.Topics {
			h = hash(h, t)
		}
		h++
		for _, t := range x.Muted {
			h = hash(h, t)
		}
		return h
	case rule.AspectOrders:
		o := &p.Orders
		return mix(mix(mix(mix(1, uint64(o.Count)), uint64(int64(o.Revenue*1e6))), uint64(o.First)), uint64(o.Last))
	case rule.AspectCases:
		h := uint64(len(p.Cases))
		for i := range p.Cases {
			h = mix(mix(h, uint64(p.Cases[i].Opened)), uint64(p.Cases[i].Closed))
		}
		return h
	case rule.AspectMoments:
		h := uint64(len(p.Moments))
		for i := range p.Moments {
			h = hash(mix(h, uint64(p.Moments[i].At)), p.Moments[i].Name)
		}
		return h
	case rule.AspectPromises:
		h := uint64(len(p.Promises))
		for i := range p.Promises {
			h = mix(h, uint64(p.Promises[i].Due))
		}
		return h
	case rule.AspectStage:
		return hash(uint64(p.StageSince), p.Stage)
	case rule.AspectFirstSeen:
		return uint64(p.FirstSeen)
	case rule.AspectLastSeen:
		return uint64(p.LastSeen)
	}
	return uint64(p.Known)
}

func mix(h, v uint64) uint64 {
	h = (h ^ v) * 0x9e3779b97f4a7c15
	return h ^ h>>29
}

// hash takes eight bytes at a time.
func hash(h uint64, s string) uint64 {
	h = mix(h, uint64(len(s)))
	for len(s) >= 8 {
		h = mix(h, uint64(s[0])|uint64(s[1])<<8|uint64(s[2])<<16|uint64(s[3])<<24|uint64(s[4])<<32|uint64(s[5])<<40|uint64(s[6])<<48|uint64(s[7])<<56)
		s = s[8:]
	}
	var v uint64
	for i := 0; i < len(s); i++ {
		v = v<<8 | uint64(s[i])
	}
	return mix(h, v)
}
