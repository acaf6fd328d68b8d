package journey

import (
	"fmt"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/spec"
)

// CheckSpec says what is wrong with a journey before it is published. The errors are *heed.Error whose Field is the path
// in the document, such as nodes[2].wait, and whose sentence names the node.
func CheckSpec(s spec.Spec, all spec.Set) []error {
	if all == nil {
		all = spec.Set{}
	}
	_, errs := compile(s, all)
	return errs
}

// links are all nodes that a run may go to from here.
func (at *place) links() []string {
	if at.node == nil {
		return nil
	}
	return at.node.links()
}

// graph checks how the nodes hang together: every link leads somewhere, every node can be reached, and time passes in
// every loop.
func (c *compiler) graph() {
	p := c.p
	for i, at := range p.places {
		for _, to := range at.links() {
			if to != "" && p.byID[to] == nil {
				c.errs = append(c.errs, heed.FieldErrorf(nodeField(i), "node %s: there is no node %q to go to", at.id, cut(to)))
			}
		}
	}
	if len(c.errs) > 0 || len(p.places) == 0 {
		return
	}
	reached := map[string]bool{}
	walk := []*place{p.places[0]}
	for len(walk) > 0 {
		at := walk[len(walk)-1]
		walk = walk[:len(walk)-1]
		if reached[at.id] {
			continue
		}
		reached[at.id] = true
		for _, to := range at.links() {
			if to != "" {
				walk = append(walk, p.byID[to])
			}
		}
	}
	for i, at := range p.places {
		if !reached[at.id] {
			c.errs = append(c.errs, heed.FieldErrorf(nodeField(i), "node %s: nobody can reach it: no node leads here", at.id))
		}
	}
	c.loops()
}

// loops looks for a way round that no waiting node is on.
func (c *compiler) loops() {
	const (
		unseen = iota
		open
		done
	)
	state := map[string]int{}
	var visit func(at *place) bool
	visit = func(at *place) bool {
		if at.waits || state[at.id] == done {
			return false
		}
		if state[at.id] == open {
			c.errs = append(c.errs, heed.FieldErrorf(nodeField(at.index), "node %s: people would go round here without ever waiting: put a wait into the loop", at.id))
			return true
		}
		state[at.id] = open
		for _, to := range at.links() {
			if to != "" && visit(c.p.byID[to]) {
				return true
			}
		}
		state[at.id] = done
		return false
	}
	for _, at := range c.p.places {
		if visit(at) {
			return
		}
	}
}

func nodeField(i int) string { return fmt.Sprintf("nodes[%d]", i) }
