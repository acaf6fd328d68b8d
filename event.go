package heed

import "crypto/sha256"

// RawJSON is one valid JSON value as it arrived; empty means absent. Whoever decodes an [Event] owns the bytes
// for the length of one batch: copy what is kept longer.
type RawJSON []byte

// Type says what kind of fact an [Event] is.
type Type uint8

// The types. The first six are the Segment spec's; the others are Heed's own and never come from a write key.
const (
	Track Type = iota + 1
	Identify
	Page
	Screen
	Group
	Alias
	// Commands on the identity graph, by API key or console.
	MergePeople // UserID or IDs name both sides: see identity
	SplitPerson // IDs are cut off from the person they belong to
	ErasePerson // forget the person behind the identifiers
	// Feedback is what a channel learned of a message: Name is an outcome (sent, delivered, bounced, ...).
	Feedback
	// SendMessage asks for one message, by API key: Properties are an Intent; see docs/decide.md. It becomes a
	// MessageWanted of whoever its identifiers name.
	SendMessage
)

// Derived types are made inside a worker's transaction and are not on the events stream. They count from 64, so that
// a type added above does not change what stored facts mean: append to either list, never insert.
const (
	Wake           Type = iota + 64 // the time is Timestamp: re-evaluate the person
	PeopleMerged                    // Loser has become Person
	SegmentEntered                  // Name is the segment
	SegmentLeft                     // Name is the segment
	StageChanged                    // Name is the new lifecycle stage
	MessageWanted                   // Intent says which
	MessageDecided                  // Name is the outcome; Ref the message; Source, if any, who decided it and wants none for now
	// MessageWithdrawn takes back what a journey run wanted and has not sent yet; Ref is the run
	MessageWithdrawn
	RunChanged   // Name is what happened to the journey run; Ref the run
	TaskWanted   // Name is the title
	PersonErased // the person is gone; stages delete what they hold
	// BroadcastTurn says that a broadcast has come to the person; Name is the broadcast, Ref the message that is wanted,
	// zero when the person is held out or not meant any more.
	BroadcastTurn
	maxType
)

var typeNames = [maxType]string{
	Track: "track", Identify: "identify", Page: "page", Screen: "screen", Group: "group", Alias: "alias",
	MergePeople: "merge", SplitPerson: "split", ErasePerson: "erase", Feedback: "feedback", SendMessage: "send_message",
	Wake: "wake", PeopleMerged: "people_merged", SegmentEntered: "segment_entered", SegmentLeft: "segment_left",
	StageChanged: "stage_changed", MessageWanted: "message_wanted", MessageDecided: "message_decided", MessageWithdrawn: "message_withdrawn",
	RunChanged: "run_changed", TaskWanted: "task_wanted", PersonErased: "person_erased", BroadcastTurn: "broadcast_turn",
}

func (t Type) String() string {
	if t < maxType {
		return typeNames[t]
	}
	return "unknown"
}

// ParseType reads the name of a type; 0 if there is no such type.
func ParseType(s string) Type {
	for t, n := range typeNames {
		if n == s && n != "" {
			return Type(t)
		}
	}
	return 0
}

// Derived says whether the type is made inside a worker rather than read from the stream.
func (t Type) Derived() bool { return t >= Wake }

// Event is one thing that happened, as it arrived and after its clock was corrected.
type Event struct {
	Type      Type
	Public    bool   // came with a public write key: may link anonymous to known, nothing more
	MessageID string // unique per source for 72 h
	Source    string // name of the source that sent it
	// Timestamp is when it happened by our clock (skew corrected); ReceivedAt when we took it.
	Timestamp  Time
	ReceivedAt Time

	UserID      string
	AnonymousID string
	PreviousID  string       // alias: the id that becomes UserID
	GroupID     string       // group: the account
	IDs         []Identifier // further identifiers: e-mail and phone from traits, devices, custom ids

	// Name is the event's name (track), the page's or screen's, or as the type says.
	Name       string
	Properties RawJSON // an object: properties (track, page, screen) or traits (identify, group)
	Context    RawJSON // an object; a batch's context is merged in

	// Its place in the customer's experience, from the source's defaults and what the event says itself.
	Touchpoint string    // where it happened: "Checkout", "Store till", "Help page"
	Channel    string    // web, app, email, phone, shop, community, product, billing
	Direction  Direction // who spoke
	Department string    // whose touchpoint it is

	// Where it lies in the stream: Seq counts envelopes, Index the events in one.
	Partition int
	Seq       uint64
	Index     int

	// Person is set by identity. Zero: the event belongs to nobody (a till sale without a card).
	Person ID
	// The rest is set on derived events only.
	Loser  ID
	Ref    ID
	Intent *Intent
}

// Namespaces of identifiers. A brand may add custom ones, written as any other word.
const (
	UserID      = "user_id"
	AnonymousID = "anonymous_id"
	Email       = "email"
	Phone       = "phone"
	Device      = "device"
)

// Identifier is one id of a person in one namespace, already normalised.
type Identifier struct {
	Namespace string `json:"namespace"`
	Value     string `json:"value"`
}

// Hash is a stable key of the identifier: the first 16 bytes of SHA-256 over namespace, a zero byte and value.
func (i Identifier) Hash() ID {
	buf := make([]byte, 0, 96)
	buf = append(buf, i.Namespace...)
	buf = append(buf, 0)
	buf = append(buf, i.Value...)
	sum := sha256.Sum256(buf)
	return ID(sum[:16])
}

// String is NAMESPACE:VALUE, as the API takes it.
func (i Identifier) String() string { return i.Namespace + ":" + i.Value }
