package api

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/netip"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/internal/account"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/spec"
)

// Deps is what the API asks. DB, Clock and Accounts are needed. An operation whose dependency is nil answers 503, so that
// a process without, say, history still serves the rest.
type Deps struct {
	DB       db.DB
	Clock    clock.Clock
	Log      *slog.Logger // nil: silent
	Accounts *account.Service
	// Checks are the stages' checkers of specs, by kind. Nothing that one refuses is stored.
	Checks spec.Checks

	// PublicURL is how browsers reach us. With https, cookies are Secure and HSTS is sent.
	PublicURL string
	// TrustedProxies may say in X-Forwarded-For who the client is.
	TrustedProxies []netip.Prefix
	// PerMinute bounds the requests of one key, user or unknown client, a minute. 0 takes 6,000; below 0 is no bound.
	PerMinute int
	// Version of the program, for the document.
	Version string

	People       People
	Briefs       Briefs
	Interactions Interactions
	Decisions    Decisions
	Messages     Messages
	Segments     Segments
	Audience     Audience
	Journeys     Journeys
	Broadcasts   Broadcasts
	Templates    Templates
	Studio       Studio
	Decider      Decider
	Commands     Commands
	Reviews      Reviews
	Insight      Insight
	Overview     Overviewer
	Imports      Imports
	// MaxImport bounds the bytes of a file that is handed in; 0 takes 4 GiB.
	MaxImport   int64
	DeadLetters DeadLetters
	Mailbox     Mailbox
	Live        Live
	Changes     Changes
	DataDeps
	AdminDeps
	// Events is the collector's handler of POST /api/v1/events. The request's context says who asks: see WhoFrom.
	Events http.Handler
}

// People finds customers. A lookup that finds nobody is a heed.NotFound.
type People interface {
	// Find returns the person behind an identifier, which arrives as the caller wrote it and is to be normalised.
	Find(ctx context.Context, id heed.Identifier) (*heed.Person, error)
	// Get returns a person by id. It follows merges: the answer may have another id.
	Get(ctx context.Context, id heed.ID) (*heed.Person, error)
	// Identifiers returns the identifiers of a person, the best first.
	Identifiers(ctx context.Context, id heed.ID) ([]heed.Identifier, error)
	// List returns one page.
	List(ctx context.Context, q PeopleQuery) (PeopleFound, error)
	// Search returns people whose name, e-mail address, phone number or order number begins with the text, best first.
	Search(ctx context.Context, text string, limit int) ([]*heed.Person, error)
}

// PeopleQuery selects people. Empty fields do not filter.
type PeopleQuery struct {
	Rule    string // in the rule language
	Segment string
	Stage   string
	After   string // what List returned as next
	Limit   int
}

// PeopleFound is one page of people.
type PeopleFound struct {
	People []*heed.Person
	Next   string  // where the next page begins, "" at the end
	Looked *Looked // nil: the page is full, or the last one
}

// Looked is how far a list came that looks at people one by one.
type Looked struct {
	People int64 `json:"people" doc:"How many people this page has looked at."`
	Of     int64 `json:"of" doc:"How many people all pages together look at."`
}

// Briefs writes the page about a person for whoever meets them next.
type Briefs interface {
	Brief(ctx context.Context, id heed.ID) (Brief, error)
}

// Interactions reads what happened with one person.
type Interactions interface {
	// Timeline returns the newest interactions that pass the filter, newest first, and a cursor for older ones.
	Timeline(ctx context.Context, person heed.ID, f TimelineFilter) (entries []TimelineEntry, next string, err error)
}

// TimelineFilter selects from a timeline. Empty fields do not filter; several values of one are alternatives.
type TimelineFilter struct {
	Types, Names, Channels, Departments, Directions, Sources, Touchpoints []string

	From, To heed.Time // from inclusive, to exclusive
	Before   string    // what Timeline returned as next
	Limit    int
}

// TimelineEntry is one interaction with what it carried.
type TimelineEntry struct {
	heed.Interaction
	Properties heed.RawValue
	MessageID  string  // of the event
	Ref        heed.ID // the message or journey run that it is about
}

