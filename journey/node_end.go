package journey

import "encoding/json"

// endNode ends the run: `end: true`, or `end: {reason: bought}` to tell ends apart in the counts.
type endNode struct{ reason string }

func buildEnd(c *compiler, _ *place, raw json.RawMessage) node {
	if string(raw) == "true" {
		return &endNode{reasonDone}
	}
	var d struct {
		Reason string `json:"reason"`
	}
	if !c.decode(raw, &d) {
		return nil
	}
	if d.Reason == "" || len(d.Reason) > 60 {
		c.failf("reason", "write end: true, or end: {reason: WORD}")
	}
	return &endNode{d.Reason}
}

func (n *endNode) links() []string   { return nil }
func (n *endNode) why() string       { return "" }
func (n *endNode) arrive(*step) move { return end(n.reason) }
func (n *endNode) look(*step) move   { return still() }
