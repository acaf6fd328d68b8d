package channel

import (
	"encoding/json"
	"strconv"

	"github.com/heedcx/heed"
)

// PersonNamespace is the namespace of the identifier by which a Feedback event names its person: the value is the
// person's id. Identity resolves it (through merges) without making it one of the person's identifiers.
const PersonNamespace = "person_id"

// Names of Feedback events besides the states of a message.
const (
	Opened       = "opened"
	Clicked      = "clicked"
	Unsubscribed = "unsubscribed"        // Properties: see Feedback.Consents
	Preferences  = "preferences_changed" // Properties: see Feedback.Preferences
)

// Feedback is what the properties of a Feedback event hold, as JSON.
type Feedback struct {
	Message heed.ID `json:"message,omitzero"`
	Person  heed.ID `json:"person,omitzero"`
	Channel string  `json:"channel,omitempty"`
	Purpose string  `json:"purpose,omitempty"`
	Journey string  `json:"journey,omitempty"`
	Address string  `json:"address,omitempty"`
	// Hard tells a bounce for good (suppress the address) from one that may pass.
	Hard     bool   `json:"hard,omitempty"`
	Detail   string `json:"detail,omitempty"`
	Provider string `json:"provider,omitempty"`
	URL      string `json:"url,omitempty"` // clicked
	// Consents and Preferences are what the person said on our pages.
	Consents    []ConsentSaid   `json:"consents,omitempty"`
	Preferences *PreferenceSaid `json:"preferences,omitempty"`
}

// ConsentSaid is one answer, with its evidence.
type ConsentSaid struct {
	Purpose string            `json:"purpose"`
	Channel string            `json:"channel"` // "" is every channel
	State   heed.ConsentState `json:"state"`
	Act     string            `json:"act"`   // what they did
	Where   string            `json:"where"` // the page
	Text    string            `json:"text"`  // the words that they were shown
}

// PreferenceSaid replaces the preferences that it names; nil leaves one as it is.
type PreferenceSaid struct {
	Channel *string   `json:"channel,omitempty"`
	Topics  *[]string `json:"topics,omitempty"`
	Muted   *[]string `json:"muted,omitempty"`
	NoTrack *bool     `json:"no_track,omitempty"`
}

// Event makes the Feedback event of that name. The same key gives the same message id, so that a repeated report
// counts once.
func (f Feedback) Event(name, key string, at heed.Time) heed.Event {
	body, err := json.Marshal(f)
	if err != nil { // strings, booleans and ids always encode
		body = []byte("{}")
	}
	e := heed.Event{
		Type: heed.Feedback, Name: name, MessageID: "feedback:" + f.Message.String() + ":" + name,
		Source: "heed", Timestamp: at, ReceivedAt: at, Properties: body,
		Channel: f.Channel, Direction: heed.Outbound, Touchpoint: "Message",
	}
	if key != "" {
		e.MessageID += ":" + key
	}
	switch name {
	case Opened, Clicked, Unsubscribed, Preferences, string(heed.MessageComplained):
		e.Direction = heed.Inbound
	}
	if !f.Person.IsZero() {
		e.IDs = []heed.Identifier{{Namespace: PersonNamespace, Value: f.Person.String()}}
	}
	return e
}

// outcome is the event for a result; false when the result is not one that others need to know.
func outcome(c heed.Claimed, r heed.SendResult) (heed.Event, bool) {
	if r.State == heed.MessageReserved || r.State == heed.MessageSending {
		return heed.Event{}, false
	}
	f := Feedback{
		Message: r.ID, Person: c.Message.Person, Channel: c.Message.Channel, Purpose: c.Message.Purpose, Journey: c.Message.Journey,
		Address: c.Message.Address, Hard: r.State == heed.MessageBounced, Detail: r.Detail, Provider: r.Provider,
	}
	// The attempt is part of the key: an operator may have an unknown one sent again.
	return f.Event(string(r.State), strconv.Itoa(c.Message.Attempts), r.At), true
}
