package heed

// Person is the memory of one customer: everything that a decision about them may need, in one document.
// A worker loads it once per batch, folds events into it, and writes it once, under the lock of its row. Because
// caps, waits and held messages live here too, whoever holds the document can decide alone.
//
// The JSON keys are short because the document is written often; rule/ and docs/profile.md name them.
type Person struct {
	ID  ID    `json:"-"`
	Rev int64 `json:"-"` // counts writes; 0 means never stored
	// Wake is the next moment at which time alone may change something for this person; 0 is never. Stages lower it
	// with WakeBy; the worker clears it before it hands the person a Wake event.
	Wake Time `json:"-"`
	// Dirty is set by whoever changes the document; a clean one is not written.
	Dirty bool `json:"-"`

	FirstSeen Time `json:"fs,omitempty"`
	LastSeen  Time `json:"ls,omitempty"`
	// Known is since when we know who this is: an identifier other than an anonymous one or a device's. 0: we do not.
	Known Time `json:"kn,omitempty"`

	Stage      string       `json:"st,omitempty"`  // lifecycle stage, see profile/lifecycle.go
	StageSince Time         `json:"sts,omitempty"` // when it was entered
	StagePath  []StageEntry `json:"stp,omitempty"` // earlier stages, oldest first, the last 16

	Traits   map[string]Trait    `json:"t,omitempty"`
	Consents map[string]Consent  `json:"c,omitempty"` // key: ConsentKey(purpose, channel)
	Blocked  map[string]Blocked  `json:"b,omitempty"` // suppressions; key: channel, or channel:address
	Counters map[string]*Counter `json:"n,omitempty"` // key: Counter id, see rule.Counters
	Segments map[string]Member   `json:"g,omitempty"` // key: segment name
	// Counted is the revision of the specs up to which Counters has lost what no rule needed any more.
	Counted int64 `json:"nr,omitempty"`

	Preferences Preferences     `json:"p,omitzero"`
	Orders      Orders          `json:"o,omitzero"`
	Head        []Interaction   `json:"h,omitempty"`  // the last interactions, newest last, at most HeadSize
	Contacts    []Contact       `json:"m,omitempty"`  // messages reserved or sent, oldest first: what caps count
	Pending     []Pending       `json:"mp,omitempty"` // messages held for a later moment
	Runs        []Run           `json:"r,omitempty"`  // active journey runs
	Past        map[string]Ran  `json:"rp,omitempty"` // ended journey runs; key: journey, or journey/key
	Timers      map[string]Time `json:"jt,omitempty"` // when journeys that start by date or schedule come next; key: journey
	Cases       []OpenCase      `json:"k,omitempty"`  // unhappy moments that are still open
	Moments     []Moment        `json:"mo,omitempty"` // recent good and bad experiences, oldest first, the last 16
	Promises    []Promise       `json:"pr,omitempty"` // what we promised and have not kept yet

	// Gone holds what was taken back or done, and when, so that an older event that comes later does not bring it back.
	// Keys: "trait:" and the name, "promise:" and the id.
	Gone map[string]Time `json:"tg,omitempty"`
}

// HeadSize is how many interactions a person's document keeps; the history store has them all.
const HeadSize = 10

// WakeBy asks that the person be woken at t at the latest.
func (p *Person) WakeBy(t Time) {
	if t > 0 && t < Never && (p.Wake == 0 || t < p.Wake) {
		p.Wake, p.Dirty = t, true
	}
}

// Trait is one thing known of a person, with where and when it came from.
type Trait struct {
	Value  RawValue `json:"v"`
	At     Time     `json:"t"`
	Source string   `json:"s,omitempty"`
}

// RawValue is RawJSON that encodes as itself.
type RawValue string

