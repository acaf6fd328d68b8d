package collect

import (
	"context"
	"log/slog"
	"time"

	"github.com/heedcx/heed"
	"github.com/heedcx/heed/internal/clock"
	"github.com/heedcx/heed/stream"
)

// The limits of the Segment spec, after decompression.
const (
	MaxEventBytes  = 32 << 10
	MaxBatchBytes  = 500 << 10
	MaxBatchEvents = 2500
	// maxSpread bounds what merging a batch's context into each of its events may make of a request.
	maxSpread = 8 << 20
)

// Limits of single values.
const (
	maxID    = 256 // bytes of an identifier
	maxName  = 512 // bytes of an event's name, a touchpoint, a department
	maxWord  = 64  // bytes of a channel, a namespace
	maxIDs   = 20  // further identifiers of one event
	maxRaw   = 64 << 10
	maxShown = 100 // refusals that an answer spells out
)

// Source is whom a write key stands for: what events that come with it say unless they say it themselves.
type Source struct {
	Name string
	// Public keys are in everyone's browser. They may link an anonymous visitor to a known person and nothing more;
	// every event needs a userId or an anonymousId.
	Public     bool
	Touchpoint string
	Channel    string
	Direction  heed.Direction // "" is inbound
	Department string
}

// Keys knows the write keys. It is asked once per request and must not do I/O.
type Keys interface {
	// WriteKey returns the source of a key that may be used now.
	WriteKey(key string) (Source, bool)
}

// Sink takes events; stream.Writer is one.
type Sink interface {
	// Write returns once all the events are on disk, or an error. It keeps nothing of them afterwards.
	Write(ctx context.Context, events []heed.Event) (stream.Position, error)
}

// Rejects keeps what cannot be taken, with the reason, so that it can be found and repaired.
type Rejects interface {
	// Reject stores the letters. Their Event is always valid JSON: what is not arrives as a JSON string.
	Reject(ctx context.Context, letters []stream.DeadLetter) error
}

// Duplicates tells which message ids a source has sent within the last 72 h.
type Duplicates interface {
	// Seen answers per id.
	Seen(ctx context.Context, source string, messageIDs []string) ([]bool, error)
}

// Options of a [Handler]. Keys, Sink, Rejects, Clock and Log are needed.
type Options struct {
	Keys    Keys
	Sink    Sink
	Rejects Rejects
	Clock   clock.Clock
	Log     *slog.Logger
	// Duplicates, if any, is asked by EventsHandler, so that its answer can say "duplicate". The worker drops
	// duplicates whatever the answer is.
	Duplicates Duplicates
	// PublicURL is what browsers call us, such as https://events.example.com. Empty takes the request's own host.
	PublicURL string
	// MaxInFlight bounds the bytes of all bodies under way; past it the answer is 429. 0 takes 256 MiB.
	MaxInFlight int64
	// Timeout bounds one Write. 0 takes 10 s.
	Timeout time.Duration
	// Observer, if any, sees what was taken in and what was refused, after it is on disk. It must not keep the
	// events, nor block: a live debugger.
	Observer func(src Source, events []heed.Event, refused []Refusal)
}

// Refusal is why an event was not taken.
type Refusal struct {
	Index   int    `json:"index"`           // of the event in its batch
	Field   string `json:"field,omitempty"` // such as batch[17].userId
	Message string `json:"message"`
	ID      string `json:"messageId,omitempty"`
	Code    string `json:"-"` // for counters: syntax, type, too_large, missing, value
}

func (r *Refusal) Error() string {
	if r.Field == "" {
		return r.Message
	}
	return r.Field + ": " + r.Message
}
