package journey

import (
	"encoding/json"

	"github.com/heedcx/heed"
)

// holdoutDoc is a node that keeps some people out, to measure what the journey does for the others:
//
//	holdout: {percent: 10}, or holdout: 10
//
// The held go to then, or leave with reason holdout. Who is held is fixed by person and journey, so all holdouts of one
// journey hold the same people; the fact says so.
type holdoutDoc struct {
	Percent float64 `json:"percent"`
}

type holdout struct {
	at    *place
	share float64
}

func buildHoldout(c *compiler, at *place, raw json.RawMessage) node {
	var d holdoutDoc
	if json.Unmarshal(raw, &d.Percent) != nil && !c.decode(raw, &d) {
		return nil
	}
	if d.Percent <= 0 || d.Percent >= 100 {
		c.failf("percent", "want more than 0 and less than 100, got %v", d.Percent)
	}
	return &holdout{at: at, share: d.Percent / 100}
}

func (n *holdout) links() []string { return []string{n.at.next, n.at.then} }
func (n *holdout) why() string     { return "" }

func (n *holdout) arrive(x *step) move {
	if !held(x.p.ID, x.plan.name, n.share) {
		return next(n.at.next)
	}
	x.held = true
	if n.at.then != "" {
		return next(n.at.then)
	}
	return end(reasonHoldout)
}

// held says whether a person is in the held-out share of a journey.
func held(p heed.ID, journey string, part float64) bool { return share(p, journey, "holdout") < part }

func (n *holdout) look(*step) move { return still() }