// MarshalJSON implements json.Marshaler.
func (v RawValue) MarshalJSON() ([]byte, error) {
	if v == "" {
		return []byte("null"), nil
	}
	return []byte(v), nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (v *RawValue) UnmarshalJSON(b []byte) error { *v = RawValue(b); return nil }

// StageEntry is a lifecycle stage and when it was entered.
type StageEntry struct {
	Stage string `json:"s"`
	At    Time   `json:"t"`
}

// ConsentKey is the key of Person.Consents. Channel "" means every channel.
func ConsentKey(purpose, channel string) string { return purpose + "/" + channel }

// ConsentState is what the person said.
type ConsentState string

// The states. No entry at all means nobody asked, which is not a yes.
const (
	Granted ConsentState = "granted"
	Denied  ConsentState = "denied"
	Awaited ConsentState = "pending" // asked, a confirmation is outstanding (double opt-in)
)

// Consent is a permission with its evidence.
type Consent struct {
	State  ConsentState `json:"s"`
	At     Time         `json:"t"`
	Source string       `json:"src,omitempty"`
	Where  string       `json:"w,omitempty"`  // page, till, call: where they said so
	Act    string       `json:"a,omitempty"`  // what they did: ticked, clicked the link, told the agent
	Text   string       `json:"tx,omitempty"` // the words that they were shown
}

// Blocked is a suppression: nothing goes out on this channel (to this address), whatever consent says.
type Blocked struct {
	Reason string `json:"r"` // hard_bounce, complaint, manual, erased
	At     Time   `json:"t"`
}

// Counter counts the events that match one condition of some rule. Recent holds the latest timestamps, newest
// first, as many as the rules need to answer "at least n within d" exactly.
type Counter struct {
	N      int64  `json:"n"`
	First  Time   `json:"f,omitempty"`
	Last   Time   `json:"l,omitempty"`
	Recent []Time `json:"r,omitempty"`
}

// Member is a membership in a segment.
type Member struct {
	Since Time `json:"t"`
}

// Preferences are what the person asked for.
type Preferences struct {
	Channel string   `json:"c,omitempty"`  // preferred channel
	Topics  []string `json:"t,omitempty"`  // topics they want to hear about
	Muted   []string `json:"m,omitempty"`  // topics they do not
	Zone    string   `json:"z,omitempty"`  // IANA time zone
	Locale  string   `json:"l,omitempty"`  // BCP 47
	NoTrack bool     `json:"nt,omitempty"` // refuses open and click tracking
	// Said holds when each of these was last said ("channel", "topics", "muted", "zone", "locale", "no_track"). Zone
	// and locale that nobody said are what their device showed last, at the times below.
	Said       map[string]Time `json:"a,omitempty"`
	ZoneSeen   Time            `json:"zs,omitempty"`
	LocaleSeen Time            `json:"ls,omitempty"`
}

// Orders is what a person bought: the raw numbers of RFM. Recent holds hashes of the latest order ids, so that
// the lines of one order count once.
type Orders struct {
	Count   int64    `json:"n,omitempty"`
	Revenue float64  `json:"r,omitempty"` // in the brand's currency
	First   Time     `json:"f,omitempty"`
	Last    Time     `json:"l,omitempty"`
	Recent  []uint64 `json:"h,omitempty"`
}

// Direction of an interaction.
type Direction string

// The directions.
const (
	Inbound  Direction = "inbound"  // from the customer
	Outbound Direction = "outbound" // to the customer
)

// Interaction is an event placed in the customer's experience.
type Interaction struct {
	At         Time      `json:"at"`
	Type       string    `json:"type"`
	Name       string    `json:"name,omitempty"`
	Touchpoint string    `json:"touchpoint,omitempty"` // where it happened: "Checkout", "Store till", "Help page"
	Channel    string    `json:"channel,omitempty"`    // web, app, email, phone, shop, community, product, billing
	Direction  Direction `json:"direction,omitempty"`
	Department string    `json:"department,omitempty"` // marketing, service, product, sales, billing
	Source     string    `json:"source,omitempty"`
	Summary    string    `json:"summary,omitempty"` // one line for people
}

// Contact is one message reserved or sent.
type Contact struct {
	At      Time   `json:"t"`
	Message ID     `json:"i"`
	Channel string `json:"c"`
	Purpose string `json:"p"`
	Class   string `json:"k,omitempty"`
}

// Pending is a message held for a later moment.
type Pending struct {
	Message  ID     `json:"i"`
	Until    Time   `json:"u"` // decide again then
	Expires  Time   `json:"x"` // stale after
	Channel  string `json:"c"`
	Purpose  string `json:"p"`
	Priority int    `json:"pr,omitempty"`
	Since    Time   `json:"s"`
	Rule     string `json:"r,omitempty"`  // what held it
	Reason   string `json:"re,omitempty"` // the code of the decision that held it
	Journey  string `json:"j,omitempty"`
	Run      ID     `json:"ru,omitzero"`
}

// Run is one person's way through one journey.
type Run struct {
	ID      ID       `json:"i"`
	Journey string   `json:"j"`
	Version int      `json:"v"`
	Key     string   `json:"k,omitempty"` // keyed journeys: one run per key
	Node    string   `json:"n"`
	Since   Time     `json:"t"`           // at this node since
	Due     Time     `json:"d,omitempty"` // goes on then; 0 waits for an event only
	Entered Time     `json:"e"`
	Steps   int      `json:"st,omitempty"`
	Paused  bool     `json:"pa,omitempty"`
	Message ID       `json:"m,omitzero"`  // the message that the node waits for
	Vars    RawValue `json:"x,omitempty"` // the trigger's properties and what the nodes left
	Goal    Time     `json:"g,omitempty"` // when the journey's goal was reached, for goals that only mark
}

// Ran is what is kept of ended runs, for entry limits.
type Ran struct {
	N    int  `json:"n"`
	Last Time `json:"t"` // entry of the latest
}

// OpenCase is an unhappy moment that someone must put right. Closed ones stay for the recovery window.
type OpenCase struct {
	ID     string `json:"i"`
	Title  string `json:"ti,omitempty"`
	Opened Time   `json:"o"`
	Closed Time   `json:"c,omitempty"`
}

// Moment is a good or bad experience.
type Moment struct {
	At    Time   `json:"t"`
	Good  bool   `json:"g"`
	Name  string `json:"n"`
	Topic string `json:"to,omitempty"` // what it was about: a message that belongs to it may follow it
}

// Promise is something we said we would do.
type Promise struct {
	ID   string `json:"i"`
	Text string `json:"x"`
	Made Time   `json:"m"`
	Due  Time   `json:"d,omitempty"`
	By   string `json:"b,omitempty"` // who promised
}