// Decisions reads the ledger, newest first.
type Decisions interface {
	Decisions(ctx context.Context, q DecisionQuery) ([]LedgerEntry, error)
}

// DecisionQuery selects from the ledger. Empty fields do not filter.
type DecisionQuery struct {
	Person  heed.ID
	Message heed.ID
	Journey string
	Outcome string
	Reason  string
	Channel string
	Purpose string
	Since   heed.Time
	Until   heed.Time // exclusive
	Before  heed.ID   // entries with a smaller id
	Limit   int
}

// LedgerEntry is one decision with what it was about.
type LedgerEntry struct {
	ID       heed.ID
	At       heed.Time
	Intent   heed.Intent
	Class    heed.Class
	Decision heed.Decision
	Inputs   heed.RawJSON // what it was decided from, for a replay; may be empty
	Dry      bool         // asked without sending
}

// Messages reads messages, newest first.
type Messages interface {
	Messages(ctx context.Context, q MessageQuery) ([]heed.Message, error)
	Message(ctx context.Context, id heed.ID) (heed.Message, error)
}

// MessageQuery selects messages. Empty fields do not filter.
type MessageQuery struct {
	Person  heed.ID
	State   string
	Channel string
	Purpose string
	Journey string
	Before  heed.ID // messages with a smaller id
	Limit   int
}

// Segments knows who is in which segment.
type Segments interface {
	// Stats returns size and state of every segment, by name.
	Stats(ctx context.Context) (map[string]SegmentStat, error)
	// Members returns one page of a segment and where the next one begins.
	Members(ctx context.Context, name, after string, limit int) (members []Member, next string, err error)
	// Preview says whom a rule would hold for now. Its error for a rule that is wrong is heed.Invalid with field rule.
	Preview(ctx context.Context, rule string, sample int) (Preview, error)
}

// SegmentStat is the state of one segment.
type SegmentStat struct {
	People   int64
	Entered  int64   // in the last 7 days
	Left     int64   // in the last 7 days
	Progress float64 // of its backfill, 0..1; 1 when it is complete
	Note     string  // why it is not complete, for people
}

// Member is somebody in a segment. Person may be nil when only the id is at hand.
type Member struct {
	ID     heed.ID
	Since  heed.Time
	Person *heed.Person
}

// Preview is whom a rule would hold for.
type Preview struct {
	People int64 // how many
	Total  int64 // of how many
	Sample []*heed.Person
	Text   string // the rule in its readable form
	Exact  bool   // false: an estimate
	Low    int64  // of an estimate: its 95% confidence interval
	High   int64
	Asked  int64 // of an estimate: how many people were drawn
	Note   string
}

// Journeys runs journeys.
type Journeys interface {
	// Stats returns the counts of every journey, by name.
	Stats(ctx context.Context) (map[string]JourneyStat, error)
	// Nodes counts who is at and who passed each node. Version 0 is all versions together.
	Nodes(ctx context.Context, name string, version int) ([]NodeStat, error)
	// Runs returns the ways of people through journeys, the newest first.
	Runs(ctx context.Context, q RunQuery) (runs []JourneyRun, next string, err error)
	// Pause freezes a journey, or lets it go on.
	Pause(ctx context.Context, name string, paused bool, by string) error
	// Enter puts a person into a journey whose trigger is the API. Entry limits apply; a refusal is a heed.Conflict
	// that says which.
	Enter(ctx context.Context, e Entry) error
}

// JourneyStat counts the runs of one journey.
type JourneyStat struct {
	Active, Finished, Exited, Reached int64 // Reached: the goal
	Paused                            bool
}

// NodeStat counts the runs at one node.
type NodeStat struct {
	Node    string
	Here    int64 // are here now
	Passed  int64 // have gone on from here
	Version int
	Ended   map[string]int64 // runs that ended here, by why
}

// RunQuery selects runs. Empty fields do not filter.
type RunQuery struct {
	Journey string
	Node    string
	Status  string // active, paused, finished, exited
	Person  heed.ID
	After   string
	Limit   int
}

