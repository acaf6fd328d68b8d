package journey

import "encoding/json"

// splitDoc is one arm of a split:
//
//	split: [{weight: 80, then: short}, {weight: 20, then: long}]
type splitDoc struct {
	Weight float64 `json:"weight"`
	Then   string  `json:"then"`
}

// split divides people by chance, and the same person always the same way.
type split struct {
	at   *place
	arms []splitDoc
	sum  float64
}

func buildSplit(c *compiler, at *place, raw json.RawMessage) node {
	n := &split{at: at}
	if !c.decode(raw, &n.arms) {
		return nil
	}
	if len(n.arms) < 2 || len(n.arms) > 50 {
		c.failf("", "want 2 to 50 arms, each with weight and then")
	}
	for _, a := range n.arms {
		if a.Weight < 0 || a.Weight > 1e6 || a.Then == "" {
			c.failf("", "each arm needs weight (0 to 1000000) and then (a node)")
		}
		n.sum += a.Weight
	}
	if n.sum <= 0 {
		c.failf("", "the weights add up to nothing")
	}
	return n
}

func (n *split) links() []string {
	var out []string
	for _, a := range n.arms {
		out = append(out, a.Then)
	}
	return out
}

func (n *split) why() string { return "" }

func (n *split) arrive(x *step) move {
	return next(n.arm(share(x.p.ID, x.plan.name, n.at.id)))
}

func (n *split) arm(at float64) string {
	at *= n.sum
	to := ""
	for _, a := range n.arms {
		if a.Weight == 0 {
			continue
		}
		to = a.Then
		if at < a.Weight {
			return to
		}
		at -= a.Weight
	}
	return to // rounding: the last arm that takes anyone
}

func (n *split) look(*step) move { return still() }
