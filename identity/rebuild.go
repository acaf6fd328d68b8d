package identity

import (
	"bytes"
	"context"
	"slices"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
)

// Node is one identifier as it stands in the graph, for those who look at all of it.
type Node struct {
	heed.Identifier
	Person heed.ID
	Flags  string // of contested, capped, kiosk, shared
}

// Graph returns every identifier that belongs to somebody, by its hash.
func Graph(ctx context.Context, q db.Querier) ([]Node, error) {
	s := &Stage{config: Default()}
	var out []Node
	err := s.eachNode(ctx, q, func(n *node) error {
		if !n.person.IsZero() {
			out = append(out, Node{n.id, n.person, flagNames(n.flags)})
		}
		return nil
	})
	return out, err
}

func flagNames(f int64) string {
	s := ""
	for _, x := range [...]struct {
		bit  int64
		name string
	}{{contested, "contested "}, {capped, "capped "}, {kiosk, "kiosk "}, {sharedID, "shared "}} {
		if f&x.bit != 0 {
			s += x.name
		}
	}
	return s
}

const page = 5000

func (s *Stage) eachNode(ctx context.Context, q db.Querier, f func(*node) error) error {
	var after heed.ID
	for {
		rows, err := q.Query(ctx, "identity.all_nodes", after[:], page)
		if err != nil {
			return err
		}
		var got []*node
		for rows.Next() {
			n, err := s.scanNode(rows)
			if err != nil {
				rows.Close()
				return err
			}
			got = append(got, n)
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return err
		}
		for _, n := range got {
			if err := f(n); err != nil {
				return err
			}
			after = n.hash
		}
		if len(got) < page {
			return nil
		}
	}
}

// allEdges is the whole evidence: the links of the nodes, and what was said by hand.
func allEdges(ctx context.Context, q db.Querier, nodes map[heed.ID]*node) ([]edge, error) {
	var out []edge
	for _, n := range nodes {
		n.evidence(func(e edge) { out = append(out, e) })
	}
	for after := int64(0); ; {
		rows, err := q.Query(ctx, "identity.edges", after, page)
		if err != nil {
			return nil, err
		}
		n := 0
		for rows.Next() {
			e, err := scanEdge(rows)
			if err != nil {
				rows.Close()
				return nil, err
			}
			out = append(out, e)
			after = e.n
			n++
		}
		err = rows.Err()
		rows.Close()
		if err != nil || n < page {
			return out, err
		}
	}
}

// Rebuild works out from the evidence alone who belongs to whom, and writes what differs. A person keeps their id
// where the identifier that stood for them did; people that a rebuild joins or parts are reported as changes of keys,
// not as merges: memory follows with `heed replay`. It reads the whole graph and holds it in memory (about 300 bytes an
// identifier), so it is for repairs.
func (s *Stage) Rebuild(ctx context.Context, tx db.Tx) error {
	c, err := LoadConfig(ctx, tx)
	if err != nil {
		return err
	}
	s.reset()
	s.config, s.revision = c, -1
	if err := s.eachNode(ctx, tx, func(n *node) error { s.nodes[n.hash] = n; return nil }); err != nil {
		return err
	}
	edges, err := allEdges(ctx, tx, s.nodes)
	if err != nil {
		return err
	}
	var hashes []heed.ID
	for h := range s.nodes {
		hashes = append(hashes, h)
	}
	slices.SortFunc(hashes, func(a, b heed.ID) int { return bytes.Compare(a[:], b[:]) })
	e := &heed.Event{Source: "rebuild"}
	for _, c := range components(hashes, s.nodes, edges) {
		if err := s.settle(ctx, tx, e, c.nodes, c.edges, nil); err != nil {
			return err
		}
	}
	if err := s.flush(ctx, tx); err != nil {
		return err
	}
	s.out = nil
	return s.flushChanges(ctx, tx)
}

type component struct {
	nodes map[heed.ID]*node
	edges []edge
}

// components parts the graph into what hangs together by any evidence, followed or not.
func components(hashes []heed.ID, nodes map[heed.ID]*node, edges []edge) []*component {
	root := make(map[heed.ID]heed.ID, len(nodes))
	find := func(h heed.ID) heed.ID {
		for root[h] != h {
			root[h] = root[root[h]]
			h = root[h]
		}
		return h
	}
	for _, h := range hashes {
		root[h] = h
	}
	for _, e := range edges {
		if nodes[e.a] != nil && nodes[e.b] != nil {
			root[find(e.a)] = find(e.b)
		}
	}
	of := map[heed.ID]*component{}
	var out []*component
	for _, h := range hashes {
		r := find(h)
		if of[r] == nil {
			of[r] = &component{nodes: map[heed.ID]*node{}}
			out = append(out, of[r])
		}
		of[r].nodes[h] = nodes[h]
	}
	for _, e := range edges {
		if nodes[e.a] != nil && nodes[e.b] != nil {
			c := of[find(e.a)]
			c.edges = append(c.edges, e)
		}
	}
	return out
}
