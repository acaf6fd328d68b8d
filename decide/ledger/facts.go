package ledger

import (
	"encoding/json"

	"github.com/heedcx/heed"
)

// Decided is what the properties of a MessageDecided event hold, as JSON.
type Decided struct {
	Message heed.ID   `json:"message"`
	Outcome string    `json:"outcome"`
	Reason  string    `json:"reason"`
	Rule    string    `json:"rule,omitempty"`
	Text    string    `json:"text"`
	Until   heed.Time `json:"until,omitempty"`
	Channel string    `json:"channel"`
	Purpose string    `json:"purpose"`
	Topic   string    `json:"topic,omitempty"`
	Journey string    `json:"journey,omitempty"`
	Node    string    `json:"node,omitempty"`
	Run     heed.ID   `json:"run,omitzero"`
}

// decided makes the MessageDecided event: Name is the outcome, Ref the message.
func decided(in *heed.Intent, d heed.Decision, now heed.Time) heed.Event {
	props, err := json.Marshal(Decided{Message: in.ID, Outcome: string(d.Outcome), Reason: d.Reason, Rule: d.Rule, Text: d.Text, Until: d.Until,
		Channel: in.Channel, Purpose: in.Purpose, Topic: in.Topic, Journey: in.Journey, Node: in.Node, Run: in.Run})
	if err != nil { // strings and ids always encode
		props = []byte("{}")
	}
	return heed.Event{Type: heed.MessageDecided, Person: in.Person, Name: string(d.Outcome), Ref: in.ID, Channel: in.Channel,
		Direction: heed.Outbound, Timestamp: now, ReceivedAt: now, Properties: props, Intent: in}
}
