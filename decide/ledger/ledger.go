package ledger

import (
	"context"
	_ "embed"
	"log/slog"
	"sync"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/db"
	"github.com/heedcx/heed/decide"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/internal/spec"
)

// Queries are the statements of this package.
//
//go:embed queries.sql
var Queries string

// People reads and writes the documents of people; profile satisfies it.
type People interface {
	// Load returns the documents of ids, locked until the transaction ends; it waits for whoever holds them. It locks
	// in the order of ids, whatever order they come in. Who does not exist is left out.
	Load(ctx context.Context, tx db.Tx, ids []heed.ID) (map[heed.ID]*heed.Person, error)
	// Save writes documents that Load returned in the same transaction.
	Save(ctx context.Context, tx db.Tx, people []*heed.Person) error
}

// Options of a Ledger. DB, Clock and People are needed.
type Options struct {
	DB     db.DB
	Clock  clock.Clock
	People People
	// Language reads the texts of relationship rules; nil takes package rule.
	Language decide.Language
	// Owner names this process among those that share the state store, the same after a restart.
	Owner string
	// Notify puts events on the stream: what was refused when a sender wanted it comes back to journeys as a Feedback
	// event "dropped". Nil: nobody is told, but the ledger and history are.
	Notify func(ctx context.Context, events []heed.Event) error
	// Reserved, if any, is called when a batch has committed that reserved messages of the channel, so that a sender
	// looks at once. It must not block.
	Reserved func(channel string)
	Logger   *slog.Logger
}

// Ledger keeps decisions and messages. It is safe for concurrent use.
type Ledger struct {
	db     db.DB
	clock  clock.Clock
	people People
	lang   decide.Language
	owner  string
	notify func(ctx context.Context, events []heed.Event) error
	wake   func(channel string) // may be nil
	log    *slog.Logger

	ids sequence

	mu       sync.Mutex
	policy   *decide.Policy
	revision int64
	doubt    map[string][]heed.ID // by channel

	fresh fresh
}

// New makes a Ledger.
func New(o Options) *Ledger {
	l := &Ledger{db: o.DB, clock: o.Clock, people: o.People, lang: o.Language, owner: o.Owner, notify: o.Notify, wake: o.Reserved, log: o.Logger, revision: -1, doubt: map[string][]heed.ID{}}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	if l.lang == nil {
		l.lang = decide.Rules
	}
	return l
}

// Policy returns the brand's policy as of the given revision of its specs.
func (l *Ledger) Policy(ctx context.Context, q db.Querier, revision int64) (*decide.Policy, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.policy != nil && l.revision == revision {
		return l.policy, nil
	}
	var docs []decide.Doc
	for _, kind := range decide.Kinds() {
		specs, err := spec.Latest(ctx, q, kind)
		if err != nil {
			return nil, err
		}
		docs = append(docs, docsOf(specs)...)
	}
	o, errs := decide.Compile(docs, l.lang)
	for _, err := range errs { // plan refuses such specs, so this is a rule that an older version had accepted
		l.log.Error("a spec cannot be understood; what it is about does not go", "error", err)
	}
	l.policy, l.revision = o, revision
	return o, nil
}

// current is Policy as of now.
func (l *Ledger) current(ctx context.Context, q db.Querier) (*decide.Policy, error) {
	revision, err := spec.Revision(ctx, q)
	if err != nil {
		return nil, err
	}
	return l.Policy(ctx, q, revision)
}

func docsOf(specs []spec.Spec) []decide.Doc {
	docs := make([]decide.Doc, 0, len(specs))
	for _, s := range specs {
		docs = append(docs, decide.Doc{Kind: s.Kind, Name: s.Name, Body: s.Body})
	}
	return docs
}
