package journey

import "encoding/json"

// branchDoc is one way out of a branch:
//
//	branch: [{when: 'trait plan is "pro"', then: pro}, {when: 'did "Order Completed" within 30d', then: buyer}]
//	else: rest
type branchDoc struct {
	When ruleDoc `json:"when"`
	Then string  `json:"then"`
}

// branch takes the first way whose rule holds; else, or the next node, when none does.
type branch struct {
	at   *place
	ways []branchWay
}

type branchWay struct {
	when *condition
	then string
}

func buildBranch(c *compiler, at *place, raw json.RawMessage) node {
	var d []branchDoc
	if !c.decode(raw, &d) {
		return nil
	}
	if len(d) == 0 || len(d) > 50 {
		c.failf("", "want 1 to 50 ways, each with when and then")
	}
	br := &branch{at: at}
	for _, w := range d {
		if len(w.When) == 0 || w.Then == "" {
			c.failf("", "each way needs when (a rule) and then (a node)")
			continue
		}
		br.ways = append(br.ways, branchWay{c.rule("", w.When), w.Then})
	}
	return br
}

func (n *branch) links() []string {
	out := []string{n.other()}
	for _, w := range n.ways {
		out = append(out, w.then)
	}
	return out
}

func (n *branch) why() string { return "" }

func (n *branch) other() string {
	if n.at.els != "" {
		return n.at.els
	}
	return n.at.next
}

func (n *branch) arrive(x *step) move {
	for _, w := range n.ways {
		if w.when.holds(x.p, x.e, x.now) {
			return next(w.then)
		}
	}
	return next(n.other())
}

func (n *branch) look(*step) move { return still() }
