package heed

import "time"

// Class says what a message may pass. It comes from its purpose.
type Class string

// The classes.
const (
	Critical  Class = "service_critical" // passes relationship rules, quiet hours and caps; each use is audited
	Service   Class = "service"          // about something the customer did or owns
	Marketing Class = "marketing"
	Survey    Class = "survey"
	Community Class = "community"
)

// Intent is a message that somebody wants to send to one person: what decide is asked about.
type Intent struct {
	ID       ID     `json:"id"` // becomes the message's id
	Person   ID     `json:"person"`
	Channel  string `json:"channel"`
	Purpose  string `json:"purpose"`
	Topic    string `json:"topic,omitempty"`
	Template string `json:"template,omitempty"`
	Priority int    `json:"priority,omitempty"` // higher wins
	// About ties the message to an experience, so that it may follow a good moment of that topic.
	About string `json:"about,omitempty"`
	// TTL bounds how long it may be held before it is stale. 0 takes the channel's default.
	TTL     Time     `json:"ttl,omitempty"`
	Journey string   `json:"journey,omitempty"`
	Version int      `json:"version,omitempty"`
	Node    string   `json:"node,omitempty"`
	Run     ID       `json:"run,omitzero"`
	Vars    RawValue `json:"vars,omitempty"` // for the template
	Asked   Time     `json:"asked"`
	By      string   `json:"by,omitempty"` // journey, broadcast:NAME, api, user name
}

// Outcome of a decision.
type Outcome string

// The outcomes.
const (
	Send Outcome = "send"
	Hold Outcome = "hold"
	Drop Outcome = "drop"
)

// Decision answers "may and should this message go now?".
type Decision struct {
	Outcome Outcome `json:"outcome"`
	Reason  string  `json:"reason"`          // a stable code: OK, NO_CONSENT, QUIET_HOURS, CAP, LOWER_PRIORITY, ...
	Rule    string  `json:"rule,omitempty"`  // the brand's rule that said so
	Text    string  `json:"text"`            // the same in plain words
	Until   Time    `json:"until,omitempty"` // Hold: decide again then
}

// MessageState is where a message stands.
type MessageState string

// The states of a message.
const (
	MessageHeld       MessageState = "held"
	MessageReserved   MessageState = "reserved" // decided, counted against caps, waiting for a sender
	MessageSending    MessageState = "sending"
	MessageSent       MessageState = "sent"
	MessageDelivered  MessageState = "delivered"
	MessageBounced    MessageState = "bounced"
	MessageComplained MessageState = "complained"
	MessageFailed     MessageState = "failed"
	MessageUnknown    MessageState = "unknown" // we crashed between handing it over and writing that down
	MessageDropped    MessageState = "dropped"
	MessageCanceled   MessageState = "canceled"
)

// Message is one contact with one person on one channel, on its way or done.
type Message struct {
	Intent
	Class    Class        `json:"class"`
	State    MessageState `json:"state"`
	Address  string       `json:"address,omitempty"` // where it goes: e-mail address, phone number, URL
	Made     Time         `json:"made"`
	Due      Time         `json:"due,omitempty"` // held: decide again then
	Expires  Time         `json:"expires,omitempty"`
	SentAt   Time         `json:"sent_at,omitempty"`
	Provider string       `json:"provider,omitempty"` // the id that the next hop gave it
	Detail   string       `json:"detail,omitempty"`   // the last answer of the channel, or why it was dropped
	Attempts int          `json:"attempts,omitempty"`
}

// Claimed is a message that a sender may deliver now, with the memory of its person as of the claim. The message's
// ID is its idempotency key.
type Claimed struct {
	Message Message
	Person  *Person
}

// SendResult is what came of handing a message to its channel.
type SendResult struct {
	ID       ID
	State    MessageState // sent, failed, or reserved with RetryAt set
	At       Time
	RetryAt  Time
	Provider string
	Detail   string
	Took     time.Duration // of the request that was made; 0 when none was
	Status   int           // the HTTP status of its answer; 0 without one
}