// JourneyRun is one person's way through one journey.
type JourneyRun struct {
	ID      heed.ID
	Person  heed.ID
	Journey string
	Version int
	Key     string
	Node    string
	Status  string
	Entered heed.Time
	Since   heed.Time // at this node
	Due     heed.Time
	Ended   heed.Time
	Reason  string // why it ended
}

// Entry asks to put somebody into a journey.
type Entry struct {
	Journey string
	Person  heed.ID
	Key     string
	Vars    heed.RawJSON
	By      string
}

// Decider answers "may I?" without sending.
type Decider interface {
	Decide(ctx context.Context, in heed.Intent) (heed.Decision, error)
}

// Commands changes people the way everything changes them: by events on the stream.
type Commands interface {
	// Do writes the events and returns when they have been applied, so that who asks next sees them. A heed.Unavailable
	// means that they are on disk but not applied in time.
	Do(ctx context.Context, events []heed.Event) error
}

// Reviews lists what identity wants a person to look at.
type Reviews interface {
	Reviews(ctx context.Context, after string, limit int) (items []Review, next string, err error)
	// Close takes an item off the list.
	Close(ctx context.Context, id heed.ID, by string) error
	// Open puts one that was closed back on it.
	Open(ctx context.Context, id heed.ID) error
}

// Review is a question about who is who.
type Review struct {
	ID         heed.ID
	Kind       string // shared, capped, kiosk, alias_refused
	Identifier heed.Identifier
	People     []heed.ID
	At         heed.Time
	Text       string
}

// Insight answers questions over history.
type Insight interface {
	// Catalogue lists the events that have been seen, the most frequent first.
	Catalogue(ctx context.Context) ([]KnownEvent, error)
	// Count counts events along one dimension.
	Count(ctx context.Context, q CountQuery) ([]Count, error)
}

// CountQuery asks how many events there were.
type CountQuery struct {
	By     string // day, hour, type, name, channel, department, direction, source, touchpoint
	Filter TimelineFilter
	Zone   string // IANA, for days and hours
	Limit  int
}

// Overviewer knows how things stand.
type Overviewer interface {
	Overview(ctx context.Context) (Overview, error)
}

// Imports lists imports, the newest first.
type Imports interface {
	Imports(ctx context.Context, limit int) ([]Import, error)
	// Import returns one; a heed.NotFound when there is none.
	Import(ctx context.Context, id heed.ID) (Import, error)
	// Upload checks the mapping, stores the file and queues its import. The file's own errors are returned as they are.
	Upload(ctx context.Context, f NewImport) (Import, error)
	// Begin makes an import of which the file comes piece by piece; a heed.Conflict when too many have been begun.
	Begin(ctx context.Context, f NewUpload, by string) (Import, error)
	// Append stores what comes after the first offset bytes, as far as it comes, also when it breaks off; the last piece
	// queues the import. A heed.Conflict when the file is not there yet or further, or takes no pieces.
	Append(ctx context.Context, id heed.ID, offset int64, piece io.Reader) (Import, error)
	// Cancel ends an import that waits or runs; a heed.Conflict when it has ended.
	Cancel(ctx context.Context, id heed.ID, by string) (Import, error)
	// Rejects opens the lines that were refused; a heed.NotFound when there are none.
	Rejects(ctx context.Context, id heed.ID) (io.ReadCloser, error)
}

// NewImport is a file on its way in.
type NewImport struct {
	Name    string // of the file; its ending tells the format
	Mapping string
	File    io.Reader
	By      string
}

// DeadLetters keeps what could not be processed.
type DeadLetters interface {
	DeadLetters(ctx context.Context, before string, limit int) (letters []DeadLetter, next string, err error)
	// Retry processes a letter again; the error says why it failed once more.
	Retry(ctx context.Context, id string) error
}

// Mailbox is the built-in mailbox of a demo.
type Mailbox interface {
	Mails(ctx context.Context, before string, limit int) (mails []Mail, next string, err error)
	Mail(ctx context.Context, id string) (Mail, error)
}

// Live hands out what happens while it happens.
type Live interface {
	// Subscribe returns a channel that is closed when ctx ends. A slow reader misses events; it is never waited for.
	Subscribe(ctx context.Context) (<-chan Happening, error)
}
